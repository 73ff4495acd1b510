"""`importing`: lines of a county's list imported a second, beside the same rows copied into the same tables.

`python -m benchmarks.importing FILE` imports one list inside Django and prints the seconds it took.
"""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.figures import Figure, middle
from benchmarks.ground import ROOT, Ground, cpu_seconds, durable_ground, prepare_city, run_python
from yizhengtong.kernel.dates import add_years
from yizhengtong.kernel.numbers import HmtRegion, hmt_permit_number, synthetic

ROUNDS = 3
LINES = 5000
TARGET_ROWS_PER_SECOND = 500.0
REGISTRAR = "bench-registrar"
_PASSWORD = "Bench-registrar-1!"
_HEADINGS = (
    "姓名", "性别", "证件种类", "证件号码", "居住证号", "签发日期", "有效期至", "签发机关", "县区代码",
    "住址", "登记日期",
)  # fmt: skip
_REGIONS: tuple[HmtRegion, ...] = ("HK", "MO", "TW")
_FIRST_BIRTH, _FIRST_ISSUE = date(1950, 1, 1), date(2022, 1, 5)
_BIRTHS, _ISSUES, _SEQUENCES = 22_000, 1_500, 998
_FIRST_CHARACTER, _CHARACTERS = 0x4E00, 20_000
_COPIED = (
    "people_person", "people_personevent", "people_personnumber", "people_personnumberevent", "permits_permit",
    "permits_permitevent", "residence_registration", "residence_registrationevent", "importing_row", "audit_entry",
    "events_event",
)  # fmt: skip


def measure() -> Iterator[Figure]:
    """Yield the figures of `importing`."""
    with durable_ground() as ground:
        prepare_city(ground)
        run_python(ground, "-m", "benchmarks.importing")
        rates, by_cpu, rehearsed, copied = [], [], [], []
        for number in range(ROUNDS):
            path = write_list(ground.home / f"list-{number}.csv", number * LINES)
            rehearsed.append(LINES / _run(ground, path)["seconds"])
            before = counts(ground, _COPIED)
            served = cpu_seconds(ground.database.pid)
            told = _run(ground, path, "--apply")
            rates.append(LINES / told["seconds"])
            by_cpu.append(LINES / (told["cpu_seconds"] + cpu_seconds(ground.database.pid) - served))
            copied.append(LINES / copy_again(ground, before))
    yield Figure("import_rows_per_second", middle(rates), "1/s", middle(copied), TARGET_ROWS_PER_SECOND)
    yield Figure("import_rows_per_second.by_cpu", middle(by_cpu), "1/s")
    yield Figure("rehearsed_rows_per_second", middle(rehearsed), "1/s")
    yield Figure("rows_written_per_line", len(_COPIED) + 2, "rows")


def write_list(path: Path, first: int) -> Path:
    """Write a list of LINES synthetic people, of whom no two share a name and birth date."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        writer.writerows(_line(n) for n in range(first, first + LINES))
    return path


def _line(n: int) -> list[str]:
    region = _REGIONS[n % len(_REGIONS)]
    birth = _FIRST_BIRTH + timedelta(days=n * 7 % _BIRTHS)
    issued = _FIRST_ISSUE + timedelta(days=n % _ISSUES)
    sequence = n // _BIRTHS * 2 % _SEQUENCES + 1 + n % 2
    name = "".join(chr(_FIRST_CHARACTER + n * step % _CHARACTERS) for step in (7, 11, 13))
    is_taiwan = region == "TW"
    return [
        name, "男" if sequence % 2 else "女", "台胞证" if is_taiwan else "回乡证",
        synthetic.mtp_taiwan(n) if is_taiwan else synthetic.hrp(n, region),
        hmt_permit_number(region, birth, sequence), issued.isoformat(), add_years(issued, 5).isoformat(),
        "济南市公安局历下分局", "370102", f"演示路{n}号1单元101室", (issued - timedelta(days=200)).isoformat(),
    ]  # fmt: skip


def _run(ground: Ground, path: Path, *arguments: str) -> dict[str, Any]:
    """Run the import in a process of its own and return what it told: seconds taken, its start left out."""
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.importing", str(path), *arguments],
        env=dict(ground.environment), cwd=ROOT, capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    told = json.loads(result.stdout.splitlines()[-1])
    expected = {"imported": LINES} if arguments else {"ready": LINES}
    if told["outcomes"] != expected:
        raise RuntimeError(f"the import ended with {told['outcomes']}")
    return dict(told)


def counts(ground: Ground, tables: Sequence[str]) -> dict[str, int]:
    """Return how many rows each table has."""
    with psycopg.connect(ground.database.url) as connection:
        return {table: _one(connection, f"SELECT count(*) FROM {table}") for table in tables}


def copy_again(ground: Ground, before: Mapping[str, int]) -> float:
    """Copy as many rows as were added since `before` into empty tables of the same shape.

    Return the seconds of the way in, commits included.
    """
    contents = {}
    with psycopg.connect(ground.database.url, autocommit=True) as connection:
        for table, earlier in before.items():
            connection.execute(f"DROP TABLE IF EXISTS bench_{table}")
            connection.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
            number = _one(connection, f"SELECT count(*) FROM {table}") - earlier
            with connection.cursor().copy(
                f"COPY (SELECT * FROM {table} ORDER BY ctid DESC LIMIT {number}) TO STDOUT (FORMAT binary)"
            ) as copy:
                contents[table] = b"".join(copy)
        begun = time.perf_counter()
        for table, content in contents.items():
            with connection.cursor().copy(f"COPY bench_{table} FROM STDIN (FORMAT binary)") as copy:
                copy.write(content)
        return time.perf_counter() - begun


def _one(connection: psycopg.Connection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return int(row[0])


def _inside(arguments: list[str]) -> None:
    """Appoint the registrar, or import a list, inside Django."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
    django.setup()
    if not arguments:
        _appoint()
        return
    from django.utils import timezone

    from yizhengtong.foundation.accounts.models import Account, Office
    from yizhengtong.foundation.accounts.principals import principal_for
    from yizhengtong.foundation.lists.telling import Unheard
    from yizhengtong.kernel.dates import legal_day
    from yizhengtong.permitting.importing.mapping import read_mapping
    from yizhengtong.permitting.importing.running import Request, run

    by = principal_for(Account.objects.get(username=REGISTRAR), has_second_factor=True)
    assert by is not None
    assert by.office_id is not None
    office = Office.objects.get(pk=by.office_id)
    request = Request(Path(arguments[0]), read_mapping(), office, by, legal_day(timezone.now()), "--apply" in arguments)
    begun, spent = time.perf_counter(), time.process_time()
    summary = run(request, Unheard())
    taken = {"seconds": time.perf_counter() - begun, "cpu_seconds": time.process_time() - spent}
    print(json.dumps({**taken, "outcomes": summary.outcomes}))


def _appoint() -> None:
    from yizhengtong.foundation.accounts.models import Office
    from yizhengtong.foundation.accounts.principals import SYSTEM
    from yizhengtong.foundation.accounts.roles import Role
    from yizhengtong.foundation.accounts.services import appoint_officer

    office = Office.objects.get(code="370100")
    appoint_officer(
        username=REGISTRAR, password=_PASSWORD, name="测试员", office=office, roles=[Role.REGISTRAR], by=SYSTEM
    )


if __name__ == "__main__":
    _inside(sys.argv[1:])
