"""Every value of the packs changed in turn: a test that is marked with a row must fail each time.

The marked tests that need no database are collected once. Each change then runs in a fork of that process, with
YZT_PACKS naming a folder of links in which one file is changed: first the tests marked with the change's rows, then
those that lately caught changes of the same pack, then the other tests of the law; the first failure ends the fork.
What fails as soon as a comment is added to the packs looks at their text and not at their values: it is left out.
"""

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.acceptance.ledger import Status
from tests.acceptance.mutation import Mutation, mutations
from tests.acceptance.plugin import rows_of
from yizhengtong.law.reading import pack_texts, packs_folder

_AT_A_TIME = 2
_TELL_EVERY = 50
_LATELY = 40
_DATABASE_FIXTURES = frozenset({"db", "transactional_db", "live_server"})
_OF_THE_LAW = ("yizhengtong/law/", "tests/acceptance/")
_CACHING = ("yizhengtong.", "tests.")


@dataclass(slots=True)
class Hunt:
    """How it goes: who was caught by a test of its own rows, who by another test, who by none."""

    caught: int = 0
    caught_by_own_rows: int = 0
    survivors: list[Mutation] = field(default_factory=list)

    @property
    def done(self) -> int:
        return self.caught + len(self.survivors)


@dataclass(slots=True)
class _Fork:
    mutation: Mutation
    folder: Path
    told: int


def run(arguments: Sequence[str], status: Status, *, limit: str = "") -> int:
    """Hunt every mutation whose key or path holds `limit`. Returns 1 when one survives that is not `equivalent`."""
    start = time.monotonic()
    found = [each for each in mutations(pack_texts()) if limit in each.key or limit in each.path]
    refused = [each for each in found if each.is_refused]
    chased = [each for each in found if not each.is_refused]
    print(f"{len(found)} mutations: {len(refused)} refused by the reader, {len(chased)} to be caught by a test")
    hunter = _Hunter(chased)
    code = pytest.main([*arguments, "-s", "-p", "no:xdist"], plugins=[hunter])
    if code != pytest.ExitCode.OK or hunter.hunt.done != len(chased):
        print(f"the marked tests could not be collected or run: pytest ended with {int(code)}", file=sys.stderr)
        return 1
    return tell_end(hunter.hunt, len(refused), status, time.monotonic() - start)


def tell_end(hunt: Hunt, refused: int, status: Status, seconds: float) -> int:
    """Print the survivors with pack and key, and the counts. Returns 1 when one is not known as equivalent."""
    alive = [each for each in hunt.survivors if _name(each) not in status.equivalent]
    for each in alive:
        print(f"survived: {each.path}  {each.key}  {each.was!r} → {each.becomes!r}  rows {', '.join(each.rows) or '-'}")
    same = len(hunt.survivors) - len(alive)
    print(
        f"mutations={refused + hunt.done} refused={refused} caught={hunt.caught} "
        f"(by a test of its rows {hunt.caught_by_own_rows}) equivalent={same} survived={len(alive)} "
        f"seconds={seconds:.0f}"
    )
    return int(bool(alive))


def _name(mutation: Mutation) -> str:
    return f"{mutation.path} {mutation.key}"


