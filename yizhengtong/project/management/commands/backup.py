"""`yzt backup [DIR]`: the database as of one snapshot and the files its rows name, without keys."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem
from yizhengtong.project.backup.taking import take_backup
from yizhengtong.project.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Write a backup into a folder of its own below DIR (default: YZT_BACKUPS). Keys: see `yzt backup_keys`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", default=settings.CONFIGURATION.backups)
        parser.add_argument("--keep", type=int, default=0, help="remove older backups; this many of the newest stay")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["folder"] is None:
                raise CommandError(say("backup.nowhere", "en"))
            take_backup(options["folder"], say=self.stdout.write, keep=max(0, options["keep"]))
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
