"""`yzt import permits FILE`: take over a county's list of permits and registrations."""  # noqa: N999 the command's word

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from yizhengtong.foundation.texts import LANGUAGES, say
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Problem
from yizhengtong.permitting.importing.mapping import read_mapping
from yizhengtong.permitting.importing.running import Request, Summary, run
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.management.lists import Reporter, office_named, officer_named, open_privately

_HEADINGS = ("line", "outcome", "field", "code", "what is wrong and what to do")


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
            by = officer_named(options["by"])
            request = Request(
                path=path,
                columns=read_mapping(options["mapping"]),
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
            self.stdout.write(f"  {count:7}  {code}  {say(code, language)}")
        if summary.unused_columns:
            self.stdout.write(f"{len(summary.unused_columns)} columns are not taken over.")
        self.stdout.write(f"Report: {report}")
        if not summary.is_applied:
            self.stdout.write("Nothing was written. Run again with --apply to import what is ready.")
