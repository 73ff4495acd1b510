"""The room's Django app."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "yizhengtong.permitting.oversight"
