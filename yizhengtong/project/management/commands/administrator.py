"""`yzt administrator USERNAME`: appoint the first administrator of a new deployment."""

from argparse import ArgumentParser
from typing import Any

from django.db import transaction

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.services import appoint_first_administrator, create_office
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.management.commands.officer import read_password


class Command(BaseCommand):
    help = "Appoint the first administrator. The password is asked for, or read from standard input; never an argument."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the person's name, as printed")
        parser.add_argument("--office", required=True, help="code of the office; made when it is the first one")
        parser.add_argument("--office-name", default="", help="name of the office, where it is to be made")
        parser.add_argument("--region", default="", help="GB/T 2260 code of the office, where it is to be made")

    def handle(self, *_args: Any, **options: Any) -> None:
        password = read_password()
        try:
            with transaction.atomic():
                appoint_first_administrator(
                    username=options["username"],
                    password=password,
                    name=options["name"],
                    office=_office(options),
                    by=SYSTEM,
                )
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
        self.stdout.write("Appointed. Sign in and set up the second factor before anything else.")


def _office(options: dict[str, Any]) -> Office:
    office = Office.objects.filter(code=options["office"]).first()
    if office is not None:
        return office
    if Office.objects.exists() or not (options["office_name"] and options["region"]):
        raise CommandError(say("accounts.office_unknown", "en"))
    return create_office(
        code=options["office"], name=options["office_name"], region=options["region"], parent=None, by=SYSTEM
    )
