"""Filling a database with cases for `queue`: `python -m benchmarks.fill CASES FILE` in its environment.

Rows are made by SQL from a template row of the platform's own models: spread over the service points, the states, the
due dates and 9,000,000 possible names, whose search keys are the platform's own keyed indexes. FILE tells what to
search for and a session of an officer who sees the whole city. History and foreign keys are off meanwhile and stay
off: the database is thrown away after it was read.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from django.db import connection, models  # noqa: E402 Django first

from benchmarks.prepare import open_session  # noqa: E402
from benchmarks.templates import save_templates  # noqa: E402
from yizhengtong.foundation.accounts.models import Account, Office  # noqa: E402
from yizhengtong.foundation.vault.indexes import bigram_indexes  # noqa: E402
from yizhengtong.kernel.numbers import synthetic  # noqa: E402
from yizhengtong.permitting.applications.models import Application  # noqa: E402
from yizhengtong.permitting.casework.models import Case  # noqa: E402
from yizhengtong.registry.people.models import Person  # noqa: E402
from yizhengtong.registry.people.names import folded  # noqa: E402
from yizhengtong.registry.people.queries import number_search_key  # noqa: E402

SURNAMES, MIDDLES, LASTS = 100, 300, 300
NUMBERED = 4000
"""So many of the first cases carry the keyed index of a well-formed number; the others a hash of the same length."""

_FIRST_CHARACTER = 0x4E00  # the CJK block: what the characters are does not matter, only how they are indexed
_TABLES: tuple[type[models.Model], ...] = (Person, Application, Case)


def main(cases: int, path: Path) -> None:
    """Fill, analyse, and write what to look for."""
    with connection.cursor() as cursor:
        person, application, case = save_templates()
        indexes = _put_aside(cursor)
        _make_names(cursor)
        _make_plan(cursor, cases)
        _insert(cursor, Person, person, {"id": "person", "account_id": "NULL"})
        _insert(
            cursor,
            Application,
            application,
            {"id": "application", "person_id": "person", "filled_by_id": "person"},
        )
        _insert(cursor, Case, case, _CASE)
        for definition in indexes:
            cursor.execute(definition)
        for model in _TABLES:
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")
        path.write_text(json.dumps(_wanted(cursor)))


_HASHED = "(hashint8extended(n, {seed}) & 1073741823) / 1073741824.0::float8"
_PLAN = f"""
    CREATE UNLOGGED TABLE bench_plan AS
    SELECT n, {{person}} AS person, {{application}} AS application, {{case}} AS "case",
           floor(power({_HASHED.format(seed=1)}, 2) * {SURNAMES})::int AS a,
           floor({_HASHED.format(seed=2)} * {MIDDLES})::int AS b,
           floor({_HASHED.format(seed=3)} * {LASTS})::int AS c,
           floor(power({_HASHED.format(seed=4)}, 1.5) * %s)::int AS point,
           {_HASHED.format(seed=5)} AS share, {_HASHED.format(seed=6)} AS day
    FROM generate_series(1, %s) n
"""
_STATES = (
    ("received", 0.03), ("accepted", 0.06), ("reviewed", 0.07), ("approved", 0.085), ("made", 0.10),
    ("completed", 0.94), ("refused", 0.98), ("withdrawn", 1.0),
)  # fmt: skip
"""Up to which share of all cases each state reaches: a tenth is open."""

_STATE = f"CASE {' '.join(f'WHEN share < {share} THEN {name!r}' for name, share in _STATES[:-1])} ELSE 'withdrawn' END"
_IS_OPEN = "share < 0.10"
_URGENT = f"(current_date + CASE WHEN {_IS_OPEN} THEN floor(day * 35)::int - 7 ELSE -floor(day * 1800)::int - 30 END)"
_IS_ACCEPTED = "share >= 0.03"
_APPLICATION: Mapping[str, str] = {"id": "application", "person_id": "person", "filled_by_id": "person"}
_CASE: Mapping[str, str] = {
    "id": '"case"',
    "application_id": "application",
    "person_id": "person",
    "office_id": "office.id",
    "office_path": "office.path",
    "state": _STATE,
    "receipt_number": f"CASE WHEN {_IS_ACCEPTED} THEN 'bench-' || plan.n END",
    "received_on": f"{_URGENT} - 30",
    "accepted_on": f"CASE WHEN {_IS_ACCEPTED} THEN {_URGENT} - 28 END",
    "due_on": f"CASE WHEN {_IS_ACCEPTED} THEN {_URGENT} END",
    "urgent_on": _URGENT,
    "search_keys": "ARRAY[first.key, second.key, coalesce(number.key, substr(md5(plan.n::text), 1, 16))]",
}


def _make_plan(cursor: Any, cases: int) -> None:
    """Lay down who, where and when of each case; ids are in order of time, as the platform's are."""
    names = enumerate(("person", "application", "case"))
    ids = {name: f"('01900000-000{at}-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid" for at, name in names}
    points = Office.objects.filter(parent__parent__isnull=False).order_by("code")
    cursor.execute("CREATE UNLOGGED TABLE bench_point (at int PRIMARY KEY, id uuid, path text)")
    for at, office in enumerate(points):
        cursor.execute("INSERT INTO bench_point VALUES (%s, %s, %s)", [at, office.pk, office.path])
    cursor.execute(_PLAN.format(**ids), [len(points), cases])
    cursor.execute("ANALYZE bench_plan")


