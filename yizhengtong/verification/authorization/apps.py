"""The room's Django app, and what it follows.

With a person's working data goes what their wallets were allowed; with a lost account, and with the right to act for
somebody, ends what they had allowed.
"""

from django.apps import AppConfig


class AuthorizationConfig(AppConfig):
    name = "yizhengtong.verification.authorization"
    label = "authorization"

    def ready(self) -> None:
        from yizhengtong.foundation.events.journal import subscribe
        from yizhengtong.foundation.events.models import Event
        from yizhengtong.verification.authorization.forgetting import forget_grants
        from yizhengtong.verification.authorization.services import end_grants_of_account, end_grants_of_representatives

        def forget(event: Event) -> None:
            if event.person_id is not None:
                forget_grants(person_id=event.person_id)

        def end(event: Event) -> None:
            end_grants_of_account(account_id=event.object_id)

        def end_for(event: Event) -> None:
            if event.person_id is not None:
                end_grants_of_representatives(person_id=event.person_id)

        subscribe("authorization.deletions", frozenset({"privacy.deleted"}), forget)
        subscribe("authorization.recoveries", frozenset({"accounts.recovered"}), end)
        subscribe("authorization.representations", frozenset({"people.representation_ended"}), end_for)
