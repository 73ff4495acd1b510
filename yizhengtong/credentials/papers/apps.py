"""The room's Django app."""

from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "yizhengtong.credentials.papers"
    label = "papers"
