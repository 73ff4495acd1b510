"""Who is behind a number that a relying party was shown: found in the same statements, and opened by the same work,
whether anybody is there or not.
"""

from dataclasses import dataclass
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


def find(number: DocumentNumber, *, use: str, party_id: UUID) -> Behind:
    """Return who is behind a number: of a permit, or of a travel document that its holder has linked to one.

    One statement for a permit's number, two for a travel document's, whoever is found. For as long as it takes, and no
    longer, a relying party's connection reads that permit and its person.
    """
    if number.kind in PERMITS:
        return _of_permit(blind_index("permits.number", number.text), PERMITS[number.kind], use, party_id)
    index = number_index(number)
    with connection.cursor() as cursor:
        cursor.execute(_TRAVEL, [str(number.kind), index, use, party_id])
        linked, person_id, answer, is_blocked = cursor.fetchone()
    # Nobody has a permit under a travel document's index, so that looking it up finds nothing and costs the same.
    found = _of_permit(bytes(linked) if linked is not None else index, PERMITS[DocumentKind.HMT_PERMIT], use, party_id)
    if found.is_found or person_id is None:
        return found
    return Behind(found.person, person_id, None, None, answer or "", bool(is_blocked))


def _of_permit(index: bytes, kinds: tuple[str, ...], use: str, party_id: UUID) -> Behind:
    with connection.cursor() as cursor:
        cursor.execute(_PERMIT, [index, list(kinds), use, party_id])
        row = cursor.fetchone()
    decoy, sealed = _decoy()
    permit_id, person_id, name, latin_name, birth_date, answer, is_blocked, *facts = row or (
        None, None, *sealed, None, False,
    )  # fmt: skip
    person = Person(
        pk=person_id or decoy, name=_lying(name), latin_name=_lying(latin_name), birth_date=_lying(birth_date)
    )
    return Behind(person, person_id, permit_id, PermitFacts(*facts) if facts else None, answer or "", is_blocked)


def _lying(envelope: Any) -> Any:
    """Return a value as it lies in the database: opened once it is compared."""
    return Sealed(bytes(envelope))


def _decoy() -> tuple[UUID, tuple[bytes, ...]]:
    """Return nobody, sealed as somebody: opened and compared alike, so that the time taken tells nothing."""
    return _sealed_decoy(ring_for_sealing().sealing)


@lru_cache(maxsize=1)
def _sealed_decoy(_key: Key) -> tuple[UUID, tuple[bytes, ...]]:
    """Seal nobody, once for the key that is in use."""
    nobody, table = new_id(), Person._meta.db_table
    columns = {"name": "无名氏", "latin_name": "NO BO DY", "birth_date": "1900-01-01"}
    return nobody, tuple(seal(text.encode(), Place(table, column, str(nobody))) for column, text in columns.items())


_PERMIT = "SELECT * FROM checks_permit(%s, %s, %s, %s)"
"""All that a check asks of a permit and its holder, in one statement: it is the platform's most frequent one."""
_TRAVEL = """
    SELECT links_behind(asked.kind, asked.index), holder.person_id, holder.answer, holder.is_blocked
    FROM (VALUES (%s::varchar, %s::bytea, %s::varchar, %s::uuid)) asked (kind, index, use, party)
    LEFT JOIN LATERAL checks_holder(asked.kind, asked.index, asked.use, asked.party) holder ON true
"""
