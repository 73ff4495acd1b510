"""Who a line may be: the same number, the same name and birth date, or a similar name and the same birth date.

Only keyed indexes are compared: nothing personal is opened to look for duplicates.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from django.db import connection

from yizhengtong.foundation.vault.indexes import bigram_indexes
from yizhengtong.permitting.importing.models import Reason
from yizhengtong.permitting.importing.records import Record
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.names import folded
from yizhengtong.registry.people.services import NAME_INDEX, birth_index, number_index

W = TypeVar("W")
_ORDER = {reason: rank for rank, reason in enumerate((Reason.SAME_NUMBER, Reason.SAME_NAME, Reason.SIMILAR_NAME))}
_INDEXED_AT_ONCE = 1000

_NUMBERS = "SELECT * FROM people_numbered(%s::text[], %s::bytea[])"
_BORN = "SELECT * FROM people_born_on(%s::bytea[])"
"""Functions, because a registrar's own rows end at the area and duplicates do not."""


@dataclass(frozen=True, slots=True)
class Keys:
    """By what a line is found: keyed, nothing to read."""

    numbers: tuple[tuple[str, bytes], ...]
    birth: bytes
    name: frozenset[str]

    @classmethod
    def of(cls, record: Record) -> "Keys":
        return cls(
            numbers=tuple((str(number.kind), number_index(number)) for number in record.numbers),
            birth=birth_index(record.birth_date),
            name=frozenset(bigram_indexes(NAME_INDEX, folded(record.name))),
        )


@dataclass(slots=True)
class Known(Generic[W]):
    """Who is known by number and by birth date: persons by id, or lines of a list by number."""

    by_number: dict[tuple[str, bytes], W] = field(default_factory=dict)
    by_birth: dict[bytes, list[tuple[frozenset[str], W]]] = field(default_factory=dict)

    def add(self, keys: Keys, who: W) -> None:
        """Take somebody in."""
        for number in keys.numbers:
            self.by_number[number] = who
        self.by_birth.setdefault(keys.birth, []).append((keys.name, who))

    def like(self, keys: Keys) -> dict[W, Reason]:
        """Return everybody the keys may be, each with the strongest reason."""
        found: dict[W, Reason] = {}
        for names, who in self.by_birth.get(keys.birth, ()):
            reason = _likeness(keys.name, names)
            if reason is not None:
                _note(found, who, reason)
        for number in keys.numbers:
            if number in self.by_number:
                _note(found, self.by_number[number], Reason.SAME_NUMBER)
        return found


def known_like(wanted: Sequence[Keys]) -> Known[UUID]:
    """Return the persons of the registry that any of the keys may find. Two statements."""
    known: Known[UUID] = Known()
    numbers = list(dict.fromkeys(number for keys in wanted for number in keys.numbers))
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [[kind for kind, _ in numbers], [index for _, index in numbers]])
        for kind, index, person_id in cursor.fetchall():
            known.by_number[(kind, bytes(index))] = person_id
        cursor.execute(_BORN, [list({keys.birth for keys in wanted})])
        for birth, person_id, names in cursor.fetchall():
            known.by_birth.setdefault(bytes(birth), []).append((frozenset(names), person_id))
    return known


def index_birth_dates() -> int:
    """Give persons registered before the column was there their index, so that they are found. Returns how many."""
    done = 0
    while persons := list(Person.objects.filter(birth_index=None).only("pk", "birth_date")[:_INDEXED_AT_ONCE]):
        for person in persons:
            Person.objects.filter(pk=person.pk, birth_index=None).update(birth_index=birth_index(person.birth_date))
        done += len(persons)
    return done


def _likeness(wanted: frozenset[str], names: Iterable[str]) -> Reason | None:
    """Say how alike two names are by their pairs of characters: all are there, or half of them."""
    shared = len(wanted.intersection(names))
    if shared == len(wanted):
        return Reason.SAME_NAME
    return Reason.SIMILAR_NAME if shared and 2 * shared >= len(wanted) else None


def _note(found: dict[W, Reason], who: W, reason: Reason) -> None:
    if who not in found or _ORDER[reason] < _ORDER[found[who]]:
        found[who] = reason


def strongest(found: Mapping[W, Reason]) -> Reason:
    """Return the strongest of the reasons found."""
    return min(found.values(), key=_ORDER.__getitem__)
