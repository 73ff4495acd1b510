"""`yzt officer USERNAME`: appoint an officer to an office with roles."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem


class Command(BaseCommand):
    help = "Appoint an officer. The password is asked for, or read from standard input; never an argument."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the person's name, as printed")
        parser.add_argument("--office", required=True, help="code of the office (see `yzt offices`)")
        parser.add_argument("--role", action="append", required=True, choices=[role.value for role in Role])

    def handle(self, *_args: Any, **options: Any) -> None:
        office = Office.objects.filter(code=options["office"]).first()
        if office is None:
            raise CommandError(say("accounts.office_unknown", "en"))
        try:
            password = read_password()
            appoint_officer(
                username=options["username"],
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
