"""`yzt judge_migrations`: say which migrations could not run beside the last release's code. Needs no database."""

from typing import Any

from django.db.migrations.loader import MigrationLoader

from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.upgrades.judging import judge_all


class Command(BaseCommand):
    help = "Judge every migration newer than the last release: may it run while people work? For `make check`."

    def handle(self, *_args: Any, **_options: Any) -> None:
        faults = judge_all(MigrationLoader(None, ignore_no_migrations=True))
        for fault in faults:
            self.stdout.write(str(fault))
        if faults:
            raise CommandError(f"{len(faults)} faults. What each means and what to do: docs/operations.md.")
