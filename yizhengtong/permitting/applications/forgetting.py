"""Drafts that were given up or left lying: they go with their papers, files and history (D11, retention.work)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.documents.forgetting import forget_documents
from yizhengtong.foundation.history import forget_history
from yizhengtong.foundation.transactions import use_case
from yizhengtong.permitting.applications.models import Application, ApplicationState, Confirmation, Evidence

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows and files went."""

    drafts: int = 0
    papers: int = 0

    def __add__(self, other: "Forgotten") -> "Forgotten":
        return Forgotten(self.drafts + other.drafts, self.papers + other.papers)


def forget_drafts(*, before: datetime, person_id: UUID | None = None) -> Forgotten:
    """Delete drafts discarded, or not touched, before an instant; of one person only those discarded, whenever.

    In batches, each a transaction with its own entry in the trail: cut off anywhere, the next run goes on.
    """
    total = Forgotten()
    while (batch := _forget_some(before=before, person_id=person_id)).drafts:
        total += batch
    return total


@use_case
def _forget_some(*, before: datetime, person_id: UUID | None) -> Forgotten:
    due = _of_person(person_id) if person_id else _untouched_since(before)
    drafts = list(due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:AT_ONCE])
    if not drafts:
        return Forgotten()
    papers = dict(Evidence.objects.filter(application_id__in=drafts).values_list("pk", "document_id"))
    Evidence.objects.filter(pk__in=papers).delete()
    Confirmation.objects.filter(application_id__in=drafts).delete()
    Application.objects.filter(pk__in=drafts).delete()
    forget_documents(set(papers.values()))
    forget_history(Evidence, list(papers))
    forget_history(Application, drafts)
    record_act(
        "applications.forget_drafts", by=SYSTEM, on=("retention", None), person_id=person_id, purpose="retention",
        fields=[f"drafts:{len(drafts)}", f"papers:{len(papers)}"],
    )  # fmt: skip
    return Forgotten(len(drafts), len(papers))


def _untouched_since(before: datetime) -> QuerySet[Application]:
    history = Application.history.field.model._default_manager  # type: ignore[attr-defined]
    touched = history.filter(pgh_obj_id=OuterRef("pk"), pgh_created_at__gte=before)
    gone = Q(state__in=(ApplicationState.DRAFT, ApplicationState.DISCARDED), created_at__lt=before)
    return Application.objects.filter(gone, ~Exists(touched)).order_by("id")


def _of_person(person_id: UUID) -> QuerySet[Application]:
    return Application.objects.filter(person_id=person_id, state=ApplicationState.DISCARDED).order_by("id")
