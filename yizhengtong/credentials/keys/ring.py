"""The issuer keys of this process: read from the database, opened once, and asked about again every few seconds.

A rotation, or a loss, is noticed by every process within REFRESH_SECONDS.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeGuard

from yizhengtong.credentials.formats.signing import Checker, Signer
from yizhengtong.credentials.keys.holding import checker_for, signer_for
from yizhengtong.credentials.keys.models import Certificate, IssuerKey, KeyState
from yizhengtong.foundation.vault.fields import Sealed
from yizhengtong.kernel.errors import Problem

log = logging.getLogger(__name__)

REFRESH_SECONDS = 3.0
"""Ours: one small query per process in so many seconds."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Signers by use and algorithm; of every use, its checkers by key id and its public keys, newest first.

    Where a key cannot be used stands why: others sign on, and what was signed is checked.
    """

    loaded_at: float
    signers: Mapping[tuple[str, str], Signer | Problem]
    checkers: Mapping[str, Mapping[str, Checker]]
    published: Mapping[str, tuple[Mapping[str, str], ...]]

    def checkers_of(self, use: str) -> Mapping[str, Checker]:
        return self.checkers.get(use, _NONE)


_NONE: Mapping[str, Checker] = MappingProxyType({})
_ring: Ring | None = None


def ring() -> Ring:
    """Return the ring, read again when it is older than REFRESH_SECONDS."""
    if _ring is None or time.monotonic() - _ring.loaded_at > REFRESH_SECONDS:
        return reload()
    return _ring


def reload() -> Ring:
    """Read the ring from the database now. What is known already is not opened again."""
    global _ring  # noqa: PLW0603 one ring a process
    before, now = _ring, time.monotonic()
    rows = list(IssuerKey.objects.raw(_BELIEVED, [list(IssuerKey.BELIEVED)]))
    _ring = Ring(now, _signers(rows, before), _checkers(rows, before), _published(rows))
    return _ring


def forget() -> None:
    """Drop the ring; the next need reads it anew."""
    global _ring  # noqa: PLW0603 one ring a process
    _ring = None


def _signers(rows: list[IssuerKey], before: Ring | None) -> dict[tuple[str, str], Signer | Problem]:
    known = {} if before is None else {each.key_id: each for each in before.signers.values() if _signs(each)}
    active = [row for row in rows if row.state == KeyState.ACTIVE]
    certificates = _certificates(active)
    found: dict[tuple[str, str], Signer | Problem] = {}
    for row in active:
        chain, kept = certificates.get(row.key_id, ()), known.get(row.key_id)
        is_as_it_was = kept is not None and kept.certificates == chain
        found[row.use, row.algorithm] = kept if kept and is_as_it_was else _signer_or_problem(row, chain)
    return found


def _signs(each: Signer | Problem) -> TypeGuard[Signer]:
    return not isinstance(each, Problem)


def _signer_or_problem(row: IssuerKey, chain: tuple[bytes, ...]) -> Signer | Problem:
    try:
        return signer_for(_with_private_part(row), chain)
    except Problem as problem:
        log.error("keys.cannot_sign key=%s use=%s code=%s", row.key_id, row.use, problem.code)
        return problem


def _with_private_part(row: IssuerKey) -> IssuerKey:
    """Return a row of _BELIEVED with its private part as it lies: the column itself the web's role may not read."""
    sealed: bytes | None = vars(row)["sealed"]
    row.secret = None if sealed is None else Sealed(bytes(sealed))
    return row


def _certificates(rows: list[IssuerKey]) -> dict[str, tuple[bytes, ...]]:
    """Return the chain of each key: its newest certificate; the root that made it is left out."""
    of_keys = Certificate.objects.filter(key__in=rows, revoked_at=None).order_by("made_at", "pk")
    return {key_id: (bytes(content),) for key_id, content in of_keys.values_list("key__key_id", "content")}


def _checkers(rows: list[IssuerKey], before: Ring | None) -> dict[str, Mapping[str, Checker]]:
    found: dict[str, dict[str, Checker]] = {}
    for row in rows:
        known = before and before.checkers_of(row.use).get(row.key_id)
        try:
            found.setdefault(row.use, {})[row.key_id] = known or checker_for(row)
        except Problem as problem:  # believed in nothing meanwhile: this fails closed
            log.error("keys.cannot_check key=%s use=%s code=%s", row.key_id, row.use, problem.code)
    return {use: MappingProxyType(checkers) for use, checkers in found.items()}


def _published(rows: list[IssuerKey]) -> dict[str, tuple[Mapping[str, str], ...]]:
    found: dict[str, tuple[Mapping[str, str], ...]] = {}
    for row in rows:
        found[row.use] = (*found.get(row.use, ()), row.public)
    return found


_BELIEVED = """
    SELECT own.id, own.key_id, own.use, own.algorithm, own.public, own.label, own.state, signing.key_secret AS sealed
    FROM keys_issuerkey own LEFT JOIN keys_signing() signing ON signing.key_id = own.id
    WHERE own.state = ANY (%s) ORDER BY own.made_at DESC, own.id DESC
"""
"""In one statement: keys and what they sign with, as they are at one moment."""
