"""The contract of the identity platform. No Django: an adapter at its side uses it as it is. It never raises."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from yizhengtong.kernel.numbers import DocumentKind


class Result(StrEnum):
    """Whether all three are of one document that is in force. No result says which of them is wrong."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Question:
    """Number in normal form, name as it was shown, birth date: all of them, on a legal day, and what it is asked for.

    Raises ValueError for a question that lacks one.
    """

    kind: DocumentKind
    number: str = field(repr=False)
    name: str = field(repr=False)
    birth_date: date = field(repr=False)
    on: date
    purpose: str

    def __post_init__(self) -> None:
        if not (self.number and self.name.strip() and self.purpose):
            raise ValueError("a question names a document, a name and a purpose")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform said. `as_of`: the day its content is of, also of one too old to count."""

    result: Result
    as_of: date | None = None


class Platform(Protocol):
    """Something that answers. Never raises."""

    def ask(self, question: Question) -> Answer: ...


UNAVAILABLE = Answer(Result.UNAVAILABLE)
