"""`yzt keys …`: look at the keys of this deployment, make one, seal everything anew with it, retire the old one."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.vault.keyring import OPEN_KEY, reload
from yizhengtong.foundation.vault.keys import destroy_key, make_key, retire_key, rewrap
from yizhengtong.foundation.vault.masters import add_master
from yizhengtong.foundation.vault.models import DataKey
from yizhengtong.foundation.vault.rotation import BATCH_ROWS, count_of, rotate, unfinished
from yizhengtong.foundation.vault.suites import SEALS_A_KEY
from yizhengtong.kernel.errors import Problem
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.sealed import UNREADABLE, all_holdings, sealed_tables

_SAMPLE = 50


class Command(BaseCommand):
    help = "Show, make, rotate, retire and check the keys that personal data are sealed with (docs/keys.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="every key, its state, and how near the busiest column is to the bound")
        acts.add_parser("make", help="make a data key and use it from now on")
        acts.add_parser("master", help="add a master key to the key file; `rewrap` then uses it")
        acts.add_parser("rewrap", help="wrap every key with the newest master key")
        turning = acts.add_parser("rotate", help="seal everything anew with a new key; goes on where it was ended")
        turning.add_argument("--batch", type=int, default=BATCH_ROWS, help="rows in one transaction")
        turning.add_argument("--pause", type=float, default=0.0, help="seconds between two batches")
        retiring = acts.add_parser("retire", help="let a key open nothing more, once nothing is sealed with it")
        retiring.add_argument("key", type=int)
        retiring.add_argument("--destroy", action="store_true", help="and remove it: no backup opens by it any more")
        acts.add_parser("check", help="count what each key seals, and open some of it")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['act']}")(options)
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None

    def _list(self, _options: dict[str, Any]) -> None:
        for key in DataKey.objects.order_by("pk"):
            self.stdout.write(
                f"{key.pk:5}  {key.kind:5}  {key.suite:10}  {key.state:8}  {key.made_at:%Y-%m-%d}  {key.master}"
            )
        table, writes = _most_written()
        self.stdout.write(
            f"{table}: {writes} rows written, {writes / SEALS_A_KEY:.6%} of what one key may seal in a column"
        )

    def _make(self, _options: dict[str, Any]) -> None:
        with transaction.atomic():
            key = make_key()
            _note("vault.make_key", key)
        self.stdout.write(f"Key {key.pk} is in use within {settings.YZT_KEYS_REFRESH_SECONDS} seconds.")

    def _master(self, _options: dict[str, Any]) -> None:
        if str(settings.YZT_KEYS).startswith("pkcs11:"):
            raise CommandError("The master key is in a token: make it with the token's own programs (docs/keys.md).")
        name = add_master(Path(settings.YZT_KEYS))
        self.stdout.write(
            f"Master key {name} is in {settings.YZT_KEYS}. Keep a copy apart from the backups, then: keys rewrap."
        )

    def _rewrap(self, _options: dict[str, Any]) -> None:
        with transaction.atomic():
            changed = rewrap()
            _note("vault.rewrap")
        self.stdout.write(f"{changed} keys are wrapped by the newest master key now.")

    def _rotate(self, options: dict[str, Any]) -> None:
        if unfinished() is None:
            self._make(options)
        reload()
        outcome = rotate(
            all_holdings(), say=self.stdout.write, batch_rows=options["batch"], pause_seconds=options["pause"]
        )
        _note("vault.rotate", DataKey.objects.get(kind=DataKey.Kind.DATA, state=DataKey.State.ACTIVE))
        self.stdout.write(f"changed={outcome.changed} remaining={outcome.remaining} damaged={outcome.damaged}")
        if outcome.damaged:
            raise CommandError("Some values do not open. Run: keys check")
        if outcome.remaining:
            raise CommandError("Some values are still sealed with another key. Run it again.")
        for key in DataKey.objects.filter(kind=DataKey.Kind.DATA, state=DataKey.State.RETIRING):
            self.stdout.write(f"Nothing is sealed with key {key.pk} any more. In a few minutes: keys retire {key.pk}")

    def _retire(self, options: dict[str, Any]) -> None:
        key = DataKey.objects.filter(pk=options["key"], kind=DataKey.Kind.DATA).first()
        if key is None:
            raise CommandError("There is no such key. See: keys list")
        if key.state != DataKey.State.RETIRED:
            self._retire_unused(key)
        if options["destroy"] and key.pk != OPEN_KEY:
            with transaction.atomic():
                destroy_key(key)
                _note("vault.destroy_key", key)
            self.stdout.write(f"Key {key.pk} is gone for good.")

    def _retire_unused(self, key: DataKey) -> None:
        used = count_of(all_holdings(), key.pk)
        if used:
            raise CommandError(f"{used} values are still sealed with key {key.pk}. Run: keys rotate")
        with transaction.atomic():
            retire_key(key)
            _note("vault.retire_key", key)
        self.stdout.write(f"Key {key.pk} opens nothing any more.")

    def _check(self, _options: dict[str, Any]) -> None:
        known = {key.pk: key.state for key in DataKey.objects.all()}
        wrong = 0
        for holding in all_holdings():
            for key_id, count in sorted(holding.count_by_key().items()):
                is_fine = known.get(key_id) in {DataKey.State.ACTIVE, DataKey.State.RETIRING}
                wrong += 0 if is_fine else count
                name = "no sealed content" if key_id == UNREADABLE else f"key {key_id} ({known.get(key_id, 'unknown')})"
                self.stdout.write(f"{holding.name}: {count} by {name}")
        for table in sealed_tables():
            tried, damaged = table.sample(_SAMPLE)
            wrong += damaged
            if tried:
                self.stdout.write(f"{table.name}: opened {tried - damaged} of {tried}")
        if wrong:
            raise CommandError(f"{wrong} values cannot be opened.")


def _note(action: str, key: DataKey | None = None) -> None:
    record_act(action, by=SYSTEM, on=("key", None), person_id=None, fields=[str(key.pk)] if key else [])


def _most_written() -> tuple[str, int]:
    """Return the sealed table with the most rows written since statistics began; a rotation writes each once more."""
    names = [table.name for table in sealed_tables()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd FROM pg_stat_user_tables WHERE relname = ANY(%s)"
            " ORDER BY 2 DESC LIMIT 1",
            [names],
        )
        name, writes = cursor.fetchone() or ("", 0)
    return str(name), int(writes)
