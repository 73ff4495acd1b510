"""`yzt demonstrate`: prepare the demonstration city, or run the main job against a running server."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from yizhengtong.kernel.dates import legal_day
from yizhengtong.project.demonstration.city import OFFICERS, PASSWORD, TOTP_SECRET, make_city
from yizhengtong.project.demonstration.journeys import Journeys
from yizhengtong.project.demonstration.narration import Narrator


class Command(BaseCommand):
    help = "Make the demonstration city (--prepare), or show the main job through the public API."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prepare", action="store_true", help="only migrate and make the city")
        parser.add_argument("--port", type=int, default=8000, help="port of the running web server")

    def handle(self, *_args: Any, **options: Any) -> None:
        today = legal_day(timezone.now())
        if options["prepare"]:
            call_command("prepare", verbosity=0)
            make_city(today)
            return
        narrator = Narrator(self.stdout.write)
        Journeys(port=options["port"], city=make_city(today), today=today, narrator=narrator).run()
        self._say_where(options["port"])

    def _say_where(self, port: int) -> None:
        self.stdout.write(f"""
Addresses
  http://127.0.0.1:{port}/                            what this is and where to go
  http://127.0.0.1:{port}/api/resident/openapi.json   the residents' API
  http://127.0.0.1:{port}/api/staff/openapi.json      the officers' API
  http://127.0.0.1:{port}/api/partner/openapi.json    the relying parties' API
  http://127.0.0.1:{port}/_allauth/app/v1/auth/login  sign in; signup beside it

Demonstration sign-ins (refused in production), password {PASSWORD}, authenticator secret {TOTP_SECRET}""")
        for officer in OFFICERS:
            self.stdout.write(f"  {officer.username:16} {', '.join(officer.roles)} at {officer.office}")
