"""What casework follows: editions of the law, and permits that end before their card is handed over."""

from django.apps import AppConfig

_ENDS = frozenset({"permits.void", "permits.replace", "permits.convert", "permits.end_functions"})
"""Events after which the card of a permit is no longer handed over."""


class CaseworkConfig(AppConfig):
    name = "yizhengtong.permitting.casework"

    def ready(self) -> None:
        from django.utils import timezone

        from yizhengtong.foundation.events.journal import subscribe
        from yizhengtong.foundation.events.models import Event
        from yizhengtong.kernel.dates import legal_day
        from yizhengtong.permitting.casework.services.handing import close_case_of_ended_permit
        from yizhengtong.permitting.casework.services.recomputing import recompute_provisional_deadlines

        def count_again(_event: Event) -> None:
            recompute_provisional_deadlines(on=legal_day(timezone.now()))

        def close(event: Event) -> None:
            close_case_of_ended_permit(permit_id=event.object_id, on=legal_day(event.at))

        subscribe("casework.deadlines", frozenset({"law.edition_in_force"}), count_again)
        subscribe("casework.cards", _ENDS, close)
