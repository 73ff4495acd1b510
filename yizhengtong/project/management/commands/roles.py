"""`yzt roles`: what the database's roles may do: print what makes them, apply it, say what differs."""

from argparse import ArgumentParser
from typing import Any

from django.db import OperationalError, ProgrammingError

from yizhengtong.project.database import url_variable
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.roles.applying import apply_roles, differences, missing_roles
from yizhengtong.project.roles.passwords import new_passwords
from yizhengtong.project.roles.statements import creation
from yizhengtong.project.upgrades.running import GaveUp


class Command(BaseCommand):
    help = "Roles of the database and their rights (docs/database-roles.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="print the SQL by which a superuser makes the roles")
        create.add_argument(
            "--passwords", metavar="FILE", help="write new passwords here; the SQL holds verifiers only"
        )
        actions.add_parser("apply", help="as the owner of the tables, give and take rights until all is as decided")
        actions.add_parser("check", help="say what differs; exit 1 when anything does")

    def handle(self, *_args: Any, **options: Any) -> None:
        {"create": self._create, "apply": self._apply, "check": self._check}[options["action"]](options)

    def _create(self, options: dict[str, Any]) -> None:
        verifiers: dict[str, str] = {}
        if options["passwords"]:
            verifiers = new_passwords(options["passwords"])
            self.stderr.write(
                f"Passwords: {options['passwords']}. Each goes to one process, as {url_variable('yzt_web')}."
            )
        for statement in creation(verifiers):
            self.stdout.write(f"{statement};")

    def _apply(self, options: dict[str, Any]) -> None:
        missing = missing_roles()
        if missing:
            raise CommandError(
                f"The server has no {', '.join(missing)}. Run `yzt roles create` as its superuser first."
            )
        try:
            changes = apply_roles(tell=self.stderr.write)
        except GaveUp:
            raise CommandError("Somebody holds a table for too long. Run it again when less is going on.") from None
        except (OperationalError, ProgrammingError) as problem:
            raise CommandError(f"Not all was changed; mend this and run it again: {problem}") from problem
        if options["verbosity"] > 1:
            self.stdout.write("\n".join(changes))
        self.stdout.write(f"{len(changes)} changes; the roles may do what was decided.")

    def _check(self, _options: dict[str, Any]) -> None:
        missing = missing_roles()
        if missing:
            raise CommandError(f"The server has no {', '.join(missing)}. Run `yzt roles create` as its superuser.")
        found = differences()
        self.stdout.write("\n".join(found) or "The roles may do what was decided.")
        if found:
            raise CommandError(
                f"{len(found)} differences. `yzt roles apply` gives and takes rights; tables need a name."
            )
