"""Reading the checks of a person, one's tickets, and those that wait for an officer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.kernel.errors import NotFound
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.holders.models import AlertChoice, Ticket
from yizhengtong.verification.holders.policies import ensure_answers, ensure_may_read, is_at_the_top
from yizhengtong.verification.relying_parties.models import RelyingParty

About = AlertChoice.About
_SEALED = ("words", "answer")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which checks are asked for; empty leaves a question out."""

    way: str = ""
    outcome: str = ""
    purpose: str = ""
    party_id: UUID | None = None


def checks_of(
    *, person: Person, wanted: Wanted, before: tuple[datetime, UUID] | None = None, limit: int
) -> list[Check]:
    """Return checks of a person, the newest first, with who made them. The caller records the reading."""
    found = Check.objects.filter(person_id=person.pk).select_related("relying_party").filter(_asked(wanted))
    if before is not None:
        found = found.filter(Q(at__lt=before[0]) | Q(at=before[0], pk__lt=before[1]))
    return list(found.order_by("-at", "-pk")[:limit])


def _asked(wanted: Wanted) -> Q:
    asked = {name: getattr(wanted, name) for name in ("way", "purpose") if getattr(wanted, name)}
    if wanted.party_id is not None:
        asked["relying_party_id"] = wanted.party_id
    found = Q(**asked)
    if wanted.outcome:  # rows older than the column say only whether all agreed
        old = {"match": [True], "no_match": [False]}.get(wanted.outcome, [])
        found &= Q(outcome=wanted.outcome) | Q(outcome="", is_match__in=old)
    return found


def check_by_id(check_id: UUID) -> Check:
    """Return a check. Raises NotFound. Whose it is, and the record of the reading, are the caller's questions."""
    found = Check.objects.filter(pk=check_id).select_related("relying_party").first()
    if found is None:
        raise NotFound("not_found")
    return found


def parties_of(person: Person) -> Mapping[UUID, str]:
    """Return who ever checked a person, and is still in the list: names by key, in the order of names."""
    made = Check.objects.filter(person_id=person.pk).values("relying_party_id")
    return dict(RelyingParty.objects.filter(pk__in=made).order_by("name", "pk").values_list("pk", "name"))


def alerts_of(person_id: UUID) -> str:
    """Return of which checks a person is told; of failed ones where nobody chose."""
    return alerts_of_each([person_id])[person_id]


def alerts_of_each(person_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return for each person of which checks they are told; one statement."""
    with connection.cursor() as cursor:  # written out: asked of every check that is made
        cursor.execute("SELECT person_id, about FROM holders_alertchoice WHERE person_id = ANY(%s)", [list(person_ids)])
        return dict.fromkeys(person_ids, About.FAILED.value) | dict(cursor.fetchall())


def tickets_of(person: Person) -> QuerySet[Ticket]:
    """Return a person's tickets, the newest first."""
    return Ticket.objects.filter(person_id=person.pk).select_related("relying_party").order_by("-id")


def ticket_about(*, person: Person, check_id: UUID) -> Ticket | None:
    """Return the ticket about a check, if there is one."""
    return tickets_of(person).filter(check_id=check_id).first()


def tickets_waiting(*, by: Principal, is_open: bool = True, after: UUID | None = None, limit: int) -> list[Ticket]:
    """Return the tickets of an officer's area in the order they came; nothing written is opened."""
    ensure_answers(by)
    area = Q(office_path=by.office_path) | Q(office_path__startswith=f"{by.office_path}.")
    if is_at_the_top(by):
        area |= Q(office_path="")
    found = Ticket.objects.filter(area).select_related("relying_party").defer(*_SEALED)
    found = found.filter(state=Ticket.State.OPEN) if is_open else found.exclude(state=Ticket.State.OPEN)
    if after is not None:
        found = found.filter(pk__gt=after)
    return list(found.order_by("pk")[:limit])


def ticket_for(*, ticket_id: UUID, by: Principal) -> Ticket:
    """Return a ticket with what was written; the read is recorded. Raises NotFound outside the area, Forbidden."""
    ticket = Ticket.objects.filter(pk=ticket_id).select_related("relying_party").first()
    if ticket is None:
        raise NotFound("not_found")
    ensure_may_read(ticket, by)
    record_read("holders.read_ticket", by=by, on=("check_ticket", ticket.pk), person_id=ticket.person_id,
                purpose="complaint", fields=["check", "words"])  # fmt: skip
    return ticket
