"""The room's Django app: it follows what happens to issuer keys, and to leave to collect."""

from django.apps import AppConfig


class IssuanceConfig(AppConfig):
    name = "yizhengtong.credentials.issuance"
    label = "issuance"

    def ready(self) -> None:
        from yizhengtong.credentials.issuance import ending, renewing
        from yizhengtong.foundation.events.journal import subscribe

        subscribe("issuance", renewing.FOLLOWED, renewing.follow_key)
        subscribe("issuance.leave", ending.FOLLOWED, ending.follow_leave)
