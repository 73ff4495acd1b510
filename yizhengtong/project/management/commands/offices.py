"""`yzt offices`: make a city's offices from its pack's service points, add one, merge two, or list them."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office, OfficeKind
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.services import create_office
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Problem
from yizhengtong.law.queries import law_in_force
from yizhengtong.project.founding import make_offices
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.management.naming import principal_named
from yizhengtong.project.merging import merge_offices


class Command(BaseCommand):
    help = "List the offices; with --city and --name make them from the law in force; `add` one; `merge` two."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", nargs="?", choices=["list", "add", "merge"], default="list")
        parser.add_argument(
            "codes", nargs="*", metavar="CODE", help="for add: its code; for merge: who goes, who stays"
        )
        parser.add_argument("--by", help="for merge: user name of who does it")
        parser.add_argument("--city", help="GB/T 2260 code of the city whose pack lists the service points")
        parser.add_argument("--name", help="name of the city's public security bureau, or of the office that is added")
        parser.add_argument("--below", help="for add: code of the office it is part of")
        parser.add_argument("--kind", default=OfficeKind.POLICE, choices=OfficeKind.values, help="for add")
        parser.add_argument("--subject", default="hmt", help="subject of the pack")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["action"] == "merge":
                self._merge(options["codes"], options["by"])
                return
            if options["action"] == "add":
                _add(options)
            if options["city"]:
                _make(options)
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
        for office in Office.objects.select_related("merged_into").order_by("path"):
            gone = f"  (merged into {office.merged_into.code})" if office.merged_into else ""
            kind = "" if office.kind == OfficeKind.POLICE else f"  [{office.kind}]"
            self.stdout.write(f"{'  ' * office.path.count('.')}{office.code}  {office.name}{kind}{gone}")

    def _merge(self, codes: list[str], username: str | None) -> None:
        if len(codes) != 2:
            raise CommandError("Name two offices: yzt offices merge OLD NEW --by USERNAME.")
        by = principal_named(username)
        for table, count in merge_offices(source=codes[0], target=codes[1], by=by).items():
            self.stdout.write(f"{count:8} {table}")


def _add(options: dict[str, Any]) -> None:
    """Add one office below another, for the same place: an exit–entry office, say (S0-T18)."""
    above = Office.objects.filter(code=options["below"]).first()
    if len(options["codes"]) != 1 or not options["name"] or above is None:
        raise CommandError("Say which: yzt offices add CODE --name NAME --below CODE [--kind exit_entry].")
    kind = OfficeKind(options["kind"])
    create_office(
        code=options["codes"][0], name=options["name"], region=above.region, parent=above, by=SYSTEM, kind=kind
    )


def _make(options: dict[str, Any]) -> None:
    if not options["name"]:
        raise CommandError("Give the bureau's name too: --name 济南市公安局.")
    law = law_in_force(options["city"], options["subject"], legal_day(timezone.now()))
    make_offices(law=law, city=options["city"], name=options["name"], by=SYSTEM)
