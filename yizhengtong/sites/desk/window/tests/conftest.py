"""The desk's own fixtures, for the tests of the window."""

from yizhengtong.sites.desk.tests.conftest import desk

__all__ = ["desk"]
