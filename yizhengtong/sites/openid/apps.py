"""The site's Django app: its templates and words."""

from django.apps import AppConfig


class OpenIDSiteConfig(AppConfig):
    name = "yizhengtong.sites.openid"
    label = "openid_site"
