"""Who is behind a number that a relying party was shown: found in the same statements, and opened by the same work,
whether anybody is there or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from yizhengtong.foundation.vault.envelope import Place, seal
from yizhengtong.foundation.vault.fields import Sealed
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.foundation.vault.keyring import Key, ring_for_sealing
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentKind, DocumentNumber
from yizhengtong.permitting.permits.kinds import HMT, ZHEJIANG
from yizhengtong.permitting.permits.rules import PermitFacts
from yizhengtong.registry.consents.models import Consent
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import TRAVEL_KINDS
from yizhengtong.registry.people.services import number_index
from yizhengtong.registry.people.writings import fits
from yizhengtong.verification.checks.recording import BLOCKED, NOT_AGREED

PERMITS = {DocumentKind.HMT_PERMIT: (HMT,), DocumentKind.ZHEJIANG_PERMIT: ZHEJIANG}
"""Documents that are permits of this platform, and the kinds of permits they are."""
MATCHED = frozenset({*PERMITS, *TRAVEL_KINDS})
"""Documents whose numbers are matched. The travel document counts by its lifelong part, whatever its issue count."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Whose a number is; `person` is a decoy where it is nobody's.

    `person_id`: whose history a check belongs to, of a travel document that is not linked, too. `permit`: what says how
    the permit stands; None where there is none to tell of. `answer`: the newest to the use asked for, empty without.
    """

    person: Person
    person_id: UUID | None
    permit_id: UUID | None
    permit: PermitFacts | None
    answer: str
    is_blocked: bool

    @property
    def is_found(self) -> bool:
        return self.permit is not None

    @property
    def has_agreed(self) -> bool:
        """Whether the newest answer to the use was yes."""
        return self.answer == Consent.Answer.GIVEN

    def is_named(self, shown: str) -> bool:
        """Whether a name that was shown is the person's, in Chinese or in Latin letters."""
        return fits(shown, self.person.name, self.person.latin_name)

    def refused_because(self, needs: bool | None) -> str:
        """Return why the person's data may not be used for this; empty where they may. `needs`: as `needs_consent`."""
        is_agreed = needs is False or (needs is True and self.has_agreed)
        if not is_agreed:
            return NOT_AGREED
        return BLOCKED if self.is_blocked else ""


def find(number: DocumentNumber, *, name: str, birth_date: date | None, use: str, party_id: UUID) -> Behind:
    """Return who is behind a number: of a permit, or of a travel document that its holder has linked to one.

    A travel document that is linked to none belongs into the history of who has it in the register, and is theirs to
    refuse, only where the name that was shown and, if sent, the birth date are theirs: anybody can type a number.

    One statement for a permit's number, two for a travel document's, whoever is found. For as long as it takes, and no
    longer, a relying party's connection reads that permit and its person.
    """
    if number.kind in PERMITS:
        return _of_permit(blind_index("permits.number", number.text), PERMITS[number.kind], use, party_id)
    index = number_index(number)
    with connection.cursor() as cursor:
        cursor.execute(_TRAVEL, [str(number.kind), index, use, party_id])
        linked, person_id, *sealed, answer, is_blocked = cursor.fetchone()
    claimant = _person(person_id, sealed)
    # Both are always compared, of nobody a decoy's, so that the time taken does not tell which of them failed.
    is_named = fits(name, claimant.name, claimant.latin_name)
    is_born_then = birth_date is None or claimant.birth_date == birth_date
    # Nobody has a permit under a travel document's index, so that looking it up finds nothing and costs the same.
    found = _of_permit(bytes(linked) if linked is not None else index, PERMITS[DocumentKind.HMT_PERMIT], use, party_id)
    if found.is_found or person_id is None or not (is_named and is_born_then):
        return found
    return Behind(found.person, person_id, None, None, answer or "", bool(is_blocked))


def _of_permit(index: bytes, kinds: tuple[str, ...], use: str, party_id: UUID) -> Behind:
    with connection.cursor() as cursor:
        cursor.execute(_PERMIT, [index, list(kinds), use, party_id])
        row = cursor.fetchone()
    permit_id, person_id, *sealed, answer, is_blocked = (row or _NOBODY)[:_FACTS]
    permit = PermitFacts(*row[_FACTS:]) if row else None
    return Behind(_person(person_id, sealed), person_id, permit_id, permit, answer or "", is_blocked)


def _person(person_id: UUID | None, sealed: Sequence[Any]) -> Person:
    """Return a person as they lie in the database, opened once they are compared: name, Latin name, birth date."""
    decoy, nobody = _decoy()
    lying: list[Any] = [Sealed(bytes(each)) for each in (nobody if person_id is None else sealed)]
    name, latin_name, birth_date = lying
    return Person(pk=person_id or decoy, name=name, latin_name=latin_name, birth_date=birth_date)


def _decoy() -> tuple[UUID, tuple[bytes, ...]]:
    """Return nobody, sealed as somebody: opened and compared alike, so that the time taken tells nothing."""
    return _sealed_decoy(ring_for_sealing().sealing)


@lru_cache(maxsize=1)
def _sealed_decoy(_key: Key) -> tuple[UUID, tuple[bytes, ...]]:
    """Seal nobody, once for the key that is in use."""
    nobody, table = new_id(), Person._meta.db_table
    columns = {"name": "无名氏", "latin_name": "NO BO DY", "birth_date": "1900-01-01"}
    return nobody, tuple(seal(text.encode(), Place(table, column, str(nobody))) for column, text in columns.items())


_NOBODY: tuple[Any, ...] = (None, None, None, None, None, None, False)
_FACTS = len(_NOBODY)
"""Where in a row the permit's own begin."""
_PERMIT = "SELECT * FROM checks_permit(%s, %s, %s, %s)"
"""All that a check asks of a permit and its holder, in one statement: it is the platform's most frequent one."""
_TRAVEL = """
    SELECT links_behind(asked.kind, asked.index), holder.person_id, holder.name, holder.latin_name, holder.birth_date,
        holder.answer, holder.is_blocked
    FROM (VALUES (%s::varchar, %s::bytea, %s::varchar, %s::uuid)) asked (kind, index, use, party)
    LEFT JOIN LATERAL checks_holder(asked.kind, asked.index, asked.use, asked.party) holder ON true
"""
