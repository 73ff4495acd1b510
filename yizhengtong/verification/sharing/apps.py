"""The room's Django app, what it follows and what it tells.

With a person's working data go their codes; with a lost account end those it made; of a code that wrong birth dates
ended its holder is told.
"""

from pathlib import Path

from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "yizhengtong.verification.sharing"
    label = "sharing"

    def ready(self) -> None:
        from yizhengtong.foundation.events.journal import subscribe
        from yizhengtong.foundation.events.models import Event
        from yizhengtong.foundation.notifications.kinds import register
        from yizhengtong.registry.consents.given import add_provider
        from yizhengtong.registry.people.copies import add_part
        from yizhengtong.verification.sharing.forgetting import forget_person
        from yizhengtong.verification.sharing.queries import copy_of, given_by
        from yizhengtong.verification.sharing.reading import ENDED_BY_WRONG_TRIES
        from yizhengtong.verification.sharing.services import end_codes_of_account
        from yizhengtong.verification.sharing.telling import tell_of_end

        def forget(event: Event) -> None:
            if event.person_id is not None:
                forget_person(person_id=event.person_id)

        def end(event: Event) -> None:
            end_codes_of_account(account_id=event.object_id, at=event.at)

        register(Path(__file__).parent)
        subscribe("sharing.messages", frozenset({ENDED_BY_WRONG_TRIES}), tell_of_end)
        subscribe("sharing.deletions", frozenset({"privacy.deleted"}), forget)
        subscribe("sharing.recoveries", frozenset({"accounts.recovered"}), end)
        add_part("share_codes", copy_of)
        add_provider("sharing", given_by)
