"""The room's Django app, what it follows and what it tells.

With a person's working data goes what was agreed and who they signed in to; with a lost account end its sign-ins; with
a consent that is withdrawn for a use of the law ends what was agreed for that purpose.
"""

from typing import Any

from django.apps import AppConfig


class OpenIDConfig(AppConfig):
    name = "yizhengtong.verification.openid"
    label = "openid"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out

        from yizhengtong.foundation.events.journal import subscribe
        from yizhengtong.foundation.events.models import Event
        from yizhengtong.registry.consents.given import add_provider
        from yizhengtong.registry.people.copies import add_part
        from yizhengtong.verification.openid.forgetting import forget_person
        from yizhengtong.verification.openid.queries import copy_of, given_by
        from yizhengtong.verification.openid.services import (
            end_consents_of_use,
            end_sign_ins_of_account,
            end_sign_ins_of_session,
        )

        def forget(event: Event) -> None:
            if event.person_id is not None:
                forget_person(person_id=event.person_id)

        def end(event: Event) -> None:
            end_sign_ins_of_account(account_id=event.object_id)

        def withdraw(event: Event) -> None:
            if event.person_id is not None:
                end_consents_of_use(person_id=event.person_id, use=str(event.facts.get("use", "")))

        def signed_out(request: Any, user: Any, **_signal: Any) -> None:
            token = request.session.session_key if request is not None else None
            if user is not None and token:
                end_sign_ins_of_session(account_id=user.pk, token=token)

        subscribe("openid.deletions", frozenset({"privacy.deleted"}), forget)
        subscribe("openid.recoveries", frozenset({"accounts.recovered"}), end)
        subscribe("openid.withdrawals", frozenset({"consents.withdraw"}), withdraw)
        add_provider("openid", given_by)
        add_part("sign_in_consents", copy_of)
        user_logged_out.connect(signed_out, dispatch_uid="openid.signed_out", weak=False)
