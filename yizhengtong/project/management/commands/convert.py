"""`yzt convert FILE`: convert the residence permits of a county's list (庆政办发〔2023〕43号)."""

import csv
import os
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account, Office
from yizhengtong.foundation.accounts.principals import Principal, principal_for
from yizhengtong.foundation.texts import LANGUAGES, say
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Problem
from yizhengtong.permitting.casework.converting.running import Request, Summary, Told, run

_HEADINGS = ("line", "outcome", "field", "code", "why and what to do")
_BAR_WIDTH = 30
_SHOWN_EVERY_SECONDS = 0.2
_SAID_EVERY_SECONDS = 10.0


class Command(BaseCommand):
    help = (
        "Convert the permits of a list (CSV or xlsx: identity number, name, old permit number, address, day of "
        "signature, kind of proof). Without --apply nothing is written: every line is looked at and told in the report."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, help="user name of the clerk who accepts the applications")
        parser.add_argument("--office", help="code of the office that accepts; without it the clerk's own")
        parser.add_argument("--report", type=Path, help="where the report goes; without it FILE's name and -report.csv")
        parser.add_argument("--language", choices=LANGUAGES, default="zh-Hans", help="language of the report")
        parser.add_argument("--apply", action="store_true", help="write; a run that was cut off goes on where it was")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        report, language = options["report"] or path.with_name(f"{path.stem}-report.csv"), options["language"]
        try:
            by = _clerk(options["by"])
            request = Request(
                path=path,
                office=_office(options["office"], by),
                by=by,
                on=legal_day(timezone.now()),
                is_applied=options["apply"],
            )
            with _open_privately(report) as file:
                summary = run(request, _Reporter(file, language, path))
        except Problem as problem:
            raise CommandError(say(problem.code, language, problem.facts)) from None
        self._say(summary, report, language)

    def _say(self, summary: Summary, report: Path, language: str) -> None:
        if summary.resumed_after:
            self.stdout.write(f"Went on after line {summary.resumed_after}, where an earlier run had come to.")
        counted = ", ".join(f"{outcome} {count}" for outcome, count in sorted(summary.outcomes.items()))
        self.stdout.write(f"{summary.lines} lines: {counted or 'nothing to add'}.")
        for code, count in summary.codes.most_common():
            if code:
                self.stdout.write(f"  {count:7}  {code}  {say(code, language)}")
        self.stdout.write(f"Report: {report}")
        if not summary.is_applied:
            self.stdout.write("Nothing was written. Run again with --apply to convert what is ready.")


class _Reporter:
    """Writes the report line by line, and shows how far the run is."""

    def __init__(self, file: IO[str], language: str, path: Path) -> None:
        self._csv, self._language = csv.writer(file), language
        self._csv.writerow(_HEADINGS)
        self._lines = _lines_about(path)
        self._begun = self._shown = time.monotonic()

    def tell(self, told: Told) -> None:
        words = say(told.code, self._language) if told.code else ""
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


def _clerk(username: str) -> Principal:
    """Return the officer who accepts. Who may run commands here is past the second factor already."""
    account = Account.objects.filter(username=username, is_active=True).first()
    principal = principal_for(account, has_second_factor=True) if account else None
    if principal is None:
        raise CommandError("Say who you are: --by USERNAME of an active officer.")
    return principal


def _office(code: str | None, by: Principal) -> Office:
    wanted = {"code": code} if code else {"pk": by.office_id}
    office = Office.objects.select_related("parent").filter(**wanted).first()
    if office is None:
        raise CommandError(say("accounts.office_unknown", "en"))
    return office


def _open_privately(path: Path) -> IO[str]:
    """Open the report for its owner's eyes only. It holds no personal data, but tells which lines are whose."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")


def _lines_about(path: Path) -> int:
    """Return how many lines a text has; 0 for a workbook, which only tells when it is read."""
    if path.suffix.lower() == ".xlsx":
        return 0
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))
