"""`yzt redecide CASE`: compute a decision again from what it froze, and say whether it still comes out the same."""

from argparse import ArgumentParser
from typing import Any

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.services.recomputing import redecide
from yizhengtong.project.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Decide a case again from its frozen facts and the archived pack texts, without the stored result."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("case", help="public id of the case, cas_…")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            case_id = parse_public_id("cas", options["case"])
            again = redecide(case_id)
        except NotFound as error:
            raise CommandError(say(error.code)) from None
        record_read("casework.redecide", by=SYSTEM, on=("case", case_id), person_id=None, purpose="redecide")
        for finding in again.findings:
            mark = {True: "met", False: "unmet", None: "open"}[finding["met"]]  # type: ignore[index]
            self.stdout.write(f"  {mark:5} {finding['code']}")
        self.stdout.write(f"law {again.law_hash}")
        self.stdout.write(f"granted={again.granted} agrees={again.agrees}")
        if not again.agrees:
            raise CommandError("The stored decision is not what its facts and law give.")
