"""Provision as an app: it gives the exchange the contents of the permits' events."""

from django.apps import AppConfig


class ProvisionConfig(AppConfig):
    name = "yizhengtong.rights.provision"

    def ready(self) -> None:
        from yizhengtong.foundation.exchange.contents import provide
        from yizhengtong.rights.provision.permits import DATASCHEMA, NAMES, content_of

        provide(subject="permit", names=NAMES, dataschema=DATASCHEMA, provider=content_of)
