"""Hold a permit out, draw the next code, read a code that is held out, stop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from yizhengtong.credentials.showing.claims import PHOTO, Value, values_of
from yizhengtong.credentials.showing.codes import CHANGES_AFTER, GRACE, LASTS, code_hash, new_code, normal
from yizhengtong.credentials.showing.models import PhoneCode, Showing
from yizhengtong.credentials.showing.photos import small_photo
from yizhengtong.credentials.showing.purposes import Purpose, purpose_of
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import Actor, record_act, record_read
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.vault.fields import Sealed
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Conflict, Forbidden
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.permitting.permits.rules import PermitFacts, Standing, state_on

SHOWN, UNKNOWN = "shown", "unknown"
_DAY_MARK = "day:"


@dataclass(frozen=True, slots=True)
class Anybody:
    """Whoever holds a code in their hands and is not signed in: an actor of the trail."""

    kind: str = "checker"
    id: UUID | None = None
    office_id: UUID | None = None


ANYBODY = Anybody()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a code tells. `word`: shown, or why nothing is: used, expired, stopped, unknown.

    `values` and `photo` (JPEG in base64) are empty for a permit that is not good any more: then only that is said.
    `check_id`: as what it was written into the holder's history, by whoever does so.
    """

    word: str
    purpose: Purpose | None = None
    standing: Standing | None = None
    values: Mapping[str, Value] = field(default_factory=dict, repr=False)
    photo: str = field(default="", repr=False)
    permit_id: UUID | None = None
    person_id: UUID | None = None
    check_id: UUID | None = None


def what_is_shown(permit: Permit, purpose: Purpose, on: date, by: Actor) -> tuple[dict[str, Value], str]:
    """Return the claims and the photograph that a showing for a purpose opens; recorded as read by the holder."""
    record_read("showing.preview", by=by, on=("permit", permit.pk), person_id=permit.person_id, purpose="own data",
                fields=list(purpose.on_phone))  # fmt: skip
    photo = small_photo(permit, by) if PHOTO in purpose.on_phone else ""
    return values_of(permit, purpose.on_phone, on), photo


@use_case
def begin_showing(*, permit: Permit, purpose: str, at: datetime, by: Principal) -> Showing:
    """Hold a permit out that the caller was allowed to open; an earlier showing of the same hand ends.

    Raises NotFound for a purpose nobody knows, Conflict `showing.not_good` for a permit that is not good today.
    """
    asked, on = purpose_of(purpose), legal_day(at)
    now = standing(permit, on)
    if not now.is_valid:
        raise Conflict("showing.not_good", reason=now.reason)
    if by.id is None:
        raise Forbidden("web.sign_in_first")
    values, photo = what_is_shown(permit, asked, on, by)
    Showing.objects.filter(permit=permit, begun_by=by.id, stopped_at=None).update(stopped_at=at)
    showing = Showing(
        person_id=permit.person_id, permit=permit, purpose=purpose, begun_by=by.id, begun_at=at, ends_at=at + LASTS,
        shown={**{name: _kept(value) for name, value in values.items()}, PHOTO: photo},
    )  # fmt: skip
    try:
        with transaction.atomic():
            showing.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("showing.begun_twice") from error
    record_act("showing.begin", by=by, on=("permit", permit.pk), person_id=permit.person_id, purpose=_reason(asked))
    return showing


@use_case
def draw_code(*, showing: Showing, at: datetime) -> str:
    """Return the next code of a showing. It is good once, until shortly after the one that follows it.

    Raises Conflict `showing.over`.
    """
    if showing.stopped_at is not None or at >= showing.ends_at:
        raise Conflict("showing.over")
    code = new_code()
    good_until = min(at + CHANGES_AFTER + GRACE, showing.ends_at)
    PhoneCode(showing=showing, code_hash=code_hash(code), good_until=good_until).save(force_insert=True)
    return code


@use_case
def stop_showing(*, showing: Showing, at: datetime, by: Principal) -> None:
    """Take a permit back; no code of it opens any more."""
    if Showing.objects.filter(pk=showing.pk, stopped_at=None).update(stopped_at=at):
        record_act("showing.stop", by=by, on=("permit", showing.permit_id), person_id=showing.person_id)


@use_case
def read_code(*, text: str, by: Actor = ANYBODY) -> Outcome:
    """Open a code that somebody holds out: once, within its time. The read stands in the holder's history.

    `by`: an officer, or anybody. What is refused is told by one word and changes nothing. Whether it is in time the
    database's clock says.
    """
    code = normal(text)
    row: dict[str, Any] = _row(code_hash(code)) if code else {"word": UNKNOWN}
    if row["word"] != SHOWN:
        return Outcome(row["word"])
    purpose = purpose_of(row["purpose"])
    now = _standing(row, legal_day(row["told_at"]))
    values, photo = _opened(row, purpose) if now.is_valid else ({}, "")
    record_read("showing.read", by=by, on=("permit", row["permit_id"]), person_id=row["person_id"],
                purpose=_reason(purpose), fields=[*([PHOTO] if photo else []), *values, "standing"])  # fmt: skip
    return Outcome(SHOWN, purpose, now, values, photo, row["permit_id"], row["person_id"])


def _row(asked: bytes) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM showing_read(%s)", [asked])
        row = cursor.fetchone()
        return dict(zip([column.name for column in cursor.description or ()], row, strict=True))


def _standing(row: Mapping[str, Any], on: date) -> Standing:
    facts = PermitFacts(
        state=row["state"],
        valid_from=row["valid_from"],
        last_valid_day=row["last_valid_day"],
        counted_from=row["counted_from"] or row["valid_from"],
        endorsed_until=row["endorsed_until"],
        years_count_from=row["years_count_from"],
        end_reason=row["end_reason"],
    )
    return state_on(facts, on)


def _opened(row: Mapping[str, Any], purpose: Purpose) -> tuple[dict[str, Value], str]:
    """Return what was kept, in the order of the purpose: sealed it has another."""
    shown: dict[str, Any] = Showing(id=row["showing_id"], shown=Sealed(bytes(row["shown"]))).shown
    names = [name for name in purpose.on_phone if name in shown and name != PHOTO]
    return {name: _value(shown[name]) for name in names}, shown.get(PHOTO, "")


def _kept(value: Value) -> str | bool:
    return f"{_DAY_MARK}{value.isoformat()}" if isinstance(value, date) else value


def _value(kept: str | bool) -> Value:
    if isinstance(kept, str) and kept.startswith(_DAY_MARK):
        return date.fromisoformat(kept.removeprefix(_DAY_MARK))
    return kept


def _reason(purpose: Purpose) -> str:
    return f"showing {purpose.code}"
