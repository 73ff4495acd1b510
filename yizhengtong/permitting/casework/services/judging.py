"""Judging the checklist, and asking once for everything that is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.web.versions import ensure_fresh
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, NotFound
from yizhengtong.kernel.findings import Finding
from yizhengtong.permitting.applications.models import Evidence
from yizhengtong.permitting.applications.policies import ensure_may_touch
from yizhengtong.permitting.applications.services import attach_later
from yizhengtong.permitting.casework.examination import ensure_all_judged, examine
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case, Judgement, Notice
from yizhengtong.permitting.casework.policies import ensure_may_work
from yizhengtong.permitting.casework.rules import due_after_pause
from yizhengtong.permitting.casework.services.steps import find_step, lock_case, take_step, write_journal
from yizhengtong.permitting.casework.states import UNDECIDED, CaseState
from yizhengtong.registry.people.models import Person

_JUDGED_IN = (CaseState.RECEIVED, CaseState.ACCEPTED)
"""After the second opinion nobody changes what it rested on; the approver can send the case back."""


@dataclass(frozen=True, slots=True)
class Word:
    """An officer's word on one line of the checklist.

    `details`: what a paper shows, by kind of proof, as `applications.facts.ProofDetails` has it in JSON.
    `is_doubtful`: neither found in order nor wrong; told as not met, with a reason, so that the applicant is asked.
    """

    target: str
    code: str
    met: bool
    reason: str = ""
    details: Mapping[str, Mapping[str, Any]] | None = None
    is_doubtful: bool = False


@use_case
def judge(*, case_id: UUID, words: Sequence[Word], version: int, on: date, by: Principal) -> Case:
    """Write an officer's words on lines of the checklist; later words replace earlier ones.

    Raises Invalid with every line that is unknown, or that contradicts what the rule found without a reason.
    """
    case = lock_case(case_id)
    ensure_may_work(case, by, Role.CLERK, Role.REVIEWER)
    ensure_fresh(case.version, version)
    if case.state not in _JUDGED_IN:
        raise Conflict("casework.not_now", state=f"casework.state_{case.state}")
    found = {(line.target, line.code): line.found for line in examine(case, on).lines}
    errors = [error for at, word in enumerate(words) if (error := _wrong_word(at, word, found))]
    if errors:
        raise Invalid("web.fields_wrong", errors=errors)
    Judgement.objects.bulk_create(
        [
            Judgement(
                case=case,
                target=word.target,
                code=word.code,
                met=word.met,
                reason=word.reason,
                details=word.details,
                is_doubtful=word.is_doubtful,
                by=by.id,
            )
            for word in {(word.target, word.code): word for word in words}.values()
        ],
        update_conflicts=True,
        unique_fields=["case", "target", "code"],
        update_fields=["met", "reason", "details", "is_doubtful", "by", "at"],
    )
    case.version += 1
    case.save()
    record_act(
        "casework.judge", by=by, on=("case", case.pk), person_id=case.person_id, fields=[word.code for word in words]
    )
    return case


def _wrong_word(at: int, word: Word, found: dict[tuple[str, str], bool | None]) -> FieldError | None:
    key = (word.target, word.code)
    if key not in found:
        return FieldError(f"words.{at}.code", "casework.line_unknown")
    if word.is_doubtful and (word.met or not word.reason):
        return FieldError(f"words.{at}.reason", "casework.doubt_needs_reason")
    if found[key] is not None and found[key] != word.met and not word.reason:
        return FieldError(f"words.{at}.reason", "casework.reason_needed")
    return None


@use_case
def request_supplement(*, case_id: UUID, version: int, on: date, by: Principal) -> Notice:
    """Ask once, dated, for everything that is unmet or missing (国令663 art. 9). Every line must be judged first.

    Raises Invalid `casework.not_all_judged` or `casework.nothing_to_ask`, Conflict when one is open already.
    """
    case = lock_case(case_id)
    step = find_step(case, "request_supplement", by, version)
    if case.awaits_supplement:
        raise Conflict("casework.supplement_open")
    examination = examine(case, on)
    ensure_all_judged(examination)
    unmet = examination.outcome.unmet
    if not unmet:
        raise Invalid("casework.nothing_to_ask")
    notice = Notice.objects.create(
        case=case, kind=Notice.Kind.SUPPLEMENT, issued_on=on, findings=[frozen(finding) for finding in unmet]
    )
    case.awaits_supplement = True
    take_step(case, "request_supplement", step, by=by, on=on)
    return notice


@use_case
def answer_supplement(*, case_id: UUID, acting: Person, on: date, by: Principal) -> Case:
    """The applicant says that what was asked for is now there. Papers handed in since are to be judged again.

    Whether the clock stood still meanwhile is the pack's `issue.supplement_pauses` (D23).
    """
    case = lock_case(case_id)
    ensure_may_touch(case.application, acting, on)
    notice = case.notices.filter(kind=Notice.Kind.SUPPLEMENT, answered_on=None).first()
    if notice is None or case.state not in UNDECIDED:
        raise Conflict("casework.no_supplement_open")
    notice.answered_on = on
    notice.save(update_fields=["answered_on"])
    case.judgements.filter(met=False).delete()
    _move_clock(case, notice.issued_on, on)
    case.awaits_supplement = False
    case.version += 1
    case.save()
    write_journal(case, "answer_supplement", case.state, "国令663 art. 9; S4-17", by=by, on=on)
    record_act("casework.answer_supplement", by=by, on=("case", case.pk), person_id=case.person_id)
    return case


@use_case
def add_paper(
    *, application_id: UUID, document_code: str, kind: str, document: Document, acting: Person, on: date, by: Principal
) -> Evidence:
    """Hand in a paper while the case is undecided; an earlier word on that document no longer stands.

    Raises Conflict `casework.not_now` afterwards; what `attach_later` raises.
    """
    case_id = Case.objects.filter(application_id=application_id).values_list("pk", flat=True).first()
    if case_id is None:
        raise NotFound("not_found")
    case = lock_case(case_id)
    ensure_may_touch(case.application, acting, on)
    if case.state not in UNDECIDED:
        raise Conflict("casework.not_now", state=f"casework.state_{case.state}")
    law = law_for(case.item, case.application.place, case.accepted_on or on)
    evidence = attach_later(
        application_id=application_id,
        document_code=document_code,
        kind=kind,
        document=document,
        law=law,
        acting=acting,
        on=on,
        by=by,
    )
    case.judgements.filter(target=Judgement.Target.DOCUMENT, code=document_code).delete()
    return evidence


def _move_clock(case: Case, asked: date, answered: date) -> None:
    law = law_for(case.item, case.application.place, case.accepted_on or answered)
    if case.due_on is None or case.accepted_on is None or not law.value("issue.supplement_pauses"):
        return
    deadline = due_after_pause(case.due_on, asked, answered, law.calendar)
    case.due_on = deadline.day
    case.is_due_provisional = case.is_due_provisional or deadline.provisional


def frozen(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON values, as notices and decisions keep it."""
    source = finding.source
    return {
        "code": finding.code,
        "met": finding.met,
        "source": {"text": source.text, "article": source.article, "words": source.words},
        "facts": {name: _plain(value) for name, value in finding.facts.items()},
        "met_on": finding.met_on.isoformat() if finding.met_on else None,
    }


def _plain(value: object) -> object:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value
