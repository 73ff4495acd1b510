"""`yzt wallets …`: makers of wallets whose attestations are believed here (docs/authorization.md)."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.management.naming import principal_named
from yizhengtong.verification.authorization.models import WalletProvider
from yizhengtong.verification.authorization.providers import close_provider, providers, register_provider


class Command(BaseCommand):
    help = "Makers of wallets: believe one by its keys or roots, believe one no longer, see whom we believe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        registering = acts.add_parser("register", help="believe a maker, or put its new keys in place of the old")
        registering.add_argument("issuer", help="as its attestations name it (iss)")
        registering.add_argument("--name", required=True, help="what residents are told")
        registering.add_argument("--keys", type=Path, help="JSON Web Key Set of its public keys")
        registering.add_argument("--roots", type=Path, help="PEM: authorities that certify its signers and no others")
        registering.add_argument("--redirect-uri", action="append", default=[], help="where its wallets go back to")
        closing = acts.add_parser("close", help="believe a maker no longer")
        closing.add_argument("issuer")
        for each in (registering, closing):
            each.add_argument("--by", required=True, help="user name of who does it")
        acts.add_parser("list", help="every maker")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['act']}")(options)
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
        except (OSError, ValueError) as problem:
            raise CommandError(str(problem)) from None

    def _register(self, options: Any) -> None:
        jwks = json.loads(options["keys"].read_text()) if options["keys"] else None
        if jwks is not None and not isinstance(jwks, dict):
            raise CommandError(say("authorization.keys_wrong", "en"))
        made = register_provider(
            issuer=options["issuer"], name=options["name"], jwks=jwks, by=principal_named(options["by"]),
            roots=options["roots"].read_bytes() if options["roots"] else b"", redirect_uris=options["redirect_uri"],
        )  # fmt: skip
        self.stdout.write(f"{made.issuer}: {_count(made)}.")

    def _close(self, options: Any) -> None:
        close_provider(issuer=options["issuer"], by=principal_named(options["by"]))
        self.stdout.write(f"{options['issuer']}: closed.")

    def _list(self, _options: Any) -> None:
        for each in providers():
            state = "believed" if each.is_active else "closed"
            self.stdout.write(f"{state:9} {each.issuer}  {each.name}  {_count(each)}")


def _count(provider: WalletProvider) -> str:
    return f"{len(provider.jwks['keys'])} keys, {len(provider.roots)} roots"
