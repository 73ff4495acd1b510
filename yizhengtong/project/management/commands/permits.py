"""`yzt permits sweep`: suspend permits that were not endorsed in time and remind who is due, as every night."""

import sys
import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.utils import timezone

from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.permits.sweeping import AT_ONCE, count_overdue, remind_due, suspend_overdue
from yizhengtong.project.management.base import BaseCommand

_BAR_WIDTH = 30
_SHOWN_EVERY_SECONDS = 0.2
_SAID_EVERY_SECONDS = 10.0


class Command(BaseCommand):
    help = "Do now what the worker does after midnight. Done again it does nothing; cut off, it goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["sweep"])
        parser.add_argument("--on", type=date.fromisoformat, help="the legal day; without it today's")
        parser.add_argument("--at-once", type=int, default=AT_ONCE, help="permits in one transaction")

    def handle(self, *_args: Any, **options: Any) -> None:
        on = options["on"] or legal_day(timezone.now())
        progress = _Progress(count_overdue(on))
        begun = time.monotonic()
        suspended = suspend_overdue(on=on, told=progress, at_once=options["at_once"])
        reminded = remind_due(on=on, told=_Progress(0), at_once=options["at_once"])
        self.stdout.write(f"{on}: {suspended} suspended, {reminded.total()} reminded.")
        for days, count in sorted(reminded.items(), reverse=True):
            self.stdout.write(f"  {count:7}  {days} days before the last day")
        self.stdout.write(f"{time.monotonic() - begun:.1f} s")


class _Progress:
    """Shows how far a sweep is, on a terminal as a bar."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._begun = self._shown = time.monotonic()

    def __call__(self, count: int) -> None:
        self._done += count
        now, is_terminal = time.monotonic(), sys.stderr.isatty()
        if now - self._shown < (_SHOWN_EVERY_SECONDS if is_terminal else _SAID_EVERY_SECONDS):
            return
        self._shown = now
        speed = self._done / (now - self._begun)
        if is_terminal and self._total:
            share = min(1.0, self._done / self._total)
            bar = "#" * round(share * _BAR_WIDTH)
            sys.stderr.write(f"\r[{bar:{_BAR_WIDTH}}] {share:4.0%} {self._done} permits, {speed:.0f}/s")
        else:
            sys.stderr.write(f"{self._done} permits, {speed:.0f}/s\n")
        sys.stderr.flush()
