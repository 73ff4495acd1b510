"""Papers that the applicant took back: they go once nothing can be done against the decision any more (D11)."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.documents.forgetting import forget_documents
from yizhengtong.foundation.history import forget_history
from yizhengtong.foundation.transactions import use_case
from yizhengtong.permitting.applications.models import Evidence
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import CaseState

AT_ONCE = 500
_REMEDY = "remedy.lawsuit"


def forget_papers(*, before: date, on: date, person_id: UUID | None = None) -> int:
    """Delete papers taken back, of cases withdrawn, or decided for good, before a legal day. Returns how many.

    In batches, each a transaction with its own entry in the trail: cut off anywhere, the next run goes on.
    """
    forgotten, after = 0, UUID(int=0)
    while keys := list(_candidates(person_id).filter(pk__gt=after).values_list("pk", flat=True)[:AT_ONCE]):
        forgotten += _forget_some(keys=keys, before=before, on=on, person_id=person_id)
        after = keys[-1]
    return forgotten


def _candidates(person_id: UUID | None) -> QuerySet[Evidence]:
    found = Evidence.objects.filter(is_withdrawn=True, application__case__isnull=False).order_by("id")
    return found.filter(application__person_id=person_id) if person_id else found


@use_case
def _forget_some(*, keys: list[UUID], before: date, on: date, person_id: UUID | None) -> int:
    papers = {paper.pk: paper.document_id for paper in _final(keys, before, on)}
    if not papers:
        return 0
    Evidence.objects.filter(pk__in=papers).delete()
    forget_documents(set(papers.values()))
    forget_history(Evidence, list(papers))
    record_act("casework.forget_papers", by=SYSTEM, on=("retention", None), person_id=person_id, purpose="retention",
               fields=[f"papers:{len(papers)}"])  # fmt: skip
    return len(papers)


def _final(keys: list[UUID], before: date, on: date) -> Iterator[Evidence]:
    locked = Evidence.objects.select_for_update(of=("self",), skip_locked=True)
    for paper in locked.filter(pk__in=keys).select_related("application__case", "application__person"):
        if _is_over(paper.application.case, before, on):
            yield paper


def _is_over(case: Case, before: date, on: date) -> bool:
    """Whether a case ended before a day, and nothing can be done against its decision on `on` any more."""
    if case.state == CaseState.WITHDRAWN:
        last = case.journal.filter(action="withdraw").values_list("on", flat=True).first()
        return last is not None and last < before
    if case.decided_on is None or case.decided_on >= before:
        return False
    law = law_for(case.item, case.application.place, case.accepted_on or case.decided_on)
    return law.calendar.deadline(case.decided_on, law.value(_REMEDY).duration).day < on
