"""`yzt offices`: make a city's offices from the service points of its pack, or list the offices there are."""

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


class Command(BaseCommand):
    help = "List the offices; with --city and --name make them from the law in force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--city", help="GB/T 2260 code of the city whose pack lists the service points")
        parser.add_argument("--name", help="name of the city's public security bureau")
        parser.add_argument("--subject", default="hmt", help="subject of the pack")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["city"]:
            if not options["name"]:
                raise CommandError("Give the bureau's name too: --name 济南市公安局.")
            try:
                law = law_in_force(options["city"], options["subject"], legal_day(timezone.now()))
                make_offices(law=law, city=options["city"], name=options["name"], by=SYSTEM)
            except Problem as problem:
                raise CommandError(say(problem.code, "en", problem.facts)) from None
        for office in Office.objects.order_by("path"):
            self.stdout.write(f"{'  ' * office.path.count('.')}{office.code}  {office.name}")
