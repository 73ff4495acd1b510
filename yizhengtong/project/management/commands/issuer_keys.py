"""`yzt issuer_keys …`: what credentials are signed with: look, make, rotate, retire, lose, check, publish."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from yizhengtong.credentials.keys.changing import HOURS_PUBLISHED_BEFORE
from yizhengtong.credentials.keys.health import faults
from yizhengtong.credentials.keys.models import Certificate, IssuerKey, Use
from yizhengtong.credentials.keys.publication import roots
from yizhengtong.credentials.keys.services import (
    declare_lost,
    found_keys,
    make_key,
    renew,
    replace_authority,
    retire_key,
    rotate_key,
)
from yizhengtong.credentials.keys.suites import algorithms
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.project.management.base import BaseCommand, CommandError

PREFIX = "key"


class Command(BaseCommand):
    help = "Show, make, rotate, retire, lose and check the keys that credentials and papers are signed with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="every key: its use, algorithm, state, place, days and certificate")
        making = acts.add_parser("make", help="publish the key that signs next; without a use: make what is lacking")
        making.add_argument("use", nargs="?", choices=Use.values)
        making.add_argument("--algorithm", choices=algorithms(), default=None)
        rotating = acts.add_parser("rotate", help="let the published key sign; the one before checks on")
        rotating.add_argument("use", nargs="+", choices=[*Use.values, "all"])
        rotating.add_argument("--algorithm", choices=algorithms(), default=None)
        rotating.add_argument("--at-once", action="store_true", help="whether or not it was published for a day")
        retiring = acts.add_parser("retire", help="end a key that needs no successor: published, or of a former suite")
        retiring.add_argument("key")
        losing = acts.add_parser("lost", help="believe nothing any more that a key signed: a stranger had it")
        losing.add_argument("key")
        acts.add_parser("check", help="sign with every key, look at certificates and lists; exit 1 when one is wrong")
        root = acts.add_parser("root", help="print the root certificates that are believed")
        root.add_argument("--replace", action="store_true", help="certify every key by a new root")
        root.add_argument("--lost", action="store_true", help="with --replace: and believe the one before no more")

    def handle(self, *_args: Any, **options: Any) -> None:
        acts: dict[str, Callable[[dict[str, Any]], None]] = {
            "list": self._list,
            "make": self._make,
            "rotate": self._rotate,
            "retire": self._retire,
            "lost": self._lost,
            "check": self._check,
            "root": self._root,
        }
        try:
            acts[options["act"]](options)
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None

    def _list(self, _options: dict[str, Any]) -> None:
        for key in IssuerKey.objects.defer("secret").order_by("use", "algorithm", "made_at"):
            newest = Certificate.objects.filter(key=key, revoked_at=None).order_by("-made_at").first()
            until = f"certificate until {newest.valid_until:%Y-%m-%d}" if newest else "no certificate"
            since = f"since {key.active_from:%Y-%m-%d}" if key.active_from else f"made {key.made_at:%Y-%m-%d}"
            place = ("token" if key.label else "sealed") if key.state in IssuerKey.SIGNING else "gone"
            what = f"{key.use:8}  {key.algorithm:5}  {key.state:7}  {place:6}"
            self.stdout.write(f"{public_id(PREFIX, key.pk)}  {what}  {since}  {until}")

    def _make(self, options: dict[str, Any]) -> None:
        if options["use"] is None:
            made = found_keys(by=SYSTEM)
            self.stdout.write(f"{len(made)} keys were lacking and sign now.")
            return
        for algorithm in _algorithms(options):
            key = make_key(use=Use(options["use"]), algorithm=algorithm, by=SYSTEM)
            hours = HOURS_PUBLISHED_BEFORE
            self.stdout.write(f"{public_id(PREFIX, key.pk)} is published. In {hours} h: issuer_keys rotate {key.use}")

    def _rotate(self, options: dict[str, Any]) -> None:
        uses = list(Use) if "all" in options["use"] else [Use(name) for name in options["use"]]
        for use in uses:
            for algorithm in _algorithms(options):
                key = rotate_key(use=use, algorithm=algorithm, by=SYSTEM, at_once=options["at_once"])
                self.stdout.write(f"{public_id(PREFIX, key.pk)} signs {use.value} by {algorithm} within seconds.")

    def _retire(self, options: dict[str, Any]) -> None:
        key = retire_key(key_id=_key_id(options), by=SYSTEM)
        self.stdout.write(f"{public_id(PREFIX, key.pk)} signs no more. What it signed is believed.")

    def _lost(self, options: dict[str, Any]) -> None:
        successor = declare_lost(key_id=_key_id(options), by=SYSTEM)
        self.stdout.write("What it signed is believed no more, and is signed anew (docs/runbooks/lost-issuer-key.md).")
        if successor is not None:
            self.stdout.write(f"{public_id(PREFIX, successor.pk)} signs {successor.use} within seconds.")

    def _check(self, _options: dict[str, Any]) -> None:
        renew(by=SYSTEM)
        found = faults()
        for fault in found:
            self.stdout.write(f"{'wrong' if fault.is_urgent else 'soon'}: {say(fault.code, 'en', fault.facts)}")
        urgent = sum(fault.is_urgent for fault in found)
        if urgent:
            raise CommandError(f"{urgent} things are wrong with the issuer keys.")
        self.stdout.write("Every key signs, and is believed.")

    def _root(self, options: dict[str, Any]) -> None:
        if options["lost"] and not options["replace"]:
            raise CommandError("A root is lost and replaced at once: root --replace --lost")
        if options["replace"]:
            replace_authority(by=SYSTEM, is_lost=options["lost"])
        for root in roots():
            certificate = x509.load_der_x509_certificate(root.certificate)
            self.stdout.write(certificate.public_bytes(Encoding.PEM).decode().strip())


def _algorithms(options: dict[str, Any]) -> tuple[str, ...]:
    return (options["algorithm"],) if options["algorithm"] else algorithms()


def _key_id(options: dict[str, Any]) -> str:
    """Return the thumbprint of the key that is meant, by the id of the list or by itself."""
    named = str(options["key"])
    if not named.startswith(f"{PREFIX}_"):
        return named
    found = IssuerKey.objects.filter(pk=parse_public_id(PREFIX, named)).values_list("key_id", flat=True).first()
    return found or named
