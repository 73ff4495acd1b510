"""The register of breaches: written down once, told in time, never deleted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.web.versions import ensure_fresh
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, NotFound
from yizhengtong.law.law import Law
from yizhengtong.rights.privacy.models import Breach, BreachNotice
from yizhengtong.rights.privacy.policies import ensure_keeps_register
from yizhengtong.rights.privacy.rules import clocks_of, missing_contents

State = BreachNotice.State
_TO_PERSONS = ("persons", "guardians")


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a breach. `people_count` None: not known yet. Texts name nobody."""

    found_at: datetime
    level: str
    kinds: Sequence[str] = ()
    people_count: int | None = None
    harms_national_security: bool = False
    concerns_minors: bool = False
    cause: str = ""
    harm: str = ""
    measures: str = ""
    contact: str = ""


@use_case
def register_breach(*, told: Told, law: Law, by: Principal) -> Breach:
    """Write a breach down with everybody who must be told of it, and by when.

    Whether `by` may is the caller's question. Raises Invalid `privacy.found_in_future`.
    """
    if told.found_at > timezone.now():
        raise Invalid("web.fields_wrong", errors=[FieldError("found_at", "privacy.found_in_future")])
    breach = Breach(**_columns(told), registered_by=by.id)
    breach.number = f"{legal_day(told.found_at):%Y%m%d}-{breach.pk.hex[-6:].upper()}"
    breach.save(force_insert=True)
    _write_clocks(breach, law)
    record_act("privacy.register_breach", by=by, on=("breach", breach.pk), person_id=None, fields=[breach.level])
    return breach


@use_case
def describe_breach(*, breach_id: UUID, told: Told, version: int, law: Law, by: Principal) -> Breach:
    """Write what is known by now; what stood before stays in the history. New clocks are added, none is taken away."""
    breach = _locked(breach_id, by)
    ensure_fresh(breach.version, version)
    for name, value in _columns(told).items():
        setattr(breach, name, value)
    breach.version += 1
    breach.save()
    _write_clocks(breach, law)
    record_act("privacy.describe_breach", by=by, on=("breach", breach.pk), person_id=None, fields=[breach.level])
    return breach


@use_case
def note_sent(*, breach_id: UUID, to: str, words: str, law: Law, by: Principal) -> BreachNotice:
    """Note that somebody was told. Raises Invalid `privacy.notice_incomplete` with all that art. 57 asks and lacks."""
    breach, notice = _notice(breach_id, to, by)
    missing = missing_contents(law.value("breach.notice_contents"), contents_of(breach))
    if missing:
        errors = [FieldError(name, "privacy.notice_lacks_this") for name in missing]
        raise Invalid("privacy.notice_incomplete", errors=errors)
    return _settle(notice, State.SENT, words, by)


@use_case
def note_not_needed(*, breach_id: UUID, to: str, words: str, by: Principal) -> BreachNotice:
    """Note why persons need not be told: the measures avoided the harm (art. 57). Authorities are always told.

    Raises Conflict `privacy.must_be_told`, Invalid `privacy.say_why`.
    """
    _, notice = _notice(breach_id, to, by)
    if to not in _TO_PERSONS:
        raise Conflict("privacy.must_be_told")
    if not words:
        raise Invalid("web.fields_wrong", errors=[FieldError("words", "privacy.say_why")])
    return _settle(notice, State.NOT_NEEDED, words, by)


def breaches_of_register(by: Principal) -> QuerySet[Breach]:
    """Return the register, the newest first. Raises Forbidden, NotFound below the top office."""
    ensure_keeps_register(by)
    return Breach.objects.prefetch_related("notices").order_by("-id")


def breach_for(breach_id: UUID, by: Principal) -> Breach:
    """Return a breach of the register. Raises NotFound."""
    breach = breaches_of_register(by).filter(pk=breach_id).first()
    if breach is None:
        raise NotFound("not_found")
    return breach


def overdue_notices(at: datetime) -> QuerySet[BreachNotice]:
    """Return the notices whose time is over at an instant: what operators are shown and alarmed about."""
    return BreachNotice.objects.filter(state=State.DUE, due_at__lt=at).order_by("due_at")


def contents_of(breach: Breach) -> dict[str, object]:
    """Return what a notice of a breach can say so far, by the names of the pack's breach.notice_contents."""
    return {name: getattr(breach, name) for name in ("kinds", "cause", "harm", "measures", "contact")}


def _columns(told: Told) -> dict[str, Any]:
    return {**asdict(told), "kinds": list(told.kinds), "contact": told.contact or settings.YZT_CONTACT}


def _write_clocks(breach: Breach, law: Law) -> None:
    clocks = clocks_of(
        found_at=breach.found_at,
        is_reportable=breach.level != Breach.Level.GENERAL,
        harms_national_security=breach.harms_national_security,
        concerns_minors=breach.concerns_minors,
        operator=settings.YZT_OPERATOR,
        promised_hours=settings.YZT_BREACH_NOTICE_HOURS,
        law=law,
    )
    for clock in clocks:
        made = BreachNotice(breach=breach, to=clock.to, parameter=clock.parameter, due_at=clock.due_at,
                            is_by_law=clock.is_by_law)  # fmt: skip
        known = BreachNotice.objects.filter(breach=breach, to=clock.to).first()
        if known is None:
            made.save(force_insert=True)
        elif known.state == State.DUE and clock.due_at < known.due_at:
            known.due_at, known.parameter, known.is_by_law = clock.due_at, clock.parameter, clock.is_by_law
            known.save()


def _locked(breach_id: UUID, by: Principal) -> Breach:
    ensure_keeps_register(by)
    breach = Breach.objects.select_for_update().filter(pk=breach_id).first()
    if breach is None:
        raise NotFound("not_found")
    return breach


def _notice(breach_id: UUID, to: str, by: Principal) -> tuple[Breach, BreachNotice]:
    breach = _locked(breach_id, by)
    notice = BreachNotice.objects.select_for_update().filter(breach=breach, to=to).first()
    if notice is None:
        raise NotFound("not_found")
    if notice.state != State.DUE:
        raise Conflict("privacy.notice_settled")
    return breach, notice


def _settle(notice: BreachNotice, state: str, words: str, by: Principal) -> BreachNotice:
    notice.state, notice.words = state, words
    notice.settled_at, notice.settled_by = timezone.now(), by.id
    notice.save()
    record_act("privacy.tell_of_breach", by=by, on=("breach", notice.breach_id), person_id=None,
               fields=[notice.to, state])  # fmt: skip
    return notice
