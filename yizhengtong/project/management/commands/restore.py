"""`yzt restore DIR`: a backup into an empty database and an empty folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem
from yizhengtong.project.backup.restoring import check, restore
from yizhengtong.project.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Restore one backup as the tables' owner, or with --check only read it and compare it with its manifest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="the folder that holds manifest.json")
        parser.add_argument("--check", action="store_true", help="change nothing")
        parser.add_argument("--without-roles", action="store_true", help="leave the database's roles to yourself")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                check(options["folder"], say=self._say)
            else:
                restore(options["folder"], say=self._say, roles=not options["without_roles"])
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
        if not options["check"]:
            self._say(
                "Next: bin/yzt prepare, bin/yzt production check. docs/runbooks/restored-backup.md says the rest."
            )

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
