"""`yzt audit`: check the trail, look how far it is sealed, export it, change its key, let what is due expire."""

import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from yizhengtong.foundation.audit.checkpoints import CheckpointFile
from yizhengtong.foundation.audit.exporting import export
from yizhengtong.foundation.audit.operating import replace_root, resume, rotate_key, status
from yizhengtong.foundation.audit.signing import Stopped
from yizhengtong.foundation.audit.verifying import verify
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem
from yizhengtong.project.audit_retention import ask_for_all_expiries, plan_of_settings
from yizhengtong.project.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Verify, export or look at the audit trail's chain; rotate its key; resume after a restore; expire."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["verify", "status", "export", "rotate-key", "resume", "expire"])
        parser.add_argument("folder", nargs="?", type=Path, help="export: an empty folder to write into")
        parser.add_argument("--from", dest="since", type=date.fromisoformat, help="export: the first day, YYYY-MM-DD")
        parser.add_argument("--until", type=date.fromisoformat, help="export: the day after the last")
        parser.add_argument("--own", type=Path, help="verify: folder with your own trust.json and checkpoints.jsonl")
        parser.add_argument(
            "--lost", action="store_true", help="rotate-key: the old key is lost; begin anew, found by all"
        )
        parser.add_argument("--reason", help="resume, rotate-key --lost: why; it is signed and stays")
        parser.add_argument("--language", default="en", help="zh-Hans, zh-Hant or en")

    def handle(self, *_args: Any, **options: Any) -> None:
        action = getattr(self, f"_{options['action'].replace('-', '_')}")
        try:
            action(options)
        except Stopped as stopped:
            raise CommandError(f"{stopped.code}: {say(stopped.code, options['language'])}") from None
        except Problem as problem:
            raise CommandError(say(problem.code, options["language"], problem.facts)) from None
        except psycopg.Error as error:
            raise CommandError(f"The database gave no answer: {type(error).__name__}.") from None

    def _verify(self, options: Any) -> None:
        own = CheckpointFile(options["own"]) if options["own"] else None
        report = verify(_conninfo(), plan_of_settings().file, own=own)
        for found in (*report.findings, *report.notes):
            self.stdout.write(f"{found.code}: {say(found.code, options['language'], found.facts)}")
        self.stdout.write(
            f"root key {report.root}: {report.links} links, {report.entries} entries, {report.checkpoints} checkpoints"
        )
        self.stdout.write("The trail is whole." if report.is_whole else f"{len(report.findings)} findings.")
        if not report.is_whole:
            sys.exit(1)

    def _status(self, _options: Any) -> None:
        now = status(_conninfo(), plan_of_settings())
        age = "never" if now.checkpoint_age_seconds is None else f"{now.checkpoint_age_seconds:.0f} s ago"
        self.stdout.write(f"sealer      {'running' if now.is_running else 'not running'}")
        self.stdout.write(f"links       {now.links}")
        self.stdout.write(f"unsealed    {now.unsealed} entries, the oldest {now.lag_seconds:.1f} s old")
        self.stdout.write(f"checkpoint  {now.checkpoints} up to link {now.checkpoint_sequence}, {age}")
        self.stdout.write(f"key         {now.key or '-'}")

    def _export(self, options: Any) -> None:
        if options["folder"] is None:
            raise CommandError("Name an empty folder: yzt audit export FOLDER [--from DAY] [--until DAY]")
        try:
            manifest = export(
                _conninfo(), plan_of_settings().file, options["folder"], since=options["since"], until=options["until"]
            )
        except FileExistsError:
            raise CommandError("The folder is not empty. Name another one.") from None
        until = manifest["until"] or "the end"
        self.stdout.write(f"Exported the links after {manifest['after']} to {until}. Check: deploy/audit_checker.py")

    def _rotate_key(self, options: Any) -> None:
        if not options["lost"]:
            self.stdout.write(f"The next checkpoint is signed by {rotate_key(_conninfo(), plan_of_settings())}.")
            return
        if not options["reason"]:
            raise CommandError("Say how the key was lost: --reason TEXT. It is signed and stays.")
        key = replace_root(_conninfo(), plan_of_settings(), options["reason"])
        self.stdout.write(
            f"A new root: {key}. Every check finds it until the auditor takes it into a trust file of theirs."
        )

    def _resume(self, options: Any) -> None:
        if not options["reason"]:
            raise CommandError("Say why: yzt audit resume --reason TEXT. It is signed and stays.")
        done = resume(_conninfo(), plan_of_settings(), options["reason"])
        self.stdout.write(
            {
                "nothing": "Checkpoints and database fit together; there was nothing to do.",
                "file": "The checkpoint file has its lines again, from the database.",
                "database": "A checkpoint states what was lost; sealing goes on from the database's end.",
            }[done]
        )

    def _expire(self, _options: Any) -> None:
        asked = ask_for_all_expiries()
        for expiry in asked:
            self.stdout.write(f"{expiry.retention}: {expiry.entries} entries up to link {expiry.up_to} are due")
        if not asked:
            self.stdout.write("Nothing is due.")


def _conninfo() -> str:
    """Return how to reach the database that Django uses."""
    known = connection.settings_dict
    return make_conninfo(
        dbname=known["NAME"], user=known["USER"], password=known["PASSWORD"], host=known["HOST"], port=known["PORT"],
        **{name: value for name, value in known["OPTIONS"].items() if name.startswith("ssl")},
    )  # fmt: skip
