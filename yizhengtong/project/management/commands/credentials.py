"""`yzt credentials renew`: have wallets collect anew after a key was changed, and say how far that has come."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from yizhengtong.credentials.issuance.queries import renewals
from yizhengtong.credentials.issuance.renewing import AT_ONCE, continue_renewals
from yizhengtong.kernel.dates import legal_day
from yizhengtong.project.management.base import BaseCommand


class Command(BaseCommand):
    help = "Have wallets collect anew what a changed or lost issuer key signed (docs/wallets.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        renewing = acts.add_parser("renew", help="mark what is still to be marked; goes on where it was ended")
        renewing.add_argument("--status", action="store_true", help="only say how far each renewal has come")
        renewing.add_argument("--batch", type=int, default=AT_ONCE, help="batches of copies in one transaction")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["status"]:
            self.stdout.write(f"{continue_renewals(at_once=options['batch'])} batches marked now")
        for each in renewals(legal_day(timezone.now())):
            state = "marked" if each.done_at else "marking"
            self.stdout.write(
                f"{each.key_id:43}  {each.reason:8}  {each.begun_at:%Y-%m-%d %H:%M}  {state:7}  "
                f"{each.marked} due: {each.renewed} collected anew, {each.gone} over, {each.waiting} waiting"
            )
