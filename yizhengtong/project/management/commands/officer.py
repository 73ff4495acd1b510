"""`yzt officer USERNAME`: appoint an officer to an office with roles; `yzt officer leave USERNAME`: end the service."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer, leave_office
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.management.naming import principal_named


class Command(BaseCommand):
    help = "Appoint an officer. The password is asked for, or read from standard input; never an argument."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("words", nargs="+", metavar="[leave] USERNAME")
        parser.add_argument("--name", help="the person's name, as printed")
        parser.add_argument("--office", help="code of the office (see `yzt offices`)")
        parser.add_argument("--role", action="append", choices=[role.value for role in Role])
        parser.add_argument("--by", help="for leave: user name of who does it")

    def handle(self, *_args: Any, **options: Any) -> None:
        words = options["words"]
        if len(words) == 2 and words[0] == "leave":
            self._leave(words[1], options["by"])
        elif len(words) == 1 and options["name"] and options["office"] and options["role"]:
            self._appoint(words[0], options)
        else:
            raise CommandError("Give USERNAME with --name, --office and --role; or: leave USERNAME --by USERNAME.")

    def _leave(self, username: str, by: str | None) -> None:
        try:
            leave_office(username=username, by=principal_named(by))
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
        self.stdout.write("The officer no longer serves: no sign-in, no session, no second factor.")

    def _appoint(self, username: str, options: dict[str, Any]) -> None:
        office = Office.objects.filter(code=options["office"]).first()
        if office is None:
            raise CommandError(say("accounts.office_unknown", "en"))
        try:
            password = read_password()
            appoint_officer(
                username=username,
                password=password,
                name=options["name"],
                office=office,
                roles=[Role(role) for role in options["role"]],
                by=SYSTEM,
            )
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
        self.stdout.write("Appointed. The officer signs in and sets up the second factor before anything else.")


def read_password() -> str:
    """Ask for a password, or read it from standard input; refuse a weak one."""
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    return password
