"""`yzt offices`: make a city's offices from its pack's service points, merge one into another, or list them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Problem
from yizhengtong.law.queries import law_in_force
from yizhengtong.project.founding import make_offices
from yizhengtong.project.management.naming import principal_named
from yizhengtong.project.merging import merge_offices


class Command(BaseCommand):
    help = "List the offices; with --city and --name make them from the law in force; `merge` one into another."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", nargs="?", choices=["list", "merge"], default="list")
        parser.add_argument(
            "codes", nargs="*", metavar="CODE", help="for merge: the office that goes, the one that stays"
        )
        parser.add_argument("--by", help="for merge: user name of who does it")
        parser.add_argument("--city", help="GB/T 2260 code of the city whose pack lists the service points")
        parser.add_argument("--name", help="name of the city's public security bureau")
        parser.add_argument("--subject", default="hmt", help="subject of the pack")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["action"] == "merge":
                self._merge(options["codes"], options["by"])
                return
            if options["city"]:
                _make(options)
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
        for office in Office.objects.select_related("merged_into").order_by("path"):
            gone = f"  (merged into {office.merged_into.code})" if office.merged_into else ""
            self.stdout.write(f"{'  ' * office.path.count('.')}{office.code}  {office.name}{gone}")

    def _merge(self, codes: list[str], username: str | None) -> None:
        if len(codes) != 2:
            raise CommandError("Name two offices: yzt offices merge OLD NEW --by USERNAME.")
        by = principal_named(username)
        for table, count in merge_offices(source=codes[0], target=codes[1], by=by).items():
            self.stdout.write(f"{count:8} {table}")


def _make(options: dict[str, Any]) -> None:
    if not options["name"]:
        raise CommandError("Give the bureau's name too: --name 济南市公安局.")
    law = law_in_force(options["city"], options["subject"], legal_day(timezone.now()))
    make_offices(law=law, city=options["city"], name=options["name"], by=SYSTEM)
