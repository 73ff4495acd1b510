"""`yzt import permits FILE`: take over a county's list of permits and registrations."""  # noqa: N999 the command's word

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
from yizhengtong.permitting.importing.mapping import read_mapping
from yizhengtong.permitting.importing.running import Request, Summary, Told, run

_HEADINGS = ("line", "outcome", "field", "code", "what is wrong and what to do")
_BAR_WIDTH = 30
_SHOWN_EVERY_SECONDS = 0.2
_SAID_EVERY_SECONDS = 10.0


class Command(BaseCommand):
    help = (
        "Import a list of permits and registrations (CSV or xlsx). Without --apply nothing is written: every line is "
        "checked and told in the report."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["permits"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, help="user name of the registrar who imports")
        parser.add_argument("--office", help="code of the office the records belong to; without it the registrar's own")
        parser.add_argument("--mapping", type=Path, help="which heading is which field (see docs/import.md)")
        parser.add_argument("--report", type=Path, help="where the report goes; without it FILE's name and -report.csv")
        parser.add_argument("--language", choices=LANGUAGES, default="zh-Hans", help="language of the report")
        parser.add_argument("--apply", action="store_true", help="write; a run that was cut off goes on where it was")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        report = options["report"] or path.with_name(f"{path.stem}-report.csv")
        language = options["language"]
        try:
            by = _registrar(options["by"])
            request = Request(
                path=path,
                columns=read_mapping(options["mapping"]),
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
            self.stdout.write(f"  {count:7}  {code}  {say(code, language)}")
        if summary.unused_columns:
            self.stdout.write(f"{len(summary.unused_columns)} columns are not taken over.")
        self.stdout.write(f"Report: {report}")
        if not summary.is_applied:
            self.stdout.write("Nothing was written. Run again with --apply to import what is ready.")


class _Reporter:
    """Writes the report line by line, and shows how far the run is."""

    def __init__(self, file: IO[str], language: str, path: Path) -> None:
        self._csv, self._language = csv.writer(file), language
        self._csv.writerow(_HEADINGS)
        self._lines = _lines_about(path)
        self._begun = self._shown = time.monotonic()

    def tell(self, told: Told) -> None:
        words = say(told.code, self._language, told.facts) if told.code else ""
        self._csv.writerow([told.line, told.outcome, told.field, told.code, words])

    def progress(self, line: int) -> None:
        now = time.monotonic()
        is_terminal = sys.stderr.isatty()
        if now - self._shown < (_SHOWN_EVERY_SECONDS if is_terminal else _SAID_EVERY_SECONDS):
            return
        self._shown = now
        share = min(1.0, line / self._lines) if self._lines else 0.0
        speed = line / (now - self._begun)
        if is_terminal:
            bar = "#" * round(share * _BAR_WIDTH)
            sys.stderr.write(f"\r[{bar:{_BAR_WIDTH}}] {share:4.0%} line {line}, {speed:.0f} lines/s")
            sys.stderr.write("\n" if share >= 1 else "")
        else:
            sys.stderr.write(f"line {line}, {speed:.0f} lines/s\n")
        sys.stderr.flush()


def _registrar(username: str) -> Principal:
    """Return the officer who imports. Who may run commands here is past the second factor already."""
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
