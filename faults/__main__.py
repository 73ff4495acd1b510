"""`python -m faults [--kills N] [--seconds S]`: let journeys run through all kinds of trouble, then reconcile."""

import argparse
import json
import os
import random
import signal
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
from faults.killing import Kills, storm
from faults.ledger import Entry, Ledger, read_ledger
from faults.mutating import MUTATIONS, NothingToSpoil
from faults.platform import Platform, platform
from faults.reconciling import Verdict, missing_files, reconcile, same_again
from faults.troubles import (
    clock_environment,
    clock_library,
    full_disk,
    lasting,
    no_connection_left,
    small_volume,
)

_THREADS = 4
_SECONDS_A_KILL = 1.4
_CASES_A_SECOND = 0.6
_FEWEST_RESIDENTS = 24
_ENDING_SECONDS = 120
_PATIENCE_SECONDS = 300
_TROUBLE_SECONDS = 8.0
_VOLUME_MEGABYTES = 700
_FILES_MEGABYTES = 24
_MOST_SENT_AGAIN = 1500
_SEALED_SECONDS = 30


def main() -> int:
    """Run the phases asked for and print the line that counts. Returns 0 when nothing is lost, doubled or half."""
    asked = _arguments()
    kills, verdicts = Kills(), []
    if "storm" in asked.phases:
        verdicts.append(_on_disk(asked, kills))
    if "full" in asked.phases:
        verdicts += _on_small_volume(asked)
    whole = _sum(verdicts)
    _say(f"unacknowledged={whole.unanswered}, of these in effect once={whole.unanswered_in_effect}")
    for problem in [*whole.lost, *whole.doubled, *(f"{what}: {number}" for what, number in whole.half.items())][:20]:
        _say(f"  {problem}")
    print(
        f"lost={len(whole.lost)} doubled={len(whole.doubled)} half={sum(whole.half.values())} "
        f"acknowledged={whole.acknowledged} found={whole.found} kills={len(kills.done)} in_flight={kills.in_flight}"
    )
    return 0 if whole.is_whole else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seconds", type=float, help="how long the kills are spread over")
    parser.add_argument("--phases", nargs="+", default=["storm", "troubles", "full"])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--at-least", type=int, default=1, help="journeys that must come to their end, however long")
    parser.add_argument(
        "--prove", nargs="*", choices=sorted(MUTATIONS), default=sorted(MUTATIONS),
        help="spoil the database so after the verdict, and fail unless it is seen",
    )  # fmt: skip
    asked = parser.parse_args()
    asked.seconds = asked.seconds or asked.kills * _SECONDS_A_KILL
    _say(f"seed {asked.seed}")
    return asked


def _on_disk(asked: argparse.Namespace, kills: Kills) -> Verdict:
    """Kills, then the power gone, no connection left, a clock that jumps; on the machine's own disk, fsync on."""
    with platform() as place, _running(place, asked.seconds) as run:
        done = storm(run.world, place, kills=asked.kills, seconds=asked.seconds, randomness=random.Random(asked.seed))
        kills.done, kills.restarts = done.done, done.restarts
        _say(f"kills {done.by_kind}, a request cut off by {done.broke}, started anew {done.restarts} times")
        if "troubles" in asked.phases:
            _troubles(place)
        return run.end(asked.at_least, asked.prove)


def _troubles(place: Platform) -> None:
    _say("the power goes: everything is killed at once")
    place.stop(is_killed=True)
    place.start()
    with no_connection_left(place) as number:
        _say(f"no connection left: {number} are held")
        lasting(_TROUBLE_SECONDS)
    place.wait_until_answering()
    _clock(place)


def _clock(place: Platform) -> None:
    library = clock_library()
    if library is None:
        _say("clock jump left out: libfaketime is not installed (apt-get install libfaketime)")
        return
    for offset in ("+6h", "-6h", ""):
        _say(f"the clock stands at {offset or 'the machine'}")
        place.stop()
        place.extra = clock_environment(library, offset) if offset else {}
        place.start()
        lasting(_TROUBLE_SECONDS / 2)


def _on_small_volume(asked: argparse.Namespace) -> list[Verdict]:
    """Disks that fill: first that of the files, then that of the database."""
    home = Path(tempfile.mkdtemp(prefix="yzt-faults-", dir="/tmp"))
    try:
        with small_volume(home, _VOLUME_MEGABYTES), small_volume(home / "files", _FILES_MEGABYTES):
            return [_full(home, asked)]
    except PermissionError:
        _say("full disks left out: mounting a small volume needs root")
        return []
    finally:
        home.rmdir()


def _full(home: Path, asked: argparse.Namespace) -> Verdict:
    with platform(home) as place, _running(place, _TROUBLE_SECONDS * 3) as run:
        lasting(_TROUBLE_SECONDS / 2)
        for volume, name in ((home / "files", "files"), (home, "database")):
            with full_disk(volume):
                _say(f"the disk of the {name} is full")
                lasting(_TROUBLE_SECONDS)
            if not place.is_running:
                _say("the supervisor gave up meanwhile; it is started again")
                place.start()
            place.wait_until_answering()
            lasting(_TROUBLE_SECONDS / 2)
        return run.end(asked.at_least, [])


