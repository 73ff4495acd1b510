"""The room's Django app: keys exist as soon as its tables do, in production once the operator prepares it."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connection
from django.db.models.signals import post_migrate


class KeysConfig(AppConfig):
    name = "yizhengtong.credentials.keys"
    label = "keys"

    def ready(self) -> None:
        post_migrate.connect(_found_keys, sender=self, dispatch_uid="keys.found_keys")


def _found_keys(**_signal: Any) -> None:
    from yizhengtong.credentials.keys.models import IssuerKey
    from yizhengtong.credentials.keys.services import found_keys

    is_there = IssuerKey._meta.db_table in connection.introspection.table_names()
    if is_there and not settings.YZT_PRODUCTION:  # there an operator founds them, with what it takes at hand: prepare
        found_keys(by=None)
