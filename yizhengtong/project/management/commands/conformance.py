"""`yzt conformance URL`: whether a form takes the numbers and names of permits (docs/conformance.md)."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from yizhengtong.kernel.dates import legal_day
from yizhengtong.project.conformance.running import UNREACHED, Result, Verdict, adapter_at, run
from yizhengtong.project.conformance.telling import report
from yizhengtong.project.conformance.vectors import vectors
from yizhengtong.project.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Post made-up numbers and names of permits to the adapter of a form (https, or http on this machine), and tell "
        "which it wrongly refuses or takes. Ends with 1 unless all is right. Without URL the vectors are printed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", nargs="?", help="the adapter; without it the vectors are printed as JSON")
        parser.add_argument("--private-network", action="append", default=[], metavar="NETWORK",
                            help="of one's own, such as 10.20.0.0/16, in which the adapter may lie")  # fmt: skip
        parser.add_argument("--json", action="store_true", help="the report as JSON, a line for each vector")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["url"] is None:
            asked = vectors(legal_day(timezone.now()))
            listed = [{**each.as_json(), "must_take": each.must_take, "why": each.why} for each in asked]
            self.stdout.write(json.dumps(listed, ensure_ascii=False, indent=1))
            return
        found = self._asked(options["url"], options["private_network"], as_json=options["json"])
        if not options["json"]:
            for line in report(found):
                self.stdout.write(line)
        if any(each.verdict != Verdict.RIGHT for each in found):
            sys.exit(1)

    def _asked(self, url: str, private_networks: list[str], *, as_json: bool) -> list[Result]:
        """Return what became of each vector. Raises CommandError where nobody is there to ask."""
        try:
            adapter = adapter_at(url, private_networks)
        except ValueError as wrong:
            raise CommandError(str(wrong)) from None
        found: list[Result] = []
        for result in run(adapter, vectors(legal_day(timezone.now()))):
            if not found and result.because == UNREACHED:
                raise CommandError(f"no adapter answers at {url} (docs/conformance.md)")
            found.append(result)
            if as_json:
                self.stdout.write(json.dumps(_told(result), ensure_ascii=False))
        return found


def _told(result: Result) -> dict[str, object]:
    vector = result.vector
    return {**vector.as_json(), "verdict": result.verdict, "why": result.because or vector.why}
