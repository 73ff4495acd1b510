"""`yzt prepare`: bring the database to this version: tables, the cache table, and what the roles may do."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from yizhengtong.project.roles.applying import apply_roles, missing_roles
from yizhengtong.project.upgrades.running import GaveUp


class Command(BaseCommand):
    help = "Migrate the database, make the cache table, give the roles their rights. May be run again."

    def handle(self, *_args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        if not missing_roles():  # a server with one role for everything has nobody to give rights to
            try:
                apply_roles(tell=self.stderr.write)
            except GaveUp:
                raise CommandError("Somebody holds a table for too long. Run it again when less is going on.") from None
        if options["verbosity"]:
            self.stdout.write("The database is ready.")
