"""Filling a database with permits for `restore`: `python -m benchmarks.fill_permits PERMITS` in its environment.

Each permit has its person, its application and its case, made by SQL from a template row of the platform's own models.
What is sealed is as long as an envelope and as random, so that it compresses as badly as the real thing. Triggers and
foreign keys are off while rows are made and on again afterwards: a restore has to pay for them.
"""

import os
import sys
from collections.abc import Mapping
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from django.db import connection, models  # noqa: E402 Django first
from django.utils import timezone  # noqa: E402

from yizhengtong.foundation.accounts.models import Office  # noqa: E402
from yizhengtong.kernel.dates import legal_day  # noqa: E402
from yizhengtong.permitting.applications.models import Application  # noqa: E402
from yizhengtong.permitting.casework.models import Case  # noqa: E402
from yizhengtong.permitting.permits.models import Permit  # noqa: E402
from yizhengtong.registry.people.models import Person  # noqa: E402

Columns = Mapping[str, str]


def main(permits: int) -> None:
    """Make so many permits, with foreign keys and triggers on again at the end."""
    with connection.cursor() as cursor:
        templates = _templates()
        again = [statement for model in _COLUMNS for statement in _put_aside(cursor, model)]
        for model, columns in _COLUMNS.items():
            _insert(cursor, model, templates[model], columns, permits)
        for statement in again:
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def _sealed(seed: str, hashes: int) -> str:
    """Return SQL for an envelope of key 1 with so many times 32 bytes that nobody can compress."""
    parts = " || ".join(f"sha256(('{seed}{part}' || n)::bytea)" for part in range(hashes))
    return rf"'\x0100000001'::bytea || {parts}"


def _id(kind: int) -> str:
    return f"('01900000-000{kind}-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"


_KEYS = "ARRAY(SELECT substr(md5(mod(n * 7 + k * 1009, 90000)::text), 1, 16) FROM generate_series(1, 3) k)"
_COLUMNS: Mapping[type[models.Model], Columns] = {
    Person: {"id": _id(1), "name": _sealed("name", 1), "latin_name": _sealed("latin", 1)},
    Application: {"id": _id(2), "person_id": _id(1), "filled_by_id": _id(1), "answers": _sealed("answers", 8)},
    Case: {
        "id": _id(3),
        "application_id": _id(2),
        "person_id": _id(1),
        "receipt_number": "'bench-' || n",
        "accepted_on": "current_date - mod(n, 1800)::int",
        "state": "'completed'",
        "permit_id": _id(4),
        "search_keys": _KEYS,
    },
    Permit: {
        "id": _id(4),
        "person_id": _id(1),
        "case_id": _id(3),
        "number": _sealed("number", 1),
        "number_index": "substr(sha256(('index' || n)::bytea), 1, 16)",
        "card": _sealed("card", 12),
        "state": "'valid'",
    },
}


def _templates() -> dict[type[models.Model], models.Model]:
    today = legal_day(timezone.now())
    office = Office.objects.filter(parent__parent__isnull=False).first()
    assert office is not None
    person = Person.objects.create(name="测试", birth_date=today, sex="F", region="HK")
    application = Application.objects.create(
        person=person, filled_by=person, item="hmt.first_issue", place="370102", state="submitted",
        submitted_at=timezone.now(), answers={"service_point": office.code, "delivery": "collect"},
    )  # fmt: skip
    case = Case.objects.create(
        application=application, person=person, item="hmt.first_issue", office=office, office_path=office.path,
        received_on=today, state="withdrawn",
    )  # fmt: skip
    permit = Permit.objects.create(
        person=person, kind="hmt", number="", number_index=b"0" * 16, region="370102", authority="bench",
        valid_from=today, last_valid_day=today.replace(year=today.year + 5, day=1), state="ordered", card={},
        office_id=office.pk, office_path=office.path, case_id=case.pk, delivery="collect",
    )  # fmt: skip
    return {Person: person, Application: application, Case: case, Permit: permit}


def _put_aside(cursor: Any, model: type[models.Model]) -> list[str]:
    """Switch triggers off, drop what can be made again faster afterwards, and return how to make it again."""
    table = model._meta.db_table
    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    again = []
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        [table],
    )
    for name, definition in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")
        again.append(definition)
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
        [table],
    )
    for name, definition in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        again.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    return [*again, f"ALTER TABLE {table} ENABLE TRIGGER USER"]


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
