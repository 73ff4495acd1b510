"""Who comes to a window without an application: found by the document shown, or registered, and handed in for (S2-18).

The row policies show an officer nobody from elsewhere; a document in the officer's hand does, for that request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.law.law import Law
from yizhengtong.permitting.applications.services import WINDOW, save_answers, start_application
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services.reception import receive_application
from yizhengtong.registry.people.households import Household
from yizhengtong.registry.people.minors import ask_to_open, ensure_may_open, has_approval, is_guarded
from yizhengtong.registry.people.models import MinorApproval, Person
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.registry.people.representations import appoint_representative
from yizhengtong.registry.people.services import add_number, number_index, register_person
from yizhengtong.registry.residence.models import ReportedBy
from yizhengtong.registry.residence.services import declare_stay

SHOWN_AT_WINDOW = "window"


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document on the counter: its kind as in kernel.numbers, its number, the last day on which it is valid."""

    kind: str
    number: str
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What the document says of somebody whom no register of the platform has, as printed."""

    name: str
    birth_date: date
    sex: str
    region: str
    latin_name: str = ""
    household: Household | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """Where and since when somebody lives, said at the window."""

    address: str
    start: date


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who stands here for the applicant. `relation`: of the pack's proxy.rules; `has_proof`: the clerk has seen it."""

    shown: ShownDocument
    relation: str
    newcomer: Newcomer | None = None
    has_proof: bool = False


def find_presented(*, shown: ShownDocument, by: Principal, roles: Sequence[Role] = (Role.CLERK,)) -> Person | None:
    """Return whose document is shown, registered wherever. Recorded, also when nobody is found.

    Raises Invalid with the codes of kernel.numbers, Forbidden without one of `roles`, and for a minor's record.
    """
    person = _presented(shown, by, roles)
    if person is not None:
        ensure_may_open(person, by)
    return person


@use_case
def ask_at_counter(*, shown: ShownDocument, words: str, by: Principal) -> MinorApproval:
    """Ask a supervisor to open the record of a minor who stands at the window with a document.

    Raises NotFound `casework.nobody_presented`, else as `ask_to_open`.
    """
    person = _presented(shown, by, (Role.CLERK,))
    if person is None:
        raise NotFound("casework.nobody_presented")
    return ask_to_open(
        person=person, office_path=by.office_path, reason=MinorApproval.Reason.COUNTER, words=words, by=by
    )


def _presented(shown: ShownDocument, by: Principal, roles: Sequence[Role]) -> Person | None:
    ensure_officer_of(by.office_path, by)
    ensure_role(by, *roles)
    index = number_index(parse(DocumentKind(shown.kind), shown.number))
    with connection.cursor() as cursor:
        cursor.execute("SELECT casework_presented(%s, %s)", [shown.kind, index])
        (key,) = cursor.fetchone()
    record_read(
        "casework.find_presented", by=by, on=("person", key), person_id=key, purpose=SHOWN_AT_WINDOW, fields=["number"]
    )
    return Person.objects.filter(pk=key).first() if key else None


@use_case
def hand_in_at_window(
    *,
    shown: ShownDocument,
    newcomer: Newcomer | None,
    stay: Stay | None,
    item: str,
    place: str,
    ground: str,
    answers: Mapping[str, Any],
    claims: Sequence[str],
    on: date,
    by: Principal,
    guardian: Guardian | None = None,
) -> Case:
    """Register who is new, fill the application in and hand it in, all at once: a case, or nothing.

    With a `guardian` that one fills in and declares, as the place's proxy rules allow; for a minor newly registered a
    supervisor is asked at once to open the record (未成年人网络保护条例 art. 36).

    Papers, photograph and signature follow with the case. Raises what registering, filling in and receiving raise.
    """
    person = find_presented(shown=shown, by=by)
    if person is None and newcomer is not None:
        person = register_newcomer(shown=shown, newcomer=newcomer, by=by)
    if person is None:
        raise NotFound("casework.nobody_presented")
    if stay is not None:
        declare_stay(
            person=person,
            region=place,
            address=stay.address,
            start=stay.start,
            reported_by=ReportedBy.SELF,
            declared_on=on,
            by=by,
        )
    law = law_for(item, place, on)
    acting = person if guardian is None else _acting_for(person, guardian, law, on, by)
    who: dict[str, Any] = {"acting": acting, "on": on, "by": by}
    draft = start_application(person=person, item=item, place=place, ground=ground, law=law, **who)
    draft = save_answers(
        application_id=draft.pk, answers={**answers, "channel": WINDOW}, claims=claims, version=draft.version, **who
    )
    case = receive_application(application_id=draft.pk, version=draft.version, **who)
    if is_guarded(person, on) and not has_approval(person.pk, by.id, on):
        ask_to_open(person=person, office_path=case.office_path, reason=MinorApproval.Reason.COUNTER, words="", by=by)
    return case


def _acting_for(person: Person, guardian: Guardian, law: Law, on: date, by: Principal) -> Person:
    """Return who acts, appointed by the proxy rules where that was not done before."""
    acting = find_presented(shown=guardian.shown, by=by)
    if acting is None and guardian.newcomer is not None:
        acting = register_newcomer(shown=guardian.shown, newcomer=guardian.newcomer, by=by)
    if acting is None:
        raise NotFound("casework.nobody_presented")
    if not may_act_for(acting, person, on):
        appoint_representative(
            representative=acting, represented=person, relation=guardian.relation, law=law, on=on,
            confirmed_by=by.id if guardian.has_proof else None, by=by,
        )  # fmt: skip
    return acting


def register_newcomer(*, shown: ShownDocument, newcomer: Newcomer, by: Principal) -> Person:
    """Register somebody with the document shown; no account goes with it."""
    person = register_person(
        name=newcomer.name,
        latin_name=newcomer.latin_name,
        birth_date=newcomer.birth_date,
        sex=newcomer.sex,
        region=newcomer.region,
        household=newcomer.household,
        by=by,
    )
    add_number(person=person, kind=shown.kind, number=shown.number, valid_until=shown.valid_until, by=by)
    return person
