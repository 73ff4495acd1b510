"""The vault as an app: keys exist as soon as its tables do."""

from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate


class VaultConfig(AppConfig):
    name = "yizhengtong.foundation.vault"

    def ready(self) -> None:
        post_migrate.connect(_found_keys, sender=self, dispatch_uid="vault.found_keys")


def _found_keys(**_signal: Any) -> None:
    from yizhengtong.foundation.vault.keys import found_keys
    from yizhengtong.foundation.vault.models import DataKey

    if DataKey._meta.db_table in connection.introspection.table_names():  # not when migrated back to nothing
        found_keys()
