"""What registers confirmed is told to whoever decides."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "yizhengtong.permitting.applications"

    def ready(self) -> None:
        from yizhengtong.permitting.applications.confirmed import answer_from
        from yizhengtong.permitting.applications.confirming import confirmations_of

        answer_from(confirmations_of)
