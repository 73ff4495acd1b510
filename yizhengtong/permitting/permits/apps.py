"""What permits follow: consents that are taken back."""

from django.apps import AppConfig


class PermitsConfig(AppConfig):
    name = "yizhengtong.permitting.permits"

    def ready(self) -> None:
        from yizhengtong.foundation.accounts.principals import SYSTEM
        from yizhengtong.foundation.events.journal import subscribe
        from yizhengtong.foundation.events.models import Event
        from yizhengtong.permitting.permits.banking import forget_bank_accounts

        def forget(event: Event) -> None:
            if event.person_id is not None:
                forget_bank_accounts(person_id=event.person_id, by=SYSTEM)

        subscribe("permits.bank_accounts", frozenset({"consents.withdraw"}), forget)
