"""The 30-second code and the code on paper, read by a page or by a relying party: both stand in the holder's history.

The codes themselves belong to `credentials.showing`, as what they tell does. Here is whom it is told to.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from yizhengtong.credentials.formats.status_list import SUSPENDED, VALID
from yizhengtong.credentials.keys.queries import Use, checkers
from yizhengtong.credentials.showing import paper
from yizhengtong.credentials.showing.claims import PHOTO, Value
from yizhengtong.credentials.showing.services import SHOWN, UNKNOWN, Outcome, read_code
from yizhengtong.credentials.status.models import PREFIX
from yizhengtong.credentials.status.queries import value_of
from yizhengtong.foundation.audit.trail import Actor
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.permits.rules import Standing
from yizhengtong.verification.checks.blocks import is_blocked
from yizhengtong.verification.checks.recording import BLOCKED, record_check
from yizhengtong.verification.relying_parties.models import RelyingParty

PHONE, PAPER = "phone_code", "paper_code"
GOOD = "good"
_SAYS_SOMETHING = frozenset({GOOD, "suspended", "ended", "unknown_state", "over"})


@dataclass(frozen=True, slots=True)
class Asker:
    """A relying party with a key that asks for a purpose, and the claims it may be told for it."""

    party: RelyingParty
    purpose: str
    claims: Collection[str]


@dataclass(frozen=True, slots=True)
class PaperTold:
    """What a code on paper tells. `word`: good, suspended, ended, over, early, unknown_state, paper (of no permit),
    unreadable, unknown_key, forged.

    `values` are those that were printed. `last_day`: of the code. Empty where the code is not ours or not in time yet.
    """

    word: str
    purpose: str = ""
    values: Mapping[str, Value] = field(default_factory=dict, repr=False)
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class PhoneTold:
    """What a relying party is told by a code on a phone. `word`: shown, used, expired, stopped, unknown."""

    word: str
    standing: Standing | None = None
    values: Mapping[str, Value] = field(default_factory=dict, repr=False)
    photo: str = field(default="", repr=False)


@use_case
def read_phone_code(*, text: str, at: datetime, by: Actor, asker: Asker | None = None) -> Outcome:
    """Open a code on a phone, once. A relying party is told no more than it may be, and nothing by whom it is shut out
    of: that one finds no such code, and the code stays good.
    """
    with transaction.atomic():  # a savepoint: what a party that is shut out has read, nobody has
        told = read_code(text=text, by=by)
        is_kept_out = told.person_id is not None and asker is not None and is_blocked(told.person_id, asker.party.pk)
        transaction.set_rollback(is_kept_out)
    if is_kept_out or told.word != SHOWN:
        _note_refusal(PHONE, asker, told.person_id, told.permit_id, at)
        return Outcome(UNKNOWN if is_kept_out else told.word)
    told = _no_more_than(told, asker)
    purpose = asker.purpose if asker else (told.purpose.code if told.purpose else "")
    record_check(
        party=asker.party if asker else None, way=PHONE, purpose=purpose, person_id=told.person_id, outcome="told",
        claims=[*([PHOTO] if told.photo else []), *told.values, "state"], at=at, permit_id=told.permit_id,
    )  # fmt: skip
    return told


@use_case
def read_paper_code(*, text: str, at: datetime, asker: Asker | None = None) -> PaperTold:
    """Check a code on paper, and write it into the history of whose permit it is; nothing of the code is kept."""
    told, place = _read(text, at)
    permit_id, person_id = _whose(place) if told.word in _SAYS_SOMETHING else (None, None)
    if person_id is None:
        _note_refusal(PAPER, asker, None, None, at)
        return told
    if asker is not None and is_blocked(person_id, asker.party.pk):
        _note_refusal(PAPER, asker, person_id, permit_id, at)
        return PaperTold("unreadable")
    if asker is not None:
        told = replace(told, values={name: told.values[name] for name in told.values if name in asker.claims})
    record_check(
        party=asker.party if asker else None, way=PAPER, purpose=asker.purpose if asker else told.purpose,
        person_id=person_id, outcome="told", claims=[*told.values, "state"], at=at, permit_id=permit_id,
    )  # fmt: skip
    return told


def _no_more_than(told: Outcome, asker: Asker | None) -> Outcome:
    if asker is None:
        return told
    values = {name: value for name, value in told.values.items() if name in asker.claims}
    return replace(told, values=values, photo=told.photo if PHOTO in asker.claims else "")


def _note_refusal(way: str, asker: Asker | None, person_id: UUID | None, permit_id: UUID | None, at: datetime) -> None:
    """Write down what a relying party asked in vain; of the page, which nobody knows, nothing is kept."""
    if asker is not None:
        record_check(
            party=asker.party, way=way, purpose=asker.purpose, person_id=person_id, permit_id=permit_id, claims=(),
            outcome="refused" if person_id else "no_match", at=at, because=BLOCKED if person_id else "",
        )  # fmt: skip


def _read(text: str, at: datetime) -> tuple[PaperTold, tuple[str, int] | None]:
    """Return what a code tells, and its place in a status list: the list's address without our origin, the index."""
    try:
        found = paper.read(text, checkers(Use.CODE))
    except paper.BadCode as problem:
        return PaperTold(problem.reason), None
    content = found.content
    word = _word(found, at)
    return PaperTold(word, content.purpose, content.values, content.last_day), content.status


def _word(found: paper.Read, at: datetime) -> str:
    if found.content.issued_at > at.timestamp():
        return "early"
    if found.is_over(at):
        return "over"
    if found.content.status is None:
        return paper.PAPER
    uri, index = found.content.status
    try:
        value = value_of(f"{settings.YZT_ADDRESS}{uri}", index)
    except NotFound:
        return "unknown_state"
    return GOOD if value == VALID else "suspended" if value == SUSPENDED else "ended"


def _whose(place: tuple[str, int] | None) -> tuple[UUID | None, UUID | None]:
    """Return permit and person behind a place; nobody where it was forgotten with its person."""
    if place is None:
        return None, None
    list_id = parse_public_id(PREFIX, place[0].rpartition("/")[2])
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM sharing_of_place(%s, %s)", [list_id, place[1]])
        return cursor.fetchone() or (None, None)
