"""`yzt packs propose|confirm|list`: archive the packs of the checkout and put them in force, by two persons."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal, principal_for
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem
from yizhengtong.law.errors import PackErrors
from yizhengtong.law.models import Edition
from yizhengtong.law.reading import pack_texts
from yizhengtong.law.services import confirm_edition, propose_edition


class Command(BaseCommand):
    help = "Propose the packs of this checkout as one edition, confirm a proposed edition, or list them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["propose", "confirm", "list"])
        parser.add_argument("--by", help="user name of who proposes or confirms; never the same person for both")
        parser.add_argument("--edition", help="hash of the edition to confirm, or its first characters")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["action"] == "list":
            self._list()
            return
        try:
            by = _account(options["by"])
            if options["action"] == "propose":
                edition = propose_edition(texts=pack_texts(), by=by)
            else:
                edition = confirm_edition(edition_hash=_whole_hash(options["edition"]), by=by)
        except PackErrors as errors:
            raise CommandError("\n".join(str(error) for error in errors.errors)) from None
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
        self.stdout.write(f"{edition.state} {edition.hash}")

    def _list(self) -> None:
        for edition in Edition.objects.order_by("proposed_at"):
            self.stdout.write(f"{edition.state:9} {edition.hash} proposed {edition.proposed_at:%Y-%m-%d}")


def _account(username: str | None) -> Principal:
    account = Account.objects.filter(username=username or "", is_active=True).first()
    principal = principal_for(account) if account else None
    if principal is None:
        raise CommandError("Say who you are: --by USERNAME of an active account.")
    return principal


def _whole_hash(start: str | None) -> str:
    found = list(Edition.objects.filter(hash__startswith=start or "-", state=Edition.State.PROPOSED)[:2])
    if len(found) != 1:
        raise CommandError("Name one proposed edition: --edition HASH (see `yzt packs list`).")
    return found[0].hash
