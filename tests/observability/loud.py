"""The settings of a platform that says everything it can: every logger at its lowest level."""

from yizhengtong.project.settings import *  # noqa: F403
from yizhengtong.project.settings import LOGGING

YZT_SLOW_STATEMENT_MS = 0  # every statement is slow
LOGGING = {
    **LOGGING,
    "root": {"handlers": ["console"], "level": "DEBUG"},
    "loggers": {
        name: {"level": "DEBUG", "handlers": [], "propagate": True}
        for name in (
            "django",
            "django.request",
            "django.db.backends",
            "procrastinate",
            "pikepdf",
            "PIL",
            "asyncio",
            "allauth",
        )
    },
}
