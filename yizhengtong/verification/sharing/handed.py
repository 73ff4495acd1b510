"""The 30-second code and the code on paper, read by a page or by a relying party: both stand in the holder's history.

The codes themselves belong to `credentials.showing`, as what they tell does. Here is whom it is told to. A relying
party is told nothing by a code that its holder shows for something else (shown.yaml), and what to ask the holder for.
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
from yizhengtong.verification.sharing.reading import OTHER_PURPOSE
from yizhengtong.verification.sharing.shown import to_be_shown

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
    unreadable, unknown_key, forged, other_purpose.

    `values` are those that were printed. `last_day`: of the code. Empty where the code is not ours or not in time yet.
    `check_id`: in the history of whose permit it is.
    """

    word: str
    purpose: str = ""
    values: Mapping[str, Value] = field(default_factory=dict, repr=False)
    last_day: date | None = None
    check_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PhoneTold:
    """What a relying party is told by a code on a phone. `word`: shown, used, expired, stopped, unknown, or
    other_purpose.
    """

    word: str
    standing: Standing | None = None
    values: Mapping[str, Value] = field(default_factory=dict, repr=False)
    photo: str = field(default="", repr=False)
    check_id: UUID | None = None


@use_case
def read_phone_code(*, text: str, at: datetime, by: Actor, asker: Asker | None = None) -> Outcome:
    """Open a code on a phone, once. A relying party is told no more than it may be, and nothing by whom it is shut out
    of: that one finds no such code. It is told nothing of a permit shown for what does not serve it, either. In both
    cases the code stays good.
    """
    with transaction.atomic():  # a savepoint: what a party that is told nothing has read, nobody has
        told = read_code(text=text, by=by)
        shown_for = told.purpose.code if told.purpose else ""
        refusal = _refusal(asker, told.person_id, shown_for)
        transaction.set_rollback(bool(refusal))
    if refusal or told.word != SHOWN:
        _note_refusal(PHONE, asker, told.person_id, told.permit_id, at, refusal)
        return Outcome({BLOCKED: UNKNOWN, OTHER_PURPOSE: OTHER_PURPOSE}.get(refusal, told.word))
    told = _no_more_than(told, asker)
    check = record_check(
        party=asker.party if asker else None, way=PHONE, purpose=asker.purpose if asker else shown_for,
        person_id=told.person_id, outcome="told",
        claims=[*([PHOTO] if told.photo else []), *told.values, "state"], at=at, permit_id=told.permit_id,
    )  # fmt: skip
    return replace(told, check_id=check.pk)


@use_case
def read_paper_code(*, text: str, at: datetime, asker: Asker | None = None) -> PaperTold:
    """Check a code on paper, and write it into the history of whose permit it is; nothing of the code is kept."""
    told, place = _read(text, at)
    permit_id, person_id = _whose(place) if told.word in _SAYS_SOMETHING else (None, None)
    refusal = _refusal(asker, person_id, told.purpose)
    if asker is not None and told.purpose != paper.PAPER:
        told = replace(told, values={name: told.values[name] for name in told.values if name in asker.claims})
    if refusal or person_id is None:
        _note_refusal(PAPER, asker, person_id, permit_id, at, refusal)
        return PaperTold({BLOCKED: "unreadable"}.get(refusal, refusal)) if refusal else told
    check = record_check(
        party=asker.party if asker else None, way=PAPER, purpose=asker.purpose if asker else told.purpose,
        person_id=person_id, outcome="told", claims=[*told.values, "state"], at=at, permit_id=permit_id,
    )  # fmt: skip
    return replace(told, check_id=check.pk)


def _no_more_than(told: Outcome, asker: Asker | None) -> Outcome:
    if asker is None:
        return told
    values = {name: value for name, value in told.values.items() if name in asker.claims}
    return replace(told, values=values, photo=told.photo if PHOTO in asker.claims else "")


def _refusal(asker: Asker | None, person_id: UUID | None, shown_for: str) -> str:
    """Return why a relying party is told nothing of somebody's code: it is shut out, or asks for another purpose."""
    if asker is None or shown_for in ("", paper.PAPER):
        return ""
    if person_id is not None and is_blocked(person_id, asker.party.pk):
        return BLOCKED
    return "" if shown_for in to_be_shown(asker.purpose) else OTHER_PURPOSE


def _note_refusal(
    way: str, asker: Asker | None, person_id: UUID | None, permit_id: UUID | None, at: datetime, refusal: str
) -> None:
    """Write down what a relying party asked in vain; of the page, which nobody knows, nothing is kept."""
    if asker is not None:
        record_check(
            party=asker.party, way=way, purpose=asker.purpose, person_id=person_id, permit_id=permit_id, claims=(),
            outcome="refused" if person_id else "no_match", at=at, because=BLOCKED if refusal == BLOCKED else "",
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
