"""The law as an app: which edition is in force is asked along with who asks."""

from django.apps import AppConfig


class LawConfig(AppConfig):
    name = "yizhengtong.law"

    def ready(self) -> None:
        from yizhengtong.foundation.scope import ask_along
        from yizhengtong.law.queries import EDITION_IN_FORCE, IN_FORCE

        ask_along(EDITION_IN_FORCE, IN_FORCE)
