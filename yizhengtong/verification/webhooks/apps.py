"""The room's Django app: it follows what happens to permits, and to what their holders agreed to."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "yizhengtong.verification.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from yizhengtong.foundation.events.journal import subscribe
        from yizhengtong.verification.webhooks.following import FOLLOWED, note

        subscribe("webhooks", FOLLOWED, note)
