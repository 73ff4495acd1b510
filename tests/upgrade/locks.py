"""Which tables of the last release each transaction locks against those who work, when a database comes forward.

`python -m tests.upgrade.locks FILE` brings an empty database to the last release's tables and then to this code's, as
`manage prepare` does, and writes FILE: a JSON list of {transaction, began_with, table, modes},
modes in the order in which they were taken.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 Django first
from django.db import connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

from yizhengtong.project.upgrades.released import MIGRATIONS  # noqa: E402

_HELD = """
    SELECT virtualtransaction, relation::regclass::text, mode FROM pg_locks
    WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted AND relation::regclass::text = ANY(%s)
        AND mode = ANY(%s)
"""
MODES = ["AccessExclusiveLock", "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock"]
"""What a writer has to wait for, or even a reader; the strongest first."""

_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"


class Watch:
    """Notes after each statement which locks are held that a writer or a reader would have to wait for."""

    def __init__(self, tables: list[str]) -> None:
        self._tables = tables
        self.found: dict[tuple[str, str], dict[str, Any]] = {}

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        if connection.connection.info.transaction_status.name == "INTRANS":
            rows = connection.connection.execute(_HELD, [self._tables, MODES]).fetchall()
            for transaction, table, mode in sorted(rows, key=lambda row: MODES.index(row[2])):
                row = {"transaction": transaction, "began_with": str(sql)[:200], "table": table, "modes": []}
                modes = self.found.setdefault((transaction, table), row)["modes"]
                modes += [mode] * (mode not in modes)
        return answer


def main(path: Path) -> None:
    """Come forward from the last release and write what was locked."""
    released = MigrationExecutor(connection)
    ours = {app for app, _ in MIGRATIONS}
    libraries = [key for key in released.loader.graph.leaf_nodes() if not _is_ours(released, key)]
    released.migrate([*sorted(MIGRATIONS), *(key for key in libraries if key[0] not in ours)])
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        watch = Watch([name for (name,) in cursor.fetchall() if name != "django_migrations"])
    with connection.execute_wrapper(watch):
        call_command("prepare", verbosity=0)
    path.write_text(json.dumps(list(watch.found.values())))


def _is_ours(executor: MigrationExecutor, key: tuple[str, str]) -> bool:
    return type(executor.loader.graph.nodes[key]).__module__.startswith("yizhengtong.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
