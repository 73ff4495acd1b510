"""Notifications as an app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "yizhengtong.foundation.notifications"
