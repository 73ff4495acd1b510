"""The limit of a case: its writes alone, sent again by pgbench with new ids. Frozen.

What is sent again are the INSERTs, UPDATEs and DELETEs that one case really sent, a transaction for each request, with
their histories written by the same triggers; reads, checks, files and pictures are left out. Ids, receipt and permit
numbers, times booked and persons are new each time, so that every constraint holds. Two SELECTs a case make the ids.
"""

import os
import re
import subprocess
from collections.abc import Collection, Mapping
from itertools import count
from pathlib import Path

import psycopg

from yizhengtong.project.database import ConnectionInfo, embedded_bindir

_UUID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-fx])[0-9a-f]{32}(?![0-9a-f])"
)
_INDEX = re.compile(r"(?<=\\x)[0-9a-f]{32}(?=')")
_STORED_NAME = re.compile(r"(?<=')[0-9a-f]{2}/[0-9a-f]{48}(?=')")
_RECEIPT = re.compile(r"(?<=')\d{6}-\d{8}-\d{7}(?=')")
_INSTANT = re.compile(r"'[0-9: .+-]{25,32}'::timestamptz")
_TPS = re.compile(r"tps = ([0-9.]+)")
_SET_UP = """
    CREATE SEQUENCE bench_turn;
    CREATE TABLE bench_person (n bigint PRIMARY KEY, id uuid NOT NULL);
    CREATE FUNCTION bench_id() RETURNS text LANGUAGE sql AS $$ SELECT lpad(
        to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
        || substr(replace(gen_random_uuid()::text, '-', ''), 13) $$;
"""
_ADD_PERSONS = """
    WITH added AS (
        INSERT INTO people_person
        SELECT (jsonb_populate_record(person, jsonb_build_object('id', gen_random_uuid(), 'account_id', NULL))).*
        FROM people_person person, generate_series(1, %s) WHERE person.id = %s
        RETURNING id
    ) INSERT INTO bench_person SELECT row_number() OVER (), id FROM added
"""


_TURN = """SELECT n AS bench_n, id::text AS bench_person FROM bench_person WHERE n = (SELECT nextval('bench_turn'))"""


def pgbench_script(recorded: str, *, person: str, fixed: Collection[str]) -> str:
    """Return a pgbench script that writes anew what was recorded: a statement a line, an empty line between requests.

    `person`: the id of the case's person. `fixed`: the ids that stay, of accounts and offices.
    """
    names = _Names(person=person, fixed=fixed)
    requests = [
        "\n".join(["BEGIN;", *(f"{names.renamed(sql)};" for sql in request.splitlines()), "COMMIT;"])
        for request in recorded.strip().split("\n\n")
    ]
    made = ", ".join(f"bench_id() AS {name}" for name in names.made)
    return "\n".join([f"{_TURN} \\gset", f"SELECT {made} \\gset", *requests, ""])


class _Names:
    """Which id of the recording has which variable of the script."""

    def __init__(self, *, person: str, fixed: Collection[str]) -> None:
        self._fixed = {each.replace("-", "") for each in fixed}
        self._known = {person.replace("-", ""): "bench_person"}
        self._numbers = count(1)

    @property
    def made(self) -> list[str]:
        """Return the variables that hold a new id each."""
        return [name for name in self._known.values() if name != "bench_person"]

    def renamed(self, sql: str) -> str:
        """Return a statement with variables in place of what must be new."""
        if '"casework_appointment"' in sql:
            sql = _INSTANT.sub(lambda at: f"{at[0]} + interval '1000 days' + :bench_n * interval '1 minute'", sql)
        sql = _RECEIPT.sub("bench-:bench_n", sql)
        for pattern in (_UUID, _INDEX, _STORED_NAME):
            sql = pattern.sub(self._variable, sql)
        return sql

    def _variable(self, found: "re.Match[str]") -> str:
        text = found[0].replace("-", "")
        if text in self._fixed:
            return found[0]
        if text not in self._known:
            self._known[text] = f"bench_u{next(self._numbers)}"
        return f":{self._known[text]}"


def fixed_ids(url: str) -> list[str]:
    """Return the ids of accounts and offices."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT id::text FROM accounts_account UNION SELECT id::text FROM accounts_office")
        return [row[0] for row in rows.fetchall()]


def make_persons(url: str, *, like: str, number: int) -> None:
    """Add persons like one, for so many cases that pgbench will write."""
    with psycopg.connect(url) as connection:
        connection.execute(_SET_UP)
        connection.execute(_ADD_PERSONS, [number, like])


def run_pgbench(database: ConnectionInfo, script: Path, *, clients: int, cases_each: int) -> float:
    """Run the script so often and return cases a second. Raises RuntimeError with what pgbench said."""
    command = [
        str(embedded_bindir() / "pgbench"),
        "--no-vacuum",
        f"--file={script}",
        f"--client={clients}",
        f"--transactions={cases_each}",
        f"--host={database.socket_dir}",
        f"--port={database.port}",
        f"--username={database.role}",
        database.database,
    ]
    environment: Mapping[str, str] = {**os.environ, "PGPASSWORD": database.password}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    found = _TPS.search(result.stdout)
    if result.returncode or found is None or "aborted" in result.stderr:
        raise RuntimeError(f"pgbench ended with {result.returncode}: {result.stderr[-1500:]}")
    return float(found[1])
