"""`sealer`: audit entries sealed a second, and verified a second on both cores, beside their limits."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import psycopg

from benchmarks.figures import Figure, middle
from benchmarks.ground import Ground, durable_ground, run_python
from benchmarks.limits.chain import hash_and_chain
from yizhengtong.foundation.audit.canonical import SESSION, columns_of
from yizhengtong.foundation.audit.checkpoints import CheckpointFile, SigningKeys
from yizhengtong.foundation.audit.reading import copied
from yizhengtong.foundation.audit.sealing import Plan, Sealer
from yizhengtong.foundation.audit.verifying import verify

TARGET_SEALED_PER_SECOND = 5_000.0
TARGET_VERIFIED_PER_SECOND = 100_000.0
ROUNDS = 3
ROWS_A_ROUND = 100_000
_LINES = 100_000
_PROCESSES = 2


def measure() -> Iterator[Figure]:
    """Yield the figures of `sealer`."""
    with durable_ground() as ground:
        run_python(ground, "-m", "yizhengtong.project.manage", "migrate", "--verbosity", "0")
        bench = Bench(ground)
        figures: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for name, value in bench.one_round():
                figures.setdefault(name, []).append(value)
        size = bench.bytes_a_row()
    rates = {name: middle(values) for name, values in figures.items()}
    yield Figure("sealer_rows_per_second", rates["sealed"], "1/s", rates["copied"], TARGET_SEALED_PER_SECOND)
    yield Figure("audit_verify_rows_per_second", rates["verified"], "1/s", rates["hashed"], TARGET_VERIFIED_PER_SECOND)
    yield Figure("audit_verify_rows_per_second.one_core", rates["verified_alone"], "1/s", rates["hashed_alone"])
    yield Figure("rows", ROUNDS * ROWS_A_ROUND, "rows")
    yield Figure("bytes_per_entry_and_link", size, "bytes")


class Bench:
    """Entries like those of the demonstration, in a durable database."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.url = ground.database.url
        self.plan = Plan(CheckpointFile(ground.home / "checkpoints"), SigningKeys(ground.home / "keys" / "audit"))

    def one_round(self) -> Iterator[tuple[str, float]]:
        """Yield what one round gave: rows a second, by name."""
        self._fill()
        yield "copied", ROWS_A_ROUND / timed(self._copy_links)
        yield "sealed", ROWS_A_ROUND / timed(self._seal)
        lines = self._lines()
        yield "hashed_alone", len(lines) / timed(lambda: hash_and_chain(lines))
        yield "hashed", _PROCESSES * len(lines) / hashed_apart(lines)
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE audit_entry, audit_link")
            row = connection.execute("SELECT count(*) FROM audit_link").fetchone()
        assert row is not None
        yield "verified", row[0] / timed(lambda: self._verify(_PROCESSES))
        yield "verified_alone", row[0] / timed(lambda: self._verify(1))

    def bytes_a_row(self) -> float:
        """Return what an entry and its link take on the disk, indexes included."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute(_SIZE).fetchone()
        assert row is not None
        return float(row[0]) / (ROUNDS * ROWS_A_ROUND)

    def _fill(self) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(_FILL, [ROWS_A_ROUND])

    def _copy_links(self) -> None:
        """Write as many links from ready bytes: what the database takes without any hashing."""
        with psycopg.connect(self.url) as connection:
            connection.execute("DROP TABLE IF EXISTS bench_link")
            connection.execute("CREATE TABLE bench_link (LIKE audit_link INCLUDING ALL)")
            with connection.cursor().copy(_COPY_LINKS) as copy:
                for number in range(ROWS_A_ROUND):
                    copy.write(_LINK % (number, number))

    def _seal(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            sealer = Sealer(connection, self.plan)
            assert sealer.take_lock()
            sealer.prepare()
            sealed = sealer.turn()
            sealer.finish()
        assert sealed == ROWS_A_ROUND, sealed

    def _lines(self) -> list[bytes]:
        with psycopg.connect(self.url) as connection:
            connection.execute(SESSION.encode())
            return list(copied(connection, f"SELECT {columns_of('entry')} FROM audit_entry entry LIMIT {_LINES}"))

    def _verify(self, processes: int) -> None:
        report = verify(self.url, self.plan.file, processes=processes)
        assert report.is_whole, report.findings[:3]


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds a piece of work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def hashed_apart(lines: list[bytes]) -> float:
    """Return how many seconds each of two processes at once takes to hash and chain the lines."""
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("fork")) as pool:
        return max(pool.map(_hash, [lines] * _PROCESSES))


def _hash(lines: list[bytes]) -> float:
    return timed(lambda: hash_and_chain(lines))


_FILL = """
    INSERT INTO audit_entry (id, at, kind, action, actor_kind, actor_id, office_id, person_id, object_kind, object_id,
        purpose, fields, request_id, retention)
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
            || substr(replace(gen_random_uuid()::text, '-', ''), 13))::uuid,
        clock_timestamp(), 'act', 'casework.accept', 'staff', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
        'case', gen_random_uuid(), 'casework.accept', '["due_on"]', gen_random_uuid()::text, 'archive'
    FROM generate_series(1, %s)
"""
_COPY_LINKS = b"COPY bench_link (sequence, entry_id, retention, entry_hash, link) FROM STDIN"
_LINK = b"%d\t00000000-0000-7000-8000-%012d\tarchive\t\\\\x" + b"ab" * 32 + b"\t\\\\x" + b"cd" * 32 + b"\n"
_SIZE = "SELECT pg_total_relation_size('audit_entry') + pg_total_relation_size('audit_link')"
