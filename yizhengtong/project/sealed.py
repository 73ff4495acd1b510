"""Everything that lies sealed: tables with personal fields, what libraries keep, the files of documents."""

import contextlib
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from yizhengtong.foundation.accounts import mfa, sessions
from yizhengtong.foundation.documents import storage
from yizhengtong.foundation.exchange.registers.holding import RegisterHolding
from yizhengtong.foundation.vault import jobs
from yizhengtong.foundation.vault.errors import UnknownEnvelope
from yizhengtong.foundation.vault.holdings import Holding, Step, TableHolding, personal_tables


class FileHolding:
    """The contents of documents, in the order of their names. Each file is sealed anew by itself."""

    name = "files"

    def seal_some(self, *, after: str, limit: int, key_id: int) -> Step:  # noqa: ARG002 files follow the key in use
        names = [name for name in _names() if name > after][:limit]
        changed = damaged = 0
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # discarded in between
                try:
                    changed += storage.reseal_content(name)
                except UnknownEnvelope:
                    damaged += 1
        return Step(names[-1] if names else "", changed, damaged)

    def count_by_key(self) -> Counter[int]:
        found: Counter[int] = Counter()
        for name in _names():
            with contextlib.suppress(FileNotFoundError):
                try:
                    found[storage.key_of_file(name)] += 1
                except UnknownEnvelope:
                    found[UNREADABLE] += 1
        return found


UNREADABLE = -1
"""Stands for the key of what is no sealed content at all."""


def sealed_tables() -> list[TableHolding]:
    """Return every sealed table."""
    return [*personal_tables(), sessions.HOLDING, mfa.HOLDING, jobs.HOLDING]


def all_holdings() -> list[Holding]:
    """Return everything that is sealed, files last."""
    return [*sealed_tables(), RegisterHolding(settings.YZT_REGISTERS["folder"]), FileHolding()]


def _names() -> list[str]:
    return sorted(storage.names_written_before(timezone.now() + timedelta(days=1)))
