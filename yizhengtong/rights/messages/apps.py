"""Registers the kinds of messages and follows the events that become messages."""

from pathlib import Path

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "yizhengtong.rights.messages"
    label = "rights_messages"

    def ready(self) -> None:
        from yizhengtong.foundation.events.journal import subscribe
        from yizhengtong.foundation.notifications.kinds import register
        from yizhengtong.rights.messages.telling import TOLD, tell_of

        register(Path(__file__).parent)
        subscribe("messages", frozenset(TOLD), tell_of)
