"""Accounts as an app: what allauth keeps of a second factor is sealed on its way to the database."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "yizhengtong.foundation.accounts"

    def ready(self) -> None:
        from yizhengtong.foundation.accounts.mfa import seal_authenticators

        seal_authenticators()
