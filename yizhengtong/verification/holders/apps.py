"""Registers the kinds of messages about checks, follows checks and answers, and adds to the copy of one's own data."""

from pathlib import Path

from django.apps import AppConfig


class HoldersConfig(AppConfig):
    name = "yizhengtong.verification.holders"
    label = "holders"

    def ready(self) -> None:
        from yizhengtong.foundation.events.journal import subscribe
        from yizhengtong.foundation.events.models import Event
        from yizhengtong.foundation.notifications.kinds import register
        from yizhengtong.registry.people.copies import add_part
        from yizhengtong.verification.holders import copying
        from yizhengtong.verification.holders.alerts import FOLLOWED, tell_of, wanted_among
        from yizhengtong.verification.holders.forgetting import forget_choice

        def forget(event: Event) -> None:
            if event.person_id is not None:
                forget_choice(person_id=event.person_id)

        register(Path(__file__).parent)
        subscribe("holders.alerts", FOLLOWED, tell_of, choose=wanted_among)
        subscribe("holders.deletions", frozenset({"privacy.deleted"}), forget)
        add_part("checks", copying.checks_in_copy)
        add_part("check_tickets", copying.tickets_in_copy)
        add_part("check_blocks", copying.blocks_in_copy)
        add_part("check_alerts", copying.alerts_in_copy)