class _Run:
    """Journeys on one platform, and their end."""

    def __init__(self, place: Platform, world: World, turns: Turns, ledger: Path) -> None:
        self.place, self.world, self._turns, self._ledger = place, world, turns, ledger
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
        self.place.start()
        _say(
            f"journeys done {self._turns.done}, requests broken off {self.world.broken}, "
            f"given up after waiting {len(self.world.waited_in_vain)}"
        )
        for silence in self.world.waited_in_vain:
            _say(f"  waited in vain: {silence}")
        entries = read_ledger(self._ledger)
        verdict = self._look(entries)
        for mutation in mutations:
            _note(verdict, f"a database spoilt so ({mutation}) and not seen", self._is_unseen(mutation, entries))
        return verdict

    def _await(self, at_least: int) -> None:
        """Let the journeys go on until enough have come to their end. Raises RuntimeError when they do not."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while self._turns.done < at_least:
            if time.monotonic() > until:
                raise RuntimeError(f"{self._turns.done} journeys came to their end; refused: {self.world.refusals}")
            lasting(0.1)

    def _is_unseen(self, mutation: str, entries: Sequence[Entry]) -> int:
        """Spoil the database, which is thrown away afterwards; return 1 when a second look says nothing of it."""
        spoil, is_seen = MUTATIONS[mutation]
        with psycopg.connect(self.place.database().url) as connection:
            clean = reconcile(entries, connection)
            try:
                spoil(connection, entries)
            except NothingToSpoil as nothing:
                _say(f"spoilt so that something is {mutation}: nothing to spoil, {nothing}")
                return 1
            spoilt = reconcile(entries, connection)
        _say(f"spoilt so that something is {mutation}: lost={len(spoilt.lost)} doubled={len(spoilt.doubled)}")
        return int(not is_seen(clean, spoilt))

    def _look(self, entries: Sequence[Entry]) -> Verdict:
        with psycopg.connect(self.place.database().url) as connection:
            verdict = reconcile(entries, connection)
        chosen = random.sample(self.world.repeatable, min(_MOST_SENT_AGAIN, len(self.world.repeatable)))
        wrong = same_again(chosen)
        _say(f"sent again under their keys {len(chosen)}, answered otherwise {len(wrong)}")
        _note(verdict, "an acknowledged request answered otherwise the second time", len(wrong))
        documents, spoilt = _documents(self.place)
        _say(f"documents {documents}, their files missing or damaged {spoilt}")
        _note(verdict, "a document without its file", spoilt)
        refusals = sorted(set(self.world.refusals))
        for refusal in refusals:
            _say(f"  refused: {refusal}")
        _note(verdict, "a request refused that should not have been", len(self.world.refusals))
        _note(verdict, "a chain of the trail that does not verify", _verified(self.place))
        return verdict


@contextmanager
def _running(place: Platform, seconds: float) -> Iterator[_Run]:
    """Start a platform, make residents and officers, and let journeys begin that last about so long."""
    residents = max(_FEWEST_RESIDENTS, int(seconds * _CASES_A_SECOND))
    begun = time.monotonic()
    place.start()
    known = place.home / "known.json"
    _manage(place, "-m", "benchmarks.prepare", str(residents), str(known))
    _say(f"the platform answers, {residents} residents are there after {time.monotonic() - begun:.1f} s")
    with tempfile.TemporaryDirectory(prefix="yzt-ledger-") as folder:
        path = Path(folder) / "ledger"
        ledger = Ledger(path)
        world = World(place.port, ledger)
        turns = Turns(json.loads(known.read_text()), seconds=seconds, at_once=_THREADS)
        run = _Run(place, world, turns, path)
        run.begin()
        try:
            yield run
        finally:
            world.is_ending.set()


def _manage(place: Platform, *arguments: str) -> str:
    """Run a Python program of ours against the platform's database."""
    environment = {**os.environ, "YZT_HOME": str(place.home), "DATABASE_URL": place.database().url}
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


def _documents(place: Platform) -> tuple[int, int]:
    number, spoilt = json.loads(_manage(place, "-m", "faults", "--documents"))
    return int(number), int(spoilt)


def _tell_documents() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
    django.setup()
    number, spoilt = missing_files()
    print(json.dumps([number, len(spoilt)]))


def _verified(place: Platform) -> int:
    """Return 1 when the trail's chain does not verify, 0 when it does or there is no sealer."""
    if "sealer" not in place.processes():
        _say("no sealer runs: the chain of the trail is not looked at")
        return 0
    lasting(min(2.0, _SEALED_SECONDS))
    try:
        _say(_manage(place, "-m", "yizhengtong.project.manage", "audit", "verify").strip().splitlines()[-1])
    except RuntimeError as broken:
        _say(str(broken)[-1000:])
        return 1
    return 0


def _note(verdict: Verdict, what: str, number: int) -> None:
    if number:
        verdict.half[what] = number


def _sum(verdicts: list[Verdict]) -> Verdict:
    whole = Verdict()
    for each in verdicts:
        whole.acknowledged += each.acknowledged
        whole.found += each.found
        whole.lost += each.lost
        whole.doubled += each.doubled
        whole.unanswered += each.unanswered
        whole.unanswered_in_effect += each.unanswered_in_effect
        for what, number in each.half.items():
            whole.half[what] = whole.half.get(what, 0) + number
    return whole


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--documents"]:
        _tell_documents()
        sys.exit(0)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that what was started is ended
    sys.exit(main())
