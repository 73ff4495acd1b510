"""Filling a database with permits for `restore`: `python -m benchmarks.fill_permits PERMITS` as its superuser.

Each permit has its person, its application and its case, made by SQL from a template row of the platform's own models.
What is sealed is as long as an envelope and as random, so that it compresses as badly as the real thing. Two tables are
filled at a time. Neither triggers nor foreign keys are asked meanwhile: the rows fit, and a restore asks them all.
"""

import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from django.db import connection, models  # noqa: E402 Django first
from django.utils import timezone  # noqa: E402

from benchmarks.templates import save_templates  # noqa: E402
from yizhengtong.kernel.dates import legal_day  # noqa: E402
from yizhengtong.permitting.applications.models import Application  # noqa: E402
from yizhengtong.permitting.casework.models import Case  # noqa: E402
from yizhengtong.permitting.permits.models import Permit  # noqa: E402
from yizhengtong.registry.people.models import Person  # noqa: E402

Columns = Mapping[str, str]


_AT_ONCE = 2
_HASH_BYTES = 64


def main(permits: int) -> None:
    """Make so many permits, analysed."""
    templates = _templates()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(partial(fill, _COLUMNS, templates, permits), _COLUMNS))


def fill(
    columns: Mapping[type[models.Model], Columns],
    templates: Mapping[type[models.Model], models.Model],
    rows: int,
    model: type[models.Model],
) -> None:
    """Make so many rows of a model from its template; what a column has instead is SQL over the row's number `n`."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no trigger, no foreign key
        cursor.execute("SET maintenance_work_mem = '256MB'")
        again = _put_aside(cursor, model)
        _insert(cursor, model, templates[model], columns[model], rows)
        for statement in again:
            cursor.execute(statement)
        cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")
        cursor.execute("RESET session_replication_role")


def sealed(seed: int, length: int) -> str:
    """Return SQL for an envelope of key 1 with so many bytes that nobody can compress; no two seeds give the same."""
    hashes = -(-length // _HASH_BYTES)
    parts = " || ".join(f"sha512(int8send(n * 1000 + {seed + part}))" for part in range(hashes))
    return rf"'\x0100000001'::bytea || substr({parts}, 1, {length})"


def row_id(kind: int) -> str:
    """Return SQL for the id of a row of one of ten kinds."""
    return f"('01900000-000{kind}-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"


_KEYS = "ARRAY(SELECT substr(md5(mod(n * 7 + k * 1009, 90000)::text), 1, 16) FROM generate_series(1, 3) k)"
_COLUMNS: Mapping[type[models.Model], Columns] = {
    Person: {"id": row_id(1), "name": sealed(0, 32), "latin_name": sealed(10, 32)},
    Application: {"id": row_id(2), "person_id": row_id(1), "filled_by_id": row_id(1), "answers": sealed(20, 256)},
    Case: {
        "id": row_id(3),
        "application_id": row_id(2),
        "person_id": row_id(1),
        "receipt_number": "'bench-' || n",
        "accepted_on": "current_date - mod(n, 1800)::int",
        "state": "'completed'",
        "permit_id": row_id(4),
        "search_keys": _KEYS,
    },
    Permit: {
        "id": row_id(4),
        "person_id": row_id(1),
        "case_id": row_id(3),
        "number": sealed(30, 32),
        "number_index": "substr(sha256(int8send(n)), 1, 16)",
        "card": sealed(40, 384),
        "state": "'valid'",
    },
}


def _templates() -> dict[type[models.Model], models.Model]:
    person, application, case = save_templates()
    today = legal_day(timezone.now())
    permit = Permit.objects.create(
        person=person, kind="hmt", number="", number_index=b"0" * 16, region="370102", authority="bench",
        valid_from=today, last_valid_day=today.replace(year=today.year + 5, day=1), state="ordered", card={},
        office_id=case.office_id, office_path=case.office_path, case_id=case.pk, delivery="collect",
    )  # fmt: skip
    return {Person: person, Application: application, Case: case, Permit: permit}


def _put_aside(cursor: Any, model: type[models.Model]) -> list[str]:
    """Drop the indexes that can be made again faster afterwards, and return how to make them again."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        [model._meta.db_table],
    )
    again = []
    for name, definition in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")
        again.append(definition)
    return again


def _insert(cursor: Any, model: type[models.Model], template: models.Model, given: Columns, permits: int) -> None:
    known = {field.column: field for field in model._meta.concrete_fields}
    missing = given.keys() - known.keys()
    assert not missing, missing
    values = ", ".join(given.get(str(column), f'template."{column}"') for column in known)
    names = ", ".join(f'"{column}"' for column in known)
    table = model._meta.db_table
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM generate_series(1, %s) n"
        f" CROSS JOIN (SELECT * FROM {table} WHERE id = %s) template",
        [permits, template.pk],
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
