"""`yzt migrate`: Django's, made for a platform that people work on meanwhile (docs/operations.md)."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as DjangosCommand
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from yizhengtong.project.upgrades.judging import is_ours, takes_away
from yizhengtong.project.upgrades.running import LOCK_TIMEOUT_MS, TRIES, GaveUp, again_and_again


class Command(DjangosCommand):
    help = "Migrate the database with short lock time-outs, again and again; takes nothing away without --contract."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--contract", action="store_true", help="also what takes away: when no old code runs")
        parser.add_argument("--lock-timeout-ms", type=int, default=LOCK_TIMEOUT_MS, help="wait this long for a lock")
        parser.add_argument("--tries", type=int, default=TRIES, help="ask this often for a lock")

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if options["plan"] or options["check_unapplied"] or not MigrationRecorder(connection).applied_migrations():
            super().handle(*args, **options)
            return
        if not options["contract"]:
            _refuse_what_takes_away(connection, options)
        try:
            again_and_again(
                lambda: DjangosCommand.handle(self, *args, **options),
                connection=connection,
                tries=options["tries"],
                lock_timeout_ms=options["lock_timeout_ms"],
                tell=self.stderr.write,
            )
        except GaveUp:
            raise CommandError("Somebody holds the tables for too long. Run it again when less is going on.") from None


def _refuse_what_takes_away(connection: Any, options: Any) -> None:
    """Raise CommandError where a migration to be applied is a contract step, before anything is done."""
    executor = MigrationExecutor(connection)
    nodes = executor.loader.graph.leaf_nodes()
    wanted = [key for key in nodes if options["app_label"] in (None, key[0])]
    refused = [
        f"{migration.app_label}.{migration.name}"
        for migration, is_backwards in executor.migration_plan(wanted)
        if not is_backwards and is_ours(migration) and takes_away(migration)
    ]
    if refused:
        raise CommandError(
            f"These take away what the last release still uses: {', '.join(refused)}. When none of its processes runs "
            "any more, run `yzt migrate --contract`."
        )
