"""Settlement as an app: its tables."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "yizhengtong.permitting.settlement"
