"""Findings and notices in words: what is asked, how it stands, how to mend it, and the article."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yizhengtong.foundation.texts import knows, say
from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.permitting.applications.models import Confirmation
from yizhengtong.permitting.casework.models import Notice
from yizhengtong.permitting.casework.services.judging import frozen


@dataclass(frozen=True, slots=True)
class Worded:
    """A finding in words. `fix` is empty where it is met; `document`: the paper it is about, empty for a condition."""

    code: str
    met: bool | None
    title: str
    detail: str
    fix: str
    met_on: date | None
    source: Source
    document: str = ""


@dataclass(frozen=True, slots=True)
class WordedNotice:
    """A dated one-time notice in words. `kind`: supplement or refusal."""

    kind: str
    issued_on: date
    answered_on: date | None
    title: str
    findings: tuple[Worded, ...]
    remedies: tuple[str, ...]


def worded_finding(finding: Finding, language: str, region: str) -> Worded:
    """Return a finding in words, for a person of `region` (HK, MO, TW, CN)."""
    return worded_stored(frozen(finding), language, region)


def worded_stored(stored: Mapping[str, Any], language: str, region: str) -> Worded:
    """Return a finding as a notice or a decision keeps it, in words."""
    code, met = stored["code"], stored["met"]
    facts = {name: _thawed(value) for name, value in stored["facts"].items()}
    ending = {True: "met", False: "unmet", None: "open"}[met]
    detail = f"{code}.{ending}" if knows(f"{code}.{ending}") else code
    title = "residence.has_lived_here_long_enough" if code.startswith("residence.") else code
    fix = f"{code}.fix" if not met and knows(f"{code}.fix") else ""
    return Worded(
        code=code,
        met=met,
        title=say(title, language, facts, region=region),
        detail=say(detail, language, facts, region=region),
        fix=say(fix, language, facts, region=region) if fix else "",
        met_on=date.fromisoformat(stored["met_on"]) if stored["met_on"] else None,
        source=Source(**stored["source"]),
        document=str(facts.get("document_code", "")),
    )


def worded_notice(notice: Notice, language: str, region: str) -> WordedNotice:
    """Return a notice in words, everything in it at once."""
    return WordedNotice(
        kind=notice.kind,
        issued_on=notice.issued_on,
        answered_on=notice.answered_on,
        title=say(f"casework.notice_{notice.kind}", language, {"day": notice.issued_on}),
        findings=tuple(worded_stored(stored, language, region) for stored in notice.findings),
        remedies=tuple(
            say(f"casework.{remedy['code']}", language, {"until": date.fromisoformat(remedy["until"])})
            for remedy in notice.remedies
        ),
    )


def worded_confirmation(confirmation: Confirmation, language: str) -> str:
    """Return what a register said of a kind of proof, in words."""
    is_stale = confirmation.result == Confirmation.Result.UNAVAILABLE and confirmation.as_of is not None
    facts = {"register": f"registers.{confirmation.kept_in}", "day": confirmation.as_of or ""}
    return say(f"applications.register_{'stale' if is_stale else confirmation.result}", language, facts)


def _thawed(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"day"}:
        return date.fromisoformat(value["day"])
    return value
