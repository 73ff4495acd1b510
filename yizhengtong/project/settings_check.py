"""The settings under which `make check` lints migrations: its linter is a development tool."""

from yizhengtong.project.settings import *  # noqa: F403
from yizhengtong.project.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "include_apps": [
        "audit", "events", "accounts", "documents", "vault", "web", "law", "people", "residence", "consents", "privacy",
        "applications", "permits", "casework", "importing", "relying_parties", "checks",
    ],
    "exclude_migration_tests": [],
    "no_cache": True,
}  # fmt: skip
