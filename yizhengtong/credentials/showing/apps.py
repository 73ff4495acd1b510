"""The room's Django app."""

from django.apps import AppConfig


class ShowingConfig(AppConfig):
    name = "yizhengtong.credentials.showing"
    label = "showing"
