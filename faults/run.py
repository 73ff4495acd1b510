"""Journeys on one platform, and their end: everything started anew, settled, compared, spoilt and compared again."""

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.ground import ROOT
from faults.caller import World
from faults.journeys import Turns, keep_going
from faults.ledger import Entry, Ledger, read_ledger
from faults.mutating import MUTATIONS, Ground, NothingToSpoil
from faults.outside import DESTINATION, Outside, outside, read_received
from faults.platform import Platform
from faults.reconciling import Verdict, reconcile, same_again
from faults.settling import now, settle
from faults.troubles import lasting
from faults.witness import expect_from_now, install

_THREADS = 4
_CASES_A_SECOND = 0.6
_FEWEST_RESIDENTS = 24
_ENDING_SECONDS = 120
_PATIENCE_SECONDS = 300
_MOST_SENT_AGAIN = 1500
_SEALED_SECONDS = 2.0
_MANAGE = ("-m", "yizhengtong.project.manage")


class Run:
    """Journeys on one platform, and their end."""

    def __init__(self, place: Platform, world: World, turns: Turns, folder: Path) -> None:
        self.place, self.world, self._turns, self._folder = place, world, turns, folder
        self._threads = [threading.Thread(target=keep_going, args=(world, turns), daemon=True) for _ in range(_THREADS)]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self, at_least: int, mutations: Sequence[str]) -> Verdict:
        """Let every request come to its end, start everything anew, and look; then spoil it, and look again."""
        if not self.place.is_running:
            self.place.start()
        self._await(at_least)
        self.world.is_ending.set()
        until = time.monotonic() + _ENDING_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self.place.stop()
        begun = now()
        self.place.start()
        self._tell()
        left = settle(self.place, begun, manage)
        say(
            f"left on its way: events {left[0]}, pushes {left[1]}, dead letters {left[2]}, messages {left[3]}, "
            f"files {left[4]}"
        )
        entries = read_ledger(self._folder / "ledger")
        verdict = self._look(entries)
        for mutation in mutations:
            _note(verdict, f"a platform spoilt so ({mutation}) and not seen", self._is_unseen(mutation, entries))
        return verdict

    def _await(self, at_least: int) -> None:
        """Let the journeys go on until enough of each kind have come to their end. Raises RuntimeError otherwise."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while min(self._turns.done.values()) < at_least:
            if time.monotonic() > until:
                raise RuntimeError(
                    f"journeys that came to their end {dict(self._turns.done)}; refused: {self.world.refusals};"
                    f" given up after waiting: {self.world.waited_in_vain}"
                )
            lasting(0.1)

    def _tell(self) -> None:
        done = self._turns.done
        say(
            f"journeys done {done.total()}, requests broken off {self.world.broken}, "
            f"given up after waiting {len(self.world.waited_in_vain)}"
        )
        say("  " + ", ".join(f"{kind} {number}" for kind, number in done.items()))
        for silence in self.world.waited_in_vain:
            say(f"  waited in vain: {silence}")

    def _is_unseen(self, mutation: str, entries: Sequence[Entry]) -> int:
        """Spoil what is thrown away afterwards; return 1 when a second look says nothing of it."""
        spoil, is_seen = MUTATIONS[mutation]
        with psycopg.connect(self.place.database().url) as connection:
            clean = reconcile(entries, connection, read_received(self._folder))
            try:
                spoil(Ground(connection, entries, self._folder))
            except NothingToSpoil as nothing:
                say(f"spoilt so that something is {mutation}: nothing to spoil, {nothing}")
                return 1
            spoilt = reconcile(entries, connection, read_received(self._folder))
        seen = is_seen(clean, spoilt)  # the totals alone do not say: one spoiling can undo another's
        say(
            f"spoilt so that something is {mutation}: lost={len(spoilt.lost)} doubled={len(spoilt.doubled)} "
            f"half={sum(spoilt.half.values())} {'seen' if seen else 'not seen'}"
        )
        return int(not seen)

    def _look(self, entries: Sequence[Entry]) -> Verdict:
        with psycopg.connect(self.place.database().url) as connection:
            verdict = reconcile(entries, connection, read_received(self._folder))
        events, messages, again = verdict.left
        say(f"events pushed {events}, messages sent {messages}, come again before the acknowledgement stood {again}")
        chosen = random.sample(self.world.repeatable, min(_MOST_SENT_AGAIN, len(self.world.repeatable)))
        wrong = same_again(chosen)
        say(f"sent again under their keys {len(chosen)}, answered otherwise {len(wrong)}")
        _note(verdict, "an acknowledged request answered otherwise the second time", len(wrong))
        documents, spoilt = _documents(self.place)
        say(f"documents {documents}, their files missing or damaged {spoilt}")
        _note(verdict, "a document without its file", spoilt)
        for refusal in sorted(set(self.world.refusals)):
            say(f"  refused: {refusal}")
        _note(verdict, "a request refused that should not have been", len(self.world.refusals))
        _note(verdict, "a chain of the trail that does not verify", _verified(self.place))
        return verdict


@contextmanager
def running(place: Platform, seconds: float) -> Iterator[Run]:
    """Start a platform, make residents and officers, and let journeys begin that last about so long."""
    residents = max(_FEWEST_RESIDENTS, int(seconds * _CASES_A_SECOND))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="yzt-ledger-") as name, outside(Path(name)) as servers:
        place.extra.update(servers.settings)
        place.start()
        with psycopg.connect(place.database().url) as connection:
            install(connection)
        known = place.home / "known.json"
        manage(place, "-m", "faults.prepare", str(residents), str(known))
        _follow(place, servers)
        say(f"the platform answers, {residents} residents are there after {time.monotonic() - begun:.1f} s")
        world = World(place.port, Ledger(Path(name) / "ledger"))
        turns = Turns(json.loads(known.read_text()), seconds=seconds, at_once=_THREADS)
        run = Run(place, world, turns, Path(name))
        run.begin()
        try:
            yield run
        finally:
            world.is_ending.set()


def _follow(place: Platform, servers: Outside) -> None:
    """Name the data platform, hand it our key, then let events go.

    The destination counts as made yesterday: it is older than the run's trouble with the clock.
    """
    named = ("--name", "故障演练数据平台", "--legal-basis", "国令716 art. 12", "--content", "licence")
    servers.receive_events(manage(place, *_MANAGE, "exchange", "add", DESTINATION, servers.push_url, *named))
    with psycopg.connect(place.database().url) as connection:
        expect_from_now(connection)
        connection.execute("UPDATE exchange_destination SET made_at = made_at - interval '1 day'")
    manage(place, *_MANAGE, "exchange", "resume", DESTINATION)


def manage(place: Platform, *arguments: str) -> str:
    """Run a Python program of ours against the platform's database. Returns what it printed; raises RuntimeError."""
    environment = {
        **os.environ, **place.extra, "YZT_HOME": str(place.home), "DATABASE_URL": place.database().url,
    }  # fmt: skip
    result = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"{arguments}: {result.stdout[-1000:]}{result.stderr[-2000:]}")
    return result.stdout


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def _documents(place: Platform) -> tuple[int, int]:
    number, spoilt = json.loads(manage(place, "-m", "faults", "--documents"))
    return int(number), int(spoilt)


def _verified(place: Platform) -> int:
    """Return 1 when the trail's chain does not verify, 0 when it does or there is no sealer."""
    if "sealer" not in place.processes():
        say("no sealer runs: the chain of the trail is not looked at")
        return 0
    lasting(_SEALED_SECONDS)
    try:
        say(manage(place, *_MANAGE, "audit", "verify").strip().splitlines()[-1])
    except RuntimeError as broken:
        say(str(broken)[-1000:])
        return 1
    return 0


def _note(verdict: Verdict, what: str, number: int) -> None:
    if number:
        verdict.half[what] = number
