"""`yzt demonstrate`: prepare the demonstration, or run its journeys against a running server."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from yizhengtong.kernel.dates import legal_day
from yizhengtong.project.demonstration.city import OFFICERS, PASSWORD, TOTP_SECRET, Demonstration, make_city
from yizhengtong.project.demonstration.journeys import Journeys
from yizhengtong.project.demonstration.narration import Narrator
from yizhengtong.project.demonstration.operating import OperatorHere
from yizhengtong.project.demonstration.past import let_days_pass
from yizhengtong.project.management.base import BaseCommand


class Command(BaseCommand):
    help = "Make the demonstration's offices and officers (--prepare), or show its journeys through the public API."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prepare", action="store_true", help="only migrate and make the city")
        parser.add_argument("--port", type=int, default=8000, help="port of the running web server")
        parser.add_argument("--only-jinan", action="store_true", help="only the main job, not the other journeys")
        parser.add_argument("--let-pass", type=int, metavar="DAYS", help="only set a person's record so many days back")
        parser.add_argument("--person", help="with --let-pass: whose record, as the API names it")

    def handle(self, *_args: Any, **options: Any) -> None:
        today = legal_day(timezone.now())
        if options["prepare"]:
            call_command("prepare", verbosity=0)
            make_city(today)
            return
        if options["let_pass"]:
            let_days_pass(person_id=options["person"] or "", days=options["let_pass"])
            return
        operator = OperatorHere(settings.CONFIGURATION.home)
        narrator = Narrator(self.stdout.write)
        city = make_city(today)
        journeys = Journeys(port=options["port"], city=city, today=today, narrator=narrator, operator=operator)
        journeys.run(only_jinan=options["only_jinan"])
        self._say_where(options["port"], city)

    def _say_where(self, port: int, city: Demonstration) -> None:
        self.stdout.write(f"""
Addresses
  http://127.0.0.1:{port}/                            what this is and where to go
  http://127.0.0.1:{port}/api/resident/openapi.json   the residents' API
  http://127.0.0.1:{port}/api/staff/openapi.json      the officers' API
  http://127.0.0.1:{port}/api/partner/openapi.json    the relying parties' API
  http://127.0.0.1:{port}/api/reporter/openapi.json   the API of landlords, employers, agents
  http://127.0.0.1:{port}/_allauth/app/v1/auth/login  sign in; signup beside it

A test key for the relying parties' API: the people it finds do not exist, and are at /api/partner/own/sandbox-people
  curl -H "Authorization: Bearer {city.test_key}" http://127.0.0.1:{port}/api/partner/own/sandbox-people

Demonstration sign-ins (refused in production), password {PASSWORD}, authenticator secret {TOTP_SECRET}""")
        for officer in OFFICERS:
            self.stdout.write(f"  {officer.username:24} {', '.join(officer.roles)} at {officer.office}")
