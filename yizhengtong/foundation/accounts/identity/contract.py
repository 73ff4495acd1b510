"""What every identity service does: it is asked by sending the browser there, and proves who came back."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from yizhengtong.kernel.errors import Conflict, Forbidden
from yizhengtong.kernel.numbers import DocumentKind


@dataclass(frozen=True, slots=True)
class Proven:
    """What a service has proved. `subject`: by what it knows the person. `level`: how far it checked, in its words.

    `kind` and `number`: of a document of kernel.numbers, empty where the service tells none.
    """

    service: str
    subject: str = field(repr=False)
    name: str = field(repr=False)
    kind: str
    number: str = field(repr=False)
    birth_date: date | None = field(repr=False)
    level: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Where the browser is sent, and what is kept in its session until it comes back."""

    address: str
    kept: Mapping[str, str] = field(repr=False)


class IdentityService(Protocol):
    """A service at a configured address. Safe to share."""

    code: str

    def ask(self, *, back: str) -> Asking:
        """Begin. `back`: our absolute address to which the browser returns. Raises as `prove` does."""

    def prove(self, *, answer: Mapping[str, str], kept: Mapping[str, str], back: str) -> Proven:
        """Return what the service proves of who came back with this query.

        Raises Forbidden `identity.refused` where the answer is not to this asking, is forged, late or used, or where
        the person gave up; Conflict `identity.unavailable` where the service does not work.
        """


def refused() -> Forbidden:
    """Return the refusal that says nothing about why: whoever tries learns nothing."""
    return Forbidden("identity.refused")


def unavailable() -> Conflict:
    return Conflict("identity.unavailable")


def ensure_same(kept: str, answered: str) -> None:
    """Raise Forbidden `identity.refused` unless an answer belongs to this asking."""
    if not kept or not hmac.compare_digest(kept.encode(), answered.encode()):
        raise refused()


def read_object(body: bytes) -> dict[str, Any]:
    """Return a service's answer. Raises Conflict `identity.unavailable` for what is no JSON object."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise unavailable() from error
    if not isinstance(read, dict):
        raise unavailable()
    return read


def text_of(told: Mapping[str, Any], name: str, most: int = 200) -> str:
    """Return a text among what was told; empty where there is none. Raises Conflict for what is none or too long."""
    value = told.get(name) or ""
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise unavailable()
    return value


def known_kind(told: str) -> str:
    """Return the kind of document as it is named here; nothing for one that is not known."""
    return told if told in set(DocumentKind) else ""


def day_of(told: str) -> date | None:
    """Return a day written 1990-05-01 or 19900501. Raises Conflict `identity.unavailable` for anything else."""
    if not told:
        return None
    try:
        return date.fromisoformat(told)
    except ValueError as error:
        raise unavailable() from error
