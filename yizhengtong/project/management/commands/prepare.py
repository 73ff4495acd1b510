"""`yzt prepare`: bring the database to this version: tables, and the cache table of the rate limits."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrate the database and make the cache table. May be run again."

    def handle(self, *_args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        if options["verbosity"]:
            self.stdout.write("The database is ready.")
