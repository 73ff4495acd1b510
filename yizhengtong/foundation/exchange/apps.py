"""The exchange as an app. It follows the events whose contents rooms above give (`contents.provide`)."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "yizhengtong.foundation.exchange"
