"""The room's Django app: it follows what happens to permits and to the keys that sign the lists."""

from django.apps import AppConfig


class StatusConfig(AppConfig):
    name = "yizhengtong.credentials.status"
    label = "status"

    def ready(self) -> None:
        from yizhengtong.credentials.status.following import FOLLOWED, note_change
        from yizhengtong.foundation.events.journal import subscribe

        subscribe("status", FOLLOWED, note_change)
