"""The room's Django app: templates, tags and static files."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "yizhengtong.foundation.pages"
    label = "pages"
