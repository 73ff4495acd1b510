"""Findings and notices in the words of the reader."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from yizhengtong.foundation.texts import language_of
from yizhengtong.kernel.findings import Finding
from yizhengtong.permitting.casework.models import Notice
from yizhengtong.permitting.casework.wording import Worded, worded_finding, worded_notice, worded_stored
from yizhengtong.sites.api.schemas import FindingOut, NoticeOut, SourceOut


def reader_language(request: HttpRequest) -> str:
    """Return the language a request asks for."""
    return language_of(request.headers.get("Accept-Language", ""))


def finding_out(finding: Finding, language: str, region: str) -> FindingOut:
    """Return a finding in words."""
    return _out(worded_finding(finding, language, region))


def stored_finding_out(stored: Mapping[str, Any], language: str, region: str) -> FindingOut:
    """Return a finding as a notice or decision keeps it, in words: what is asked, what is wrong, how to mend it."""
    return _out(worded_stored(stored, language, region))


def notice_out(notice: Notice, language: str, region: str) -> NoticeOut:
    """Return a notice in words."""
    worded = worded_notice(notice, language, region)
    return NoticeOut(
        kind=worded.kind,
        issued_on=worded.issued_on,
        answered_on=worded.answered_on,
        title=worded.title,
        findings=[_out(finding) for finding in worded.findings],
        remedies=list(worded.remedies),
    )


def _out(worded: Worded) -> FindingOut:
    source = worded.source
    return FindingOut(
        code=worded.code,
        met=worded.met,
        title=worded.title,
        detail=worded.detail,
        fix=worded.fix,
        met_on=worded.met_on,
        source=SourceOut(text=source.text, article=source.article, words=source.words),
    )
