"""`yzt backup_keys FILE`: the keys, sealed to a passphrase or a public key, never beside a backup."""

import getpass
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings

from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Conflict, Problem
from yizhengtong.project.backup.keys import seal_keys
from yizhengtong.project.backup.manifest import write_durably
from yizhengtong.project.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Write all keys into FILE, sealed. The passphrase is asked for, or read from standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--recipient", type=Path, help="an X25519 public key (PEM) instead of a passphrase")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            ensure_apart(options["file"])
            recipient = _recipient(options["recipient"])
            passphrase = "" if recipient else read_passphrase()
            bundle = seal_keys(passphrase=passphrase, recipient=recipient)
            write_durably(options["file"], bundle)
        except FileExistsError:
            raise CommandError(say("backup.file_exists", "en", {"path": str(options["file"])})) from None
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
        self.stdout.write("The keys are written. Open them once on another machine before you trust them.")


def ensure_apart(file: Path) -> None:
    """Raise Conflict `backup.keys_beside` for a place within the folder of the backups, or within a backup."""
    folders = file.resolve().parents
    backups = settings.CONFIGURATION.backups
    is_beside = backups is not None and Path(backups).resolve() in folders
    if is_beside or any((folder / "manifest.json").exists() for folder in folders):
        raise Conflict("backup.keys_beside")


def read_passphrase() -> str:
    """Ask for a passphrase, or read it from standard input."""
    return getpass.getpass("Passphrase: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def _recipient(path: Path | None) -> X25519PublicKey | None:
    if path is None:
        return None
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError):
        key = None
    if not isinstance(key, X25519PublicKey):
        raise CommandError(f"{path} is no X25519 public key in PEM. Make one: openssl genpkey -algorithm x25519")
    return key
