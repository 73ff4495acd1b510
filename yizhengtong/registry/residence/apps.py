"""What residence follows: reports that come in, reporters who are verified, persons who register a number."""

from django.apps import AppConfig


class ResidenceConfig(AppConfig):
    name = "yizhengtong.registry.residence"

    def ready(self) -> None:
        from collections.abc import Callable
        from uuid import UUID

        from yizhengtong.foundation.events.journal import subscribe
        from yizhengtong.foundation.events.models import Event
        from yizhengtong.registry.residence import matching

        def match_one(report_id: UUID) -> None:
            matching.match_report(report_id=report_id)

        handlers: dict[str, Callable[[UUID], None]] = {
            "residence.report_received": match_one,
            "residence.reporter_verified": matching.match_reports_of_reporter,
            "people.number_added": matching.match_reports_of_number,
        }

        def match(event: Event) -> None:
            handlers[event.kind](event.object_id)

        subscribe("residence.reports", frozenset(handlers), match)
