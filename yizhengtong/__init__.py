"""Yizhengtong (一证通): a residence-permit platform. The house plan is in docs/architecture.md."""

__version__ = "0.1.0"
