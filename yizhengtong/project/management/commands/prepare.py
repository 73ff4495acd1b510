"""`yzt prepare`: bring the database to this version: tables, the cache table, issuer keys, what the roles may do."""

from typing import Any

from django.conf import settings
from django.core.management import call_command

from yizhengtong.credentials.keys.services import found_keys
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.roles.applying import apply_roles, missing_roles
from yizhengtong.project.upgrades.running import GaveUp


class Command(BaseCommand):
    help = "Migrate the database, make the cache table, give the roles their rights. May be run again."

    def handle(self, *_args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        self._found_issuer_keys()
        if not missing_roles():  # a server with one role for everything has nobody to give rights to
            try:
                apply_roles(tell=self.stderr.write)
            except GaveUp:
                raise CommandError("Somebody holds a table for too long. Run it again when less is going on.") from None
        if options["verbosity"]:
            self.stdout.write("The database is ready.")

    def _found_issuer_keys(self) -> None:
        """Make the keys that credentials are signed with; in production once it is known whom they name for good."""
        if settings.YZT_PRODUCTION and not settings.YZT_ADDRESS.startswith("https://"):
            self.stderr.write("Issuer keys are not made: say by YZT_ADDRESS (https) whom they name.")
            return
        try:
            found_keys(by=SYSTEM)
        except Problem as problem:
            self.stderr.write(f"Issuer keys are not made: {say(problem.code, 'en', problem.facts)}")
