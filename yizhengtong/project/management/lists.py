"""What the commands share that work through a county's list: who runs them, the report, how far a run is."""

import csv
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from django.core.management.base import CommandError

from yizhengtong.foundation.accounts.models import Account, Office
from yizhengtong.foundation.accounts.principals import Principal, principal_for
from yizhengtong.foundation.lists.telling import Told
from yizhengtong.foundation.texts import say

_BAR_WIDTH = 30
_SHOWN_EVERY_SECONDS = 0.2
_SAID_EVERY_SECONDS = 10.0


class Reporter:
    """Writes the report line by line, and shows how far the run is."""

    def __init__(self, file: IO[str], language: str, path: Path, headings: Sequence[str]) -> None:
        self._csv, self._language = csv.writer(file), language
        self._csv.writerow(headings)
        self._lines = _lines_about(path)
        self._begun = self._shown = time.monotonic()

    def tell(self, told: Told) -> None:
        words = say(told.code, self._language, told.facts) if told.code else ""
        self._csv.writerow([told.line, told.outcome, told.field, told.code, words])

    def progress(self, line: int) -> None:
        now, is_terminal = time.monotonic(), sys.stderr.isatty()
        if now - self._shown < (_SHOWN_EVERY_SECONDS if is_terminal else _SAID_EVERY_SECONDS):
            return
        self._shown = now
        share, speed = min(1.0, line / self._lines) if self._lines else 0.0, line / (now - self._begun)
        bar = "#" * round(share * _BAR_WIDTH)
        shown = f"\r[{bar:{_BAR_WIDTH}}] {share:4.0%} " if is_terminal else ""
        sys.stderr.write(f"{shown}line {line}, {speed:.0f} lines/s{'' if is_terminal and share < 1 else chr(10)}")
        sys.stderr.flush()


def officer_named(username: str) -> Principal:
    """Return the officer in whose name a command runs, past the second factor already. Raises CommandError."""
    account = Account.objects.filter(username=username, is_active=True).first()
    principal = principal_for(account, has_second_factor=True) if account else None
    if principal is None:
        raise CommandError("Say who you are: --by USERNAME of an active officer.")
    return principal


def office_named(code: str | None, by: Principal) -> Office:
    """Return the office of a code; without one the officer's own. Raises CommandError."""
    wanted = {"code": code} if code else {"pk": by.office_id}
    office = Office.objects.select_related("parent").filter(**wanted).first()
    if office is None:
        raise CommandError(say("accounts.office_unknown", "en"))
    return office


def open_privately(path: Path) -> IO[str]:
    """Open a report for its owner's eyes only. It holds no personal data, but tells which lines are whose."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")


def _lines_about(path: Path) -> int:
    """Return how many lines a text has; 0 for a workbook, which only tells when it is read."""
    if path.suffix.lower() == ".xlsx":
        return 0
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))
