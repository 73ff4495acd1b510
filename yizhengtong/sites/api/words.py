"""Findings and notices in the words of the reader."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest

from yizhengtong.foundation.texts import knows, language_of, say
from yizhengtong.kernel.findings import Finding
from yizhengtong.permitting.casework.models import Notice
from yizhengtong.permitting.casework.services.judging import frozen
from yizhengtong.sites.api.schemas import FindingOut, NoticeOut, SourceOut


def reader_language(request: HttpRequest) -> str:
    """Return the language a request asks for."""
    return language_of(request.headers.get("Accept-Language", ""))


def finding_out(finding: Finding, language: str, region: str) -> FindingOut:
    """Return a finding in words."""
    return stored_finding_out(frozen(finding), language, region)


def stored_finding_out(stored: Mapping[str, Any], language: str, region: str) -> FindingOut:
    """Return a finding as a notice or decision keeps it, in words: what is asked, what is wrong, how to mend it."""
    code = stored["code"]
    facts = {name: _thawed(value) for name, value in stored["facts"].items()}
    ending = {True: "met", False: "unmet", None: "open"}[stored["met"]]
    detail = f"{code}.{ending}" if knows(f"{code}.{ending}") else code
    title = "residence.has_lived_here_long_enough" if code.startswith("residence.") else code
    fix = f"{code}.fix" if not stored["met"] and knows(f"{code}.fix") else ""
    return FindingOut(
        code=code,
        met=stored["met"],
        title=say(title, language, facts, region=region),
        detail=say(detail, language, facts, region=region),
        fix=say(fix, language, facts, region=region) if fix else "",
        met_on=stored["met_on"],
        source=SourceOut(**stored["source"]),
    )


def notice_out(notice: Notice, language: str, region: str) -> NoticeOut:
    """Return a notice in words."""
    return NoticeOut(
        kind=notice.kind,
        issued_on=notice.issued_on,
        answered_on=notice.answered_on,
        title=say(f"casework.notice_{notice.kind}", language, {"day": notice.issued_on}),
        findings=[stored_finding_out(stored, language, region) for stored in notice.findings],
        remedies=[
            say(f"casework.{remedy['code']}", language, {"until": date.fromisoformat(remedy["until"])})
            for remedy in notice.remedies
        ],
    )


def _thawed(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"day"}:
        return date.fromisoformat(value["day"])
    return value
