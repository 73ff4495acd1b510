"""The site's Django app: its templates and words."""

from django.apps import AppConfig


class WalletSiteConfig(AppConfig):
    name = "yizhengtong.sites.wallet"
    label = "wallet_site"
