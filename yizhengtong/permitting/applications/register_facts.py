"""What a register's answer shows of a kind of proof. Pure: no clock, no Django.

What it must show stands in the pack (`confirm.registers`); what `current` means of an insurance is the platform's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yizhengtong.foundation.exchange.registers.contract import Answer, Result, Told
from yizhengtong.law.registers import RegisterProof
from yizhengtong.permitting.applications.facts import Confirmed


@dataclass(frozen=True, slots=True)
class Asked:
    """On which legal day it is asked, and where the applicant says the household is registered."""

    on: date
    hukou_region: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What an entry shows. `missing`: what the pack asks for and it does not show."""

    confirmed: Confirmed
    missing: tuple[str, ...]


def shown_by(proof: RegisterProof, answer: Answer, asked: Asked) -> Shown | None:
    """Return what the best of an answer's entries shows for a kind of proof; None: there is none."""
    if answer.result != Result.FOUND or answer.as_of is None:
        return None
    return min((_shown(proof, answer, answer.as_of, told, asked) for told in answer.facts), key=_nearest, default=None)


def _nearest(shown: Shown) -> tuple[int, int, int, date]:
    """The entry that counts before one that does not, the longer before the shorter."""
    found = shown.confirmed
    return len(shown.missing), len(found.lacks), -(found.months or 0), found.since or date.max


def _shown(proof: RegisterProof, answer: Answer, as_of: date, told: Told, asked: Asked) -> Shown:
    facts = {name: told[name] for name in proof.asks}
    marks = {code: held for check in _MARKS for code, held in check(facts, as_of, asked).items()}
    shows = tuple(sorted(code for code, held in marks.items() if held))
    confirmed = Confirmed(
        register=answer.register,
        as_of=as_of,
        months=_as(int, facts.get("months")),
        since=_as(date, facts.get("since")),
        until=_end(facts),
        shows=shows,
        lacks=tuple(sorted(code for code, held in marks.items() if held is False)),
    )
    return Shown(confirmed, tuple(code for code in proof.needs if code not in shows))


def _as(kind: type[Any], value: object) -> Any:
    return value if isinstance(value, kind) else None


def _end(facts: Mapping[str, object]) -> date | None:
    """The first day that no longer counts: what is paid for months ends with its last day."""
    until = facts.get("until")
    if not isinstance(until, date):
        return None
    return until + timedelta(days=1) if "months" in facts else until


Marks = Mapping[str, bool | None]
"""Code → whether it is so; None: the register does not know."""


def _insurance(facts: Mapping[str, Any], as_of: date, _asked: Asked) -> Marks:
    """Paid up to now: to the month before the register's day, since a month is paid when it is over (I)."""
    if "months" not in facts or "until" not in facts:
        return {}
    before = (as_of.replace(day=1) - timedelta(days=1)).replace(day=1)
    return {"current": facts["until"] >= before}


def _licence(facts: Mapping[str, Any], _as_of: date, _asked: Asked) -> Marks:
    return {"active": facts["status"] == "active"} if "status" in facts else {}


def _lease(facts: Mapping[str, Any], _as_of: date, asked: Asked) -> Marks:
    marks: dict[str, bool | None] = {}
    if "since" in facts and "until" in facts and "months" not in facts:
        marks["running"] = facts["since"] <= asked.on and (facts["until"] is None or asked.on < facts["until"])
    if "is_registered" in facts:
        marks["registered"] = facts["is_registered"]
    if "is_safe" in facts:
        marks["safe"] = facts["is_safe"]
    return marks


def _school(facts: Mapping[str, Any], _as_of: date, _asked: Asked) -> Marks:
    school = facts.get("school")
    return {code: school == kind for kind, code in _SCHOOLS.items()} if school else {}


def _household(facts: Mapping[str, Any], _as_of: date, asked: Asked) -> Marks:
    marks: dict[str, bool | None] = {}
    if "has_died" in facts:
        marks["alive"] = not facts["has_died"]
    if "region" in facts and "permit" not in facts:
        marks["region_agrees"] = bool(asked.hukou_region) and facts["region"] == asked.hukou_region
    return marks


_SCHOOLS: Mapping[str, str] = {
    "primary": "primary_school",
    "secondary": "secondary_school",
    "vocational": "vocational_school",
    "university": "university",
}
_MARKS: tuple[Callable[[Mapping[str, Any], date, Asked], Marks], ...] = (
    _insurance,
    _licence,
    _lease,
    _school,
    _household,
)
