"""The kinds of messages as data: what each is for, whether law or the person asks for it, what its words may hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from yizhengtong.foundation.yaml_files import read_yaml


class Channel(StrEnum):
    """Where a message can be read. The inbox is in the platform and always used."""

    INBOX = "inbox"
    SMS = "sms"
    EMAIL = "email"


LEAVING = (Channel.SMS, Channel.EMAIL)
"""Channels that leave the platform, in the order in which they are taken where nobody chose."""


class Quiet(StrEnum):
    """Which hours a kind respects: those the person chose, those of the deployment, none."""

    PERSON = "person"
    DEPLOYMENT = "deployment"
    NONE = "none"


EVERYWHERE = frozenset({"sms", "email.subject", "email.text", "inbox.subject", "inbox.text"})
PLACEHOLDER_TYPES: Mapping[str, frozenset[str]] = {
    "date": EVERYWHERE,
    "words": EVERYWHERE,  # a code with words of its own, or words by language
    "count": EVERYWHERE,
    "code": frozenset({"sms", "email.text"}),  # six digits that confirm an address
    "reasons": frozenset({"inbox.text"}),  # what stands against an application is nobody else's business
    "name": frozenset({"inbox.text"}),
}
"""Type of a placeholder → the parts of a message that it may stand in."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the law says so; `certainty` C, I, M or N."""

    text: str
    article: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `is_due`: always sent; else the person chooses. `hours`: after which it is not sent any more."""

    code: str
    is_due: bool
    source: Source
    quiet: Quiet
    hours: int
    placeholders: Mapping[str, str]
    is_listed: bool = True


@dataclass(frozen=True, slots=True)
class Words:
    """A text for one kind, channel and language; `subject` empty for SMS."""

    subject: str
    text: str


Shipped = Mapping[tuple[str, str, str], Words]
_kinds: dict[str, Kind] = {}
_shipped: dict[tuple[str, str, str], Words] = {}


def register(folder: Path) -> None:
    """Take in the kinds and shipped words of a room: `kinds.yaml` and `templates.yaml` in its folder."""
    _kinds.update(kinds_of(read_yaml(folder / "kinds.yaml")))
    _shipped.update(words_of(read_yaml(folder / "templates.yaml")))


def kinds_of(document: Mapping[str, Any]) -> dict[str, Kind]:
    """Return the kinds of a document. Raises KeyError, TypeError, ValueError for one that is not to the form."""
    found = {}
    for code, each in document.items():
        placeholders = dict(each.get("placeholders", {}))
        if not set(placeholders.values()) <= PLACEHOLDER_TYPES.keys():
            raise ValueError(f"{code}: a placeholder has a type that is not known")
        found[code] = Kind(
            code=code, is_due=each["is_due"], source=Source(**each["source"]), quiet=Quiet(each["quiet"]),
            hours=each["hours"], placeholders=placeholders, is_listed=each.get("is_listed", True),
        )  # fmt: skip
    return found


def words_of(document: Mapping[str, Any]) -> dict[tuple[str, str, str], Words]:
    """Return the words by kind, channel and language. SMS is a text; mail and inbox are a subject and a text."""
    return {
        (kind, channel, language): Words("", words) if channel == Channel.SMS else Words(*words)
        for kind, channels in document.items()
        for channel, languages in channels.items()
        for language, words in languages.items()
    }


def kinds() -> Mapping[str, Kind]:
    """Return every kind by its code, in the order of registration."""
    return _kinds


def shipped() -> Shipped:
    """Return the words that come with this release."""
    return _shipped
