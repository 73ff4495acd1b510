"""“Delete what you have of me”: working copies go, what a statute keeps stays (个人信息保护法 art. 47)."""

from collections.abc import Mapping
from datetime import date, datetime, time
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from yizhengtong.credentials.issuance.forgetting import forget_ended
from yizhengtong.credentials.papers.forgetting import forget_replaced
from yizhengtong.credentials.showing.forgetting import forget_showings
from yizhengtong.foundation.accounts.phones import forget_unverified
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import CHINA, legal_day
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.permitting.applications.forgetting import forget_drafts
from yizhengtong.permitting.casework.forgetting import forget_papers
from yizhengtong.registry.people.constraints import broken_constraint
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.rights.feedback.forgetting import forget_words
from yizhengtong.rights.privacy.models import DeletionRequest

AT_ONCE = 100
STAYS: Mapping[str, str] = {
    "accounts_accountphone": "a verified number opens the account and goes with it, or when another is verified",
    "accounts_identitylink": "opens the account by real name (S4-11); it goes with the account",
    "papers_issuedpaper": "whether a paper in use is ours and holds, by a keyed hash; kept with its case (archive)",
    "issuance_batch": "copies in a wallet that are good: which there are, to end them; gone once ended or expired",
    "feedback_rating": "the grade and the office's answer count for the office (archive); the person's own words go",
    "django_session": "a form kept after the session's end is sealed in the browser's session and goes with it",
}
"""Tables of which a row stays although its person asked for deletion, and why; what of them goes, goes below."""


@use_case
def ask_deletion(*, person: Person, acting: Person, by: Principal) -> DeletionRequest:
    """Ask for deletion; the worker carries it out. Raises NotFound for a stranger, Conflict `privacy.deletion_open`."""
    if by.id is None or not may_act_for(acting, person, legal_day(timezone.now())):
        raise NotFound("not_found")
    request = DeletionRequest(person=person, filed_by=by.id)
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error) != "privacy_one_deletion_open":
            raise
        raise Conflict("privacy.deletion_open") from error
    record_act("privacy.ask_deletion", by=by, on=("deletion", request.pk), person_id=person.pk)
    return request


def deletions_of(person: Person) -> QuerySet[DeletionRequest]:
    """Return a person's requests, the newest first."""
    return DeletionRequest.objects.filter(person=person).order_by("-id")


def carry_out_deletions() -> int:
    """Carry out what was asked, each request by itself. Returns how many; cut off, the next run goes on."""
    keys = list(DeletionRequest.objects.filter(done_at=None).order_by("id").values_list("pk", flat=True)[:AT_ONCE])
    for key in keys:
        _carry_out(request_id=key)
    return len(keys)


@use_case
def _carry_out(*, request_id: UUID) -> None:
    request = DeletionRequest.objects.select_for_update(skip_locked=True).filter(pk=request_id, done_at=None).first()
    if request is None:
        return
    on = legal_day(timezone.now())
    drafts = forget_drafts(before=datetime.combine(on, time(), CHINA), person_id=request.person_id)
    papers = forget_papers(before=on, on=on, person_id=request.person_id)
    request.deleted = {
        "drafts": drafts.drafts,
        "papers": drafts.papers + papers,
        "words": forget_words(person_id=request.person_id),
        "traces": forget_replaced(before=timezone.now(), person_id=request.person_id),
        "showings": forget_showings(
            ended_before=timezone.now(), good_until_before=date.max, person_id=request.person_id
        ),
        "copies": forget_ended(before=timezone.now(), person_id=request.person_id),
        "phones": _forget_phone(request.person_id),
    }
    request.done_at = timezone.now()
    request.save()
    publish("privacy.deleted", on=("deletion", request.pk), person_id=request.person_id)
    record_act(
        "privacy.delete_working_data", by=SYSTEM, on=("deletion", request.pk), person_id=request.person_id,
        fields=[f"{name}:{number}" for name, number in request.deleted.items()],
    )  # fmt: skip


def _forget_phone(person_id: UUID) -> int:
    account_id = Person.objects.filter(pk=person_id).values_list("account_id", flat=True).first()
    return forget_unverified(account_id) if account_id is not None else 0


def kept_days() -> int:
    """Return after how many days working data go by themselves."""
    days: int = settings.YZT_KEEP_WORK_DAYS
    return days
