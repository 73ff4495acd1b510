"""Casework follows the law: when an edition comes into force, provisional deadlines are counted again."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "yizhengtong.permitting.casework"

    def ready(self) -> None:
        from django.utils import timezone

        from yizhengtong.foundation.events.journal import subscribe
        from yizhengtong.foundation.events.models import Event
        from yizhengtong.kernel.dates import legal_day
        from yizhengtong.permitting.casework.services.recomputing import recompute_provisional_deadlines

        def follow(_event: Event) -> None:
            recompute_provisional_deadlines(on=legal_day(timezone.now()))

        subscribe("casework.deadlines", frozenset({"law.edition_in_force"}), follow)
