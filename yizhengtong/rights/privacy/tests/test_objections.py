"""“This was not for me”: filed once, owned by an auditor with a deadline, answered, never deleted."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from tests.support.city import City
from tests.support.days import real_today
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Problem
from yizhengtong.law.law import Law
from yizhengtong.permitting.casework.queries import case_for_officer
from yizhengtong.rights.privacy.models import Breach, Objection
from yizhengtong.rights.privacy.objections import answer_objection, object_to, objections_waiting
from yizhengtong.rights.privacy.tests.conftest import Decided

pytestmark = pytest.mark.row("S1-097")


@pytest.fixture
def entry(town: City, decided: Decided) -> Entry:
    case_for_officer(case_id=decided.case.pk, by=town.clerk, purpose="casework")
    return Entry.objects.get(action="casework.read")


def filed(entry: Entry, who: Resident, law: Law, acting: Resident | None = None) -> Objection:
    by = acting or who
    return object_to(
        entry_id=entry.pk,
        person=who.person,
        acting=by.person,
        words="我没有办事",
        law=law,
        on=real_today(),
        by=by.principal,
    )


def answered(objection: Objection, by: Principal, law: Law, *, was_wrong: bool = False) -> Objection:
    return answer_objection(objection_id=objection.pk, was_wrong=was_wrong, words="已核实", law=law, by=by)


def refusal(does: Any) -> str:
    with pytest.raises(Problem) as refused:
        does()
    return refused.value.code


def test_it_has_a_deadline_and_waits_for_an_auditor_whose_office_covers_the_one_that_looked(
    town: City, entry: Entry, decided: Decided, law: Law, auditor: Principal
) -> None:
    objection = filed(entry, decided.wang, law)
    assert objection.due_on == real_today() + timedelta(days=15)
    assert [each.pk for each in objections_waiting(auditor, after=None, limit=9)] == [objection.pk]
    assert Entry.objects.filter(action="privacy.read_objection", person_id=decided.wang.person.pk).exists()
    elsewhere = town.officer("auditor-2", Role.AUDITOR, office="370103")
    assert objections_waiting(elsewhere, after=None, limit=9) == []
    assert refusal(lambda: answered(objection, elsewhere, law)) == "not_found"


def test_only_what_concerns_oneself_and_was_done_by_others_is_doubted_and_once(
    entry: Entry, decided: Decided, law: Law
) -> None:
    stranger = a_resident(name="陈大文")
    assert refusal(lambda: filed(entry, stranger, law)) == "not_found"
    assert refusal(lambda: filed(entry, decided.wang, law, acting=stranger)) == "not_found"
    own = Entry.objects.filter(actor_id=decided.wang.principal.id, person_id=decided.wang.person.pk)[0]
    assert refusal(lambda: filed(own, decided.wang, law)) == "privacy.own_entry"
    filed(entry, decided.wang, law)
    assert refusal(lambda: filed(entry, decided.wang, law)) == "privacy.objected_already"


def test_an_explanation_ends_it(entry: Entry, decided: Decided, law: Law, auditor: Principal) -> None:
    objection = answered(filed(entry, decided.wang, law), auditor, law)
    assert (objection.state, objection.answer, objection.breach) == ("explained", "已核实", None)
    assert refusal(lambda: answered(objection, auditor, law)) == "privacy.answered_already"
    assert not Breach.objects.exists()


def test_what_was_wrong_opens_a_breach_with_its_clocks(
    entry: Entry, decided: Decided, law: Law, auditor: Principal
) -> None:
    objection = answered(filed(entry, decided.wang, law), auditor, law, was_wrong=True)
    assert objection.breach is not None
    assert objection.breach.people_count == 1
    assert set(objection.breach.notices.values_list("to", "state")) == {
        ("protection_department", "due"), ("persons", "due"),
    }  # fmt: skip


def test_who_looked_does_not_answer_and_other_roles_neither(
    town: City, entry: Entry, decided: Decided, law: Law
) -> None:
    objection = filed(entry, decided.wang, law)
    same = town.officer("demo-clerk", Role.CLERK, Role.AUDITOR)
    assert refusal(lambda: answered(objection, same, law)) == "privacy.answers_for_self"
    supervisor = town.officer("s", Role.SUPERVISOR, office="370100")
    assert refusal(lambda: answered(objection, supervisor, law)) == "accounts.role_missing"
    assert refusal(lambda: answered(objection, decided.wang.principal, law)) == "not_found"


def test_what_a_partner_did_only_the_top_office_answers(
    town: City, entry: Entry, decided: Decided, law: Law, auditor: Principal
) -> None:
    objection = filed(entry, decided.wang, law)
    Objection.objects.filter(pk=objection.pk).update(office_path="", actor_kind="partner")
    lower = town.officer("auditor-3", Role.AUDITOR, office="370102")
    assert refusal(lambda: answered(objection, lower, law)) == "not_found"
    assert objections_waiting(lower, after=None, limit=9) == []
    assert answered(objection, auditor, law).state == "explained"


def test_nobody_deletes_one(entry: Entry, decided: Decided, law: Law) -> None:
    objection = filed(entry, decided.wang, law)
    with pytest.raises(DatabaseError), transaction.atomic():
        objection.delete()
    assert Objection.objects.filter(pk=objection.pk).exists()
