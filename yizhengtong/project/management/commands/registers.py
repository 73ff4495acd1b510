"""`yzt registers …`: lists of other authorities taken in, what is here, our key, a server (docs/registers.md)."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from yizhengtong.foundation.exchange.keys import public_keys
from yizhengtong.foundation.exchange.registers.choosing import sending_key
from yizhengtong.foundation.exchange.registers.contract import Kind
from yizhengtong.foundation.exchange.registers.files import FileRegister, Manifest, has_register, read_manifest
from yizhengtong.foundation.exchange.registers.loading import WrongLines, load_register
from yizhengtong.foundation.exchange.registers.reference import ReferenceServer
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Problem
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.verification.checks.travel.files import NAME as TRAVEL_DOCUMENTS
from yizhengtong.verification.checks.travel.files import has_list
from yizhengtong.verification.checks.travel.loading import load_list


class Command(BaseCommand):
    help = "Registers of other authorities: take a list in, see what is here, print our key, serve files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        loading = acts.add_parser("load", help="check a list and put it in place of the register before")
        loading.add_argument("kind", choices=[*Kind, TRAVEL_DOCUMENTS])
        loading.add_argument("file", type=Path, help="CSV or Excel")
        loading.add_argument("--as-of", type=date.fromisoformat, required=True, help="the day the list is of")
        loading.add_argument("--register", required=True, help="code of whose register it is, such as ruian-insurance")
        acts.add_parser("list", help="every register of this deployment")
        acts.add_parser("key", help="print the public key that our questions are signed with")
        serving = acts.add_parser("serve", help="answer from the files by docs/contracts/registers.md, on this machine")
        serving.add_argument("--port", type=int, required=True)
        serving.add_argument("--keys", type=Path, required=True, help="JSON Web Key Set of who may ask")
        serving.add_argument("--url", default="", help="the address behind a proxy; its last part is the kind")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['act']}")(options)
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
        except (OSError, ValueError) as problem:
            raise CommandError(str(problem)) from None

    def _load(self, options: Any) -> None:
        if options["as_of"] > legal_day(timezone.now()):
            raise CommandError("A list is of a day that has come.")
        try:
            made = _taken_in(options["kind"], options["file"], options["as_of"], options["register"])
        except WrongLines as wrong:
            lines = [f"line {each.line}: {say(each.code, 'en')} {each.fact}".rstrip() for each in wrong.lines]
            raise CommandError("\n".join([*lines, f"{wrong.count} wrong lines: nothing was taken in."])) from None
        self.stdout.write(f"{options['kind']}: {made.persons} persons as of {made.as_of}, from {made.register}.")

    def _list(self, _options: Any) -> None:
        services = settings.YZT_REGISTERS["services"]
        for kind in Kind:
            if kind in services:
                self.stdout.write(f"{kind:20} service {services[kind]}")
            elif has_register(_folder(), kind):
                held = read_manifest(_folder(), kind)
                self.stdout.write(f"{kind:20} file    {held.register}  as of {held.as_of}  {held.persons} persons")
            else:
                self.stdout.write(f"{kind:20} none: papers are handed in")
        self.stdout.write(f"{TRAVEL_DOCUMENTS:20} {_travel_documents()}")

    def _key(self, _options: Any) -> None:
        self.stdout.write(json.dumps({"keys": [sending_key(settings.YZT_REGISTERS["key"]).public_jwk()]}, indent=2))

    def _serve(self, options: Any) -> None:
        days = settings.YZT_REGISTERS["stale_days"]
        registers = {kind: FileRegister(_folder(), kind, stale_after_days=days) for kind in Kind}
        keys = public_keys(options["keys"].read_text())
        server = ReferenceServer(options["port"], registers, keys, url=options["url"], say=self.stdout.write)
        self.stdout.write(f"Answering at {server.url}/KIND. Ctrl-C ends it.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()


def _taken_in(kind: str, path: Path, as_of: date, register: str) -> Manifest:
    if kind == TRAVEL_DOCUMENTS:
        return load_list(_folder(), path, as_of=as_of, register=register)
    return load_register(_folder(), Kind(kind), path, as_of=as_of, register=register)


def _travel_documents() -> str:
    """Return who says whether a travel document is so (docs/checks.md)."""
    if settings.YZT_TRAVEL_PLATFORM:
        return f"service {settings.YZT_TRAVEL_PLATFORM}"
    if not has_list(_folder()):
        return "none: linked documents alone are matched"
    held = read_manifest(_folder(), TRAVEL_DOCUMENTS)
    return f"file    {held.register}  as of {held.as_of}  {held.persons} documents"


def _folder() -> Path:
    return Path(settings.YZT_REGISTERS["folder"])
