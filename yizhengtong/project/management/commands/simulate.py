"""`yzt simulate`: put a draft of the law to the archive, and say whose decisions would come out otherwise."""

import gc
import multiprocessing
import time
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections

from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import public_id
from yizhengtong.law.errors import PackErrors
from yizhengtong.law.models import Edition
from yizhengtong.law.queries import library_of_edition
from yizhengtong.law.reading import Library, pack_texts
from yizhengtong.permitting.casework.simulation import Tally, parts, simulate
from yizhengtong.project.management.base import BaseCommand, CommandError

_PARTS_A_PROCESS = 4


class Command(BaseCommand):
    help = "Decide the whole archive again under a draft: an edition, or the packs of a folder. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--edition", help="hash of an edition, or its first characters (see `yzt packs list`)")
        parser.add_argument("--packs", type=Path, help="a folder of packs; else those of this checkout")
        parser.add_argument("--on", type=date.fromisoformat, help="as if the law of this day had always held")
        parser.add_argument("--processes", type=int, default=1, help="how many processes share the archive")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            library = _library(options["edition"], options["packs"])
        except PackErrors as errors:
            raise CommandError("\n".join(str(error) for error in errors.errors)) from None
        except NotFound as problem:
            raise CommandError(say(problem.code, "en")) from None
        begun = time.monotonic()
        tally = _over_all(library, options["on"], options["processes"])
        self._tell(tally, time.monotonic() - begun)

    def _tell(self, tally: Tally, seconds: float) -> None:
        for group, count in sorted(tally.changes.items(), key=lambda each: -each[1]):
            item, office, before, after = group
            self.stdout.write(f"{count:8} {item} at {office}: {before} -> {after}")
            for key, cases in sorted(tally.reasons.items()):
                if key[:4] == group:
                    self.stdout.write(f"         {cases:8} {key[4]}")
            examples = " ".join(public_id("cas", UUID(case)) for case in tally.examples.get(group, ()))
            self.stdout.write(f"         such as {examples}")
        rate = tally.looked_at / seconds if seconds else 0
        self.stdout.write(
            f"looked_at={tally.looked_at} untouched={tally.untouched} changed={tally.changed} per_second={rate:.0f}"
        )


def _library(start: str | None, packs: Path | None) -> Library:
    if start is None:
        return Library.from_texts(pack_texts(packs))
    editions = Edition.objects.filter(hash__startswith=start)
    found = list(editions.values_list("hash", flat=True).distinct().order_by()[:2])
    if len(found) != 1:
        raise CommandError("Name one edition: --edition HASH (see `yzt packs list`).")
    return library_of_edition(found[0])


def _over_all(library: Library, on: date | None, processes: int) -> Tally:
    """Simulate in one process, or share the archive out: forked, so that the packs are read once."""
    if processes <= 1:
        return simulate(library, on=on)
    shares = parts(processes * _PARTS_A_PROCESS)
    connections.close_all()
    whole = Tally()
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), _begin, (library, on)) as pool:
        for tally in pool.map(_part, shares):
            whole.add(tally)
    return whole


_given: list[tuple[Library, date | None]] = []


def _begin(library: Library, on: date | None) -> None:
    gc.freeze()  # the packs stay: the collector need not walk through them again and again
    _given.append((library, on))


def _part(share: tuple[UUID | None, UUID | None]) -> Tally:
    library, on = _given[-1]
    return simulate(library, on=on, after=share[0], until=share[1])
