"""`yzt convert FILE`: convert the residence permits of a county's list (庆政办发〔2023〕43号)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from yizhengtong.foundation.texts import LANGUAGES, say
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Problem
from yizhengtong.permitting.casework.converting.running import Request, Summary, run
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.management.lists import Reporter, office_named, officer_named, open_privately

_HEADINGS = ("line", "outcome", "field", "code", "why and what to do")


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
            by = officer_named(options["by"])
            request = Request(
                path=path,
                office=office_named(options["office"], by),
                by=by,
                on=legal_day(timezone.now()),
                is_applied=options["apply"],
            )
            with open_privately(report) as file:
                summary = run(request, Reporter(file, language, path, _HEADINGS))
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
