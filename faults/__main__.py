"""`python -m faults [--kills N] [--seconds S]`: let journeys run through all kinds of trouble, then reconcile."""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
from pathlib import Path

from faults.killing import Kills, storm
from faults.mutating import MUTATIONS
from faults.platform import Platform, platform
from faults.reconciling import Verdict, missing_files
from faults.run import running, say
from faults.troubles import (
    clock_environment,
    clock_library,
    full_disk,
    lasting,
    no_connection_left,
    small_volume,
)

_SECONDS_A_KILL = 1.4
_TROUBLE_SECONDS = 8.0
_VOLUME_MEGABYTES = 700
_FILES_MEGABYTES = 24


def main() -> int:
    """Run the phases asked for and print the line that counts. Returns 0 when nothing is lost, doubled or half."""
    asked = _arguments()
    kills, verdicts = Kills(), []
    if "storm" in asked.phases:
        verdicts.append(_on_disk(asked, kills))
    if "full" in asked.phases:
        verdicts += _on_small_volume(asked)
    whole = _sum(verdicts)
    say(f"unacknowledged={whole.unanswered}, of these in effect once={whole.unanswered_in_effect}")
    for problem in [*whole.lost, *whole.doubled, *(f"{what}: {number}" for what, number in whole.half.items())][:20]:
        say(f"  {problem}")
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
    parser.add_argument("--at-least", type=int, default=1, help="journeys of each kind that must end, however long")
    parser.add_argument(
        "--prove", nargs="*", choices=sorted(MUTATIONS), default=sorted(MUTATIONS),
        help="spoil the database so after the verdict, and fail unless it is seen",
    )  # fmt: skip
    asked = parser.parse_args()
    asked.seconds = asked.seconds or asked.kills * _SECONDS_A_KILL
    say(f"seed {asked.seed}")
    return asked


def _on_disk(asked: argparse.Namespace, kills: Kills) -> Verdict:
    """Kills, then the power gone, no connection left, a clock that jumps; on the machine's own disk, fsync on."""
    with platform() as place, running(place, asked.seconds) as run:
        done = storm(run.world, place, kills=asked.kills, seconds=asked.seconds, randomness=random.Random(asked.seed))
        kills.done, kills.restarts = done.done, done.restarts
        say(f"kills {done.by_kind}, a request cut off by {done.broke}, started anew {done.restarts} times")
        if "troubles" in asked.phases:
            _troubles(place)
        return run.end(asked.at_least, sorted(asked.prove))


def _troubles(place: Platform) -> None:
    say("the power goes: everything is killed at once")
    place.stop(is_killed=True)
    place.start()
    with no_connection_left(place) as number:
        say(f"no connection left: {number} are held")
        lasting(_TROUBLE_SECONDS)
    place.wait_until_answering()
    _clock(place)


def _clock(place: Platform) -> None:
    library = clock_library()
    if library is None:
        say("clock jump left out: libfaketime is not installed (apt-get install libfaketime)")
        return
    for offset in ("+6h", "-6h", ""):
        say(f"the clock stands at {offset or 'the machine'}")
        place.stop()
        place.clock = clock_environment(library, offset) if offset else {}
        place.start()
        lasting(_TROUBLE_SECONDS / 2)


def _on_small_volume(asked: argparse.Namespace) -> list[Verdict]:
    """Disks that fill: first that of the files, then that of the database."""
    home = Path(tempfile.mkdtemp(prefix="yzt-faults-", dir="/tmp"))
    try:
        with small_volume(home, _VOLUME_MEGABYTES), small_volume(home / "files", _FILES_MEGABYTES):
            return [_full(home, asked)]
    except PermissionError:
        say("full disks left out: mounting a small volume needs root")
        return []
    finally:
        home.rmdir()


def _full(home: Path, asked: argparse.Namespace) -> Verdict:
    with platform(home) as place, running(place, _TROUBLE_SECONDS * 3) as run:
        lasting(_TROUBLE_SECONDS / 2)
        for volume, name in ((home / "files", "files"), (home, "database")):
            with full_disk(volume):
                say(f"the disk of the {name} is full")
                lasting(_TROUBLE_SECONDS)
            if not place.is_running:
                say("the supervisor gave up meanwhile; it is started again")
                place.start()
            place.wait_until_answering()
            lasting(_TROUBLE_SECONDS / 2)
        return run.end(asked.at_least, [])


def _tell_documents() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
    django.setup()
    number, spoilt = missing_files()
    print(json.dumps([number, len(spoilt)]))


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


if __name__ == "__main__":
    if sys.argv[1:] == ["--documents"]:
        _tell_documents()
        sys.exit(0)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that what was started is ended
    sys.exit(main())
