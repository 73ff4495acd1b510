"""The desk of the small city."""

from yizhengtong.sites.desk.tests.conftest import desk

__all__ = ["desk"]
