"""A desk with every officer in a browser."""

from yizhengtong.sites.desk.tests.conftest import desk

__all__ = ["desk"]