def _make_names(cursor: Any) -> None:
    """Compute the key of every pair of characters that a name can hold, and of the first numbers."""
    first = [(a, b, _key(a, SURNAMES + b)) for a in range(SURNAMES) for b in range(MIDDLES)]
    second = [(b, c, _key(SURNAMES + b, SURNAMES + MIDDLES + c)) for b in range(MIDDLES) for c in range(LASTS)]
    numbers = [(n, number_search_key(synthetic.hrp(n, "HK"))) for n in range(1, NUMBERED + 1)]
    for name, columns, rows in (
        ("bench_first", "x int, y int, key text", first),
        ("bench_second", "x int, y int, key text", second),
        ("bench_number", "n int, key text", numbers),
    ):
        cursor.execute(f"CREATE UNLOGGED TABLE {name} ({columns})")
        with cursor.copy(f"COPY {name} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"ANALYZE {name}")


def _key(first: int, second: int) -> str:
    return bigram_indexes("casework.search", folded(_character(first) + _character(second)))[0]


def _character(at: int) -> str:
    return chr(_FIRST_CHARACTER + at)


def name_of(a: int, b: int, c: int) -> str:
    """Return the name whose characters stand at these places."""
    return _character(a) + _character(SURNAMES + b) + _character(SURNAMES + MIDDLES + c)


def _put_aside(cursor: Any) -> list[str]:
    """Switch history and foreign keys off and drop what can be made again; return how to make the indexes again."""
    definitions = []
    for table in (model._meta.db_table for model in _TABLES):
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass", [table])
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass"
            " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
            [table],
        )
        for name, definition in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
            definitions.append(definition)
    return definitions


def _insert(cursor: Any, model: type[models.Model], template: models.Model, given: Mapping[str, str]) -> None:
    columns = [field.column or "" for field in model._meta.concrete_fields]
    values = ", ".join(given.get(column, f'template."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    joins = ""
    if model is Case:
        joins = """JOIN bench_point office ON office.at = plan.point
            JOIN bench_first first ON (first.x, first.y) = (plan.a, plan.b)
            JOIN bench_second second ON (second.x, second.y) = (plan.b, plan.c)
            LEFT JOIN bench_number number ON number.n = plan.n"""
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM bench_plan plan"
        f" CROSS JOIN (SELECT * FROM {model._meta.db_table} WHERE id = %s) template {joins}",
        [template.pk],
    )


def _wanted(cursor: Any) -> dict[str, Any]:
    """Return an officer's session, and names and numbers of open cases among the first ones, which every size has."""
    cursor.execute(f"SELECT n, a, b, c FROM bench_plan WHERE n <= {NUMBERED} AND {_IS_OPEN} ORDER BY n")
    found = cursor.fetchall()
    account = Account.objects.get(username="demo-city-reviewer")
    return {
        "session": open_session(account, has_second_factor=True),
        "clerk_session": open_session(Account.objects.get(username="demo-clerk"), has_second_factor=True),
        "names": [name_of(a, b, c) for _, a, b, c in found],
        "numbers": [synthetic.hrp(n, "HK") for n, *_ in found],
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
