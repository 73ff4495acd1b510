"""“This was not for me”: filing and answering objections to entries of the access history."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.trail import record_act, record_read
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.law.law import Law
from yizhengtong.registry.people.constraints import broken_constraint
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.rights.privacy.breaches import Told, register_breach
from yizhengtong.rights.privacy.deadlines import answer_due
from yizhengtong.rights.privacy.models import Breach, Objection
from yizhengtong.rights.privacy.policies import ensure_auditor, ensure_may_answer, is_at_the_top

State = Objection.State


@use_case
def object_to(
    *, entry_id: UUID, person: Person, acting: Person, words: str, law: Law, on: date, by: Principal
) -> Objection:
    """Doubt an entry about a person.

    Raises NotFound for others' entries, Conflict `privacy.objected_already`, `privacy.own_entry` for one's own act.
    """
    entry = Entry.objects.filter(pk=entry_id, person_id=person.pk).first()
    if entry is None or by.id is None or not may_act_for(acting, person, on):
        raise NotFound("not_found")
    if entry.actor_id in {by.id, person.account_id}:
        raise Conflict("privacy.own_entry")
    objection = Objection(
        person=person, entry_id=entry.pk, entry_at=entry.at, action=entry.action, actor_kind=entry.actor_kind,
        actor_id=entry.actor_id, office_path=_path_of(entry.office_id), words=words, filed_by=by.id,
        due_on=answer_due(law, on),
    )  # fmt: skip
    _insert(objection)
    record_act("privacy.object", by=by, on=("objection", objection.pk), person_id=person.pk)
    return objection


@use_case
def answer_objection(*, objection_id: UUID, was_wrong: bool, words: str, law: Law, by: Principal) -> Objection:
    """Explain, or say that it was wrong: then a breach is opened with it, its clocks running from now.

    Raises NotFound outside the auditor's area, Forbidden, Conflict `privacy.answered_already`.
    """
    objection = Objection.objects.select_for_update().filter(pk=objection_id).first()
    if objection is None:
        raise NotFound("not_found")
    ensure_may_answer(objection, by)
    if objection.state != State.OPEN:
        raise Conflict("privacy.answered_already")
    now = timezone.now()
    objection.state = State.WRONG if was_wrong else State.EXPLAINED
    objection.answer, objection.answered_by, objection.answered_at = words, by.id, now
    if was_wrong:
        told = Told(kinds=("reads_and_acts",), people_count=1, level=Breach.Level.GENERAL, found_at=now, cause=words)
        objection.breach = register_breach(told=told, law=law, by=by)
    objection.save()
    record_act("privacy.answer_objection", by=by, on=("objection", objection.pk), person_id=objection.person_id,
               fields=[objection.state])  # fmt: skip
    return objection


def objections_of(person: Person) -> QuerySet[Objection]:
    """Return a person's objections, the newest first."""
    return Objection.objects.filter(person=person).order_by("-id")


def objections_waiting(by: Principal, *, after: UUID | None, limit: int) -> list[Objection]:
    """Return what waits for an auditor's answer in the area, the most urgent first; each reading is recorded."""
    ensure_auditor(by)
    area = Q(office_path=by.office_path) | Q(office_path__startswith=f"{by.office_path}.")
    if is_at_the_top(by):
        area |= Q(office_path="")
    found = Objection.objects.filter(area, state=State.OPEN)
    if after is not None:
        found = found.filter(pk__gt=after)
    shown = list(found.order_by("id")[:limit])
    for each in shown:
        record_read("privacy.read_objection", by=by, on=("objection", each.pk), person_id=each.person_id,
                    purpose="complaint", fields=["words"])  # fmt: skip
    return shown


def _path_of(office_id: UUID | None) -> str:
    return Office.objects.filter(pk=office_id).values_list("path", flat=True).first() or "" if office_id else ""


def _insert(objection: Objection) -> None:
    try:
        with transaction.atomic():
            objection.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error) != "privacy_one_objection_an_entry":
            raise
        raise Conflict("privacy.objected_already") from error
