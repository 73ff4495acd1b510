"""`yzt restore_keys FILE`: put the sealed keys back into the keys' folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem
from yizhengtong.project.backup.keys import open_keys, put_back
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.management.commands.backup_keys import read_passphrase


class Command(BaseCommand):
    help = "Open FILE and write the keys where they belong, overwriting none; or with --check only open it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--private-key", type=Path, help="the X25519 private key (PEM) instead of a passphrase")
        parser.add_argument("--check", action="store_true", help="write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            private = _private(options["private_key"])
            passphrase = "" if private else read_passphrase()
            keys = open_keys(options["file"].read_bytes(), passphrase=passphrase, private=private)
            paths = [] if options["check"] else put_back(keys)
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
        self.stdout.write(f"{len(keys)} keys can be read.")
        for path in paths:
            self.stdout.write(f"in place: {path}")


def _private(path: Path | None) -> X25519PrivateKey | None:
    if path is None:
        return None
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        key = None
    if not isinstance(key, X25519PrivateKey):
        raise CommandError(f"{path} is no X25519 private key in PEM.")
    return key