class _Hunter:
    """Takes pytest's loop over: the collected tests are run by forks, none by this process."""

    def __init__(self, chased: Sequence[Mutation]) -> None:
        self.hunt = Hunt()
        self._waiting = deque(chased)
        self._running: dict[int, _Fork] = {}
        self._lately: dict[str, deque[str]] = {}
        self._failed: list[str] = []
        self._items: dict[str, pytest.Item] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what needs a database: it would read the packs that are in force there."""
        items[:] = [item for item in items if not _needs_database(item)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Hunt instead of running."""
        if session.testsfailed:  # while collecting: pytest has told what
            return True
        self._items = {item.nodeid: item for item in session.items}
        self._leave_out()
        while self._waiting or self._running:
            while self._waiting and len(self._running) < _AT_A_TIME:
                self._start(self._waiting.popleft())
            self._wait()
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """In a fork: remember the test that failed."""
        if report.failed:
            self._failed.append(report.nodeid)

    def _leave_out(self) -> None:
        """Leave out the tests that fail on packs whose values are as they are."""
        folder = commented_packs()
        pid, told = self._fork(list(self._items.values()), folder, stops_at_failure=False)
        os.waitpid(pid, 0)
        for test in _read(told).split("\n"):
            if self._items.pop(test, None) is not None:
                print(f"left out, fails on unchanged values: {test}")
        shutil.rmtree(folder)

    def _start(self, mutation: Mutation) -> None:
        folder = changed_packs(mutation)
        pid, told = self._fork(self._in_order(mutation), folder, stops_at_failure=True)
        self._running[pid] = _Fork(mutation, folder, told)

    def _fork(self, order: Sequence[pytest.Item], folder: Path, *, stops_at_failure: bool) -> tuple[int, int]:
        """Run tests in a fork. Returns its id and where it tells the names of those that failed."""
        read, write = os.pipe()
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            os.close(write)
            return pid, read
        with contextlib.suppress(BaseException):
            self._chase(order, folder, stops_at_failure=stops_at_failure)
            os.write(write, "\n".join(self._failed).encode())
        os._exit(0)

    def _chase(self, order: Sequence[pytest.Item], folder: Path, *, stops_at_failure: bool) -> None:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.dup2(nothing, sys.stderr.fileno())
        os.environ["YZT_PACKS"] = str(folder)
        _forget_what_was_read()
        for item, following in zip(order, [*order[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed and stops_at_failure:
                return

    def _in_order(self, mutation: Mutation) -> list[pytest.Item]:
        items = self._items.values()
        own = [item for item in items if _shares_row(item, mutation)]
        lately = [self._items[name] for name in self._lately.get(mutation.path, ())]
        of_the_law = [item for item in items if item.nodeid.startswith(_OF_THE_LAW)]
        return list(dict.fromkeys((*own, *lately, *of_the_law)))

    def _wait(self) -> None:
        pid, _ = os.wait()
        fork = self._running.pop(pid)
        shutil.rmtree(fork.folder)
        self._note(fork.mutation, _read(fork.told).partition("\n")[0])

    def _note(self, mutation: Mutation, failed: str) -> None:
        if failed:
            self.hunt.caught += 1
            self.hunt.caught_by_own_rows += int(_shares_row(self._items[failed], mutation))
            lately = self._lately.setdefault(mutation.path, deque(maxlen=_LATELY))
            lately.appendleft(failed)
        else:
            self.hunt.survivors.append(mutation)
        if self.hunt.done % _TELL_EVERY == 0:
            print(f"{self.hunt.done} chased, {len(self.hunt.survivors)} survived", flush=True)


def _needs_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not _DATABASE_FIXTURES.isdisjoint(fixtures)


def _shares_row(item: pytest.Item, mutation: Mutation) -> bool:
    return not set(mutation.rows).isdisjoint(rows_of(item))


def _read(told: int) -> str:
    with os.fdopen(told, encoding="utf-8") as file:
        return file.read()


def changed_packs(mutation: Mutation) -> Path:
    """Make a folder of links to every pack, with the changed one written out. The caller takes it away."""
    folder = Path(tempfile.mkdtemp(prefix="yzt-packs-"))
    real = packs_folder()
    for path in real.rglob("*.yaml"):
        link = folder / path.relative_to(real)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    changed = folder / mutation.path
    changed.unlink()
    changed.write_text(mutation.mutated_text, "utf-8")
    return folder


def commented_packs() -> Path:
    """Make a folder of every pack with a comment more: other texts, the same values. The caller takes it away."""
    folder = Path(tempfile.mkdtemp(prefix="yzt-packs-"))
    for name, text in pack_texts().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n# .\n", "utf-8")
    return folder


def _forget_what_was_read() -> None:
    """Clear every cache of our modules: some keep the law that was read."""
    modules = [module for name, module in sys.modules.items() if name.startswith(_CACHING)]
    for module in modules:
        for value in list(vars(module).values()):
            if callable(getattr(value, "cache_clear", None)):
                value.cache_clear()
