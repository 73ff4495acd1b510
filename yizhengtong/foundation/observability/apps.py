"""Watches every connection as soon as Django stands."""

from django.apps import AppConfig


class ObservabilityConfig(AppConfig):
    name = "yizhengtong.foundation.observability"

    def ready(self) -> None:
        from yizhengtong.foundation.observability.statements import watch_connections

        watch_connections()
