"""Consent is given, refused and withdrawn alike; a statute asks for none; the very young answer through a guardian."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import InternalError, transaction
from django.db.utils import DatabaseError

from tests.support.city import City, a_city
from tests.support.days import real_today
from tests.support.law import TODAY, law_of, library
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.dates import add_years
from yizhengtong.kernel.errors import Problem
from yizhengtong.law.law import Law
from yizhengtong.registry.consents.models import Consent
from yizhengtong.registry.consents.queries import answers_of, has_consent, may_use, newest_answers
from yizhengtong.registry.consents.services import answer_use
from yizhengtong.registry.people.representations import appoint_representative

pytestmark = pytest.mark.row("S1-097")


@pytest.fixture
def town(db: None) -> City:
    return a_city()


@pytest.fixture
def wang(town: City) -> Resident:
    return a_resident()


def law() -> Law:
    return library().law("370100", "privacy", real_today())


def answered(
    who: Resident,
    answer: str,
    use: str = "check_bank",
    *,
    acting: Resident | None = None,
    apart: Sequence[str] = ("provision",),
) -> None:
    by = acting or who
    answer_use(
        person=who.person, acting=by.person, use=use, answer=answer, apart=apart, law=law(), on=real_today(),
        by=by.principal,
    )  # fmt: skip


def refusal(*args: Any, **named: Any) -> str:
    with pytest.raises(Problem) as refused:
        answered(*args, **named)
    return refused.value.code


def test_nobody_has_agreed_to_anything_unasked(wang: Resident) -> None:
    assert not has_consent(wang.person.pk, "check_bank")
    assert not may_use(wang.person.pk, "check_bank", real_today())


def test_what_is_given_holds_until_it_is_withdrawn_and_every_answer_is_kept(wang: Resident) -> None:
    answered(wang, "given")
    assert may_use(wang.person.pk, "check_bank", real_today())
    answered(wang, "withdrawn")
    assert not may_use(wang.person.pk, "check_bank", real_today())
    assert [each.answer for each in answers_of(wang.person.pk)] == ["withdrawn", "given"]
    assert newest_answers(wang.person.pk)["check_bank"].answer == "withdrawn"
    actions = Entry.objects.filter(person_id=wang.person.pk, object_kind="consent").values_list("action", flat=True)
    assert list(actions.order_by("id")) == ["consents.give", "consents.withdraw"]


def test_one_persons_answer_is_not_anothers(wang: Resident) -> None:
    answered(wang, "given")
    assert not has_consent(a_resident(name="陈大文").person.pk, "check_bank")


def test_a_statutory_use_is_not_asked_for_and_may_be_used(wang: Resident) -> None:
    assert refusal(wang, "refused", "permit") == "consents.not_asked"
    assert may_use(wang.person.pk, "permit", real_today())


def test_a_use_that_no_pack_knows_rests_on_nothing(wang: Resident) -> None:
    assert refusal(wang, "given", "advertising") == "not_found"
    assert not may_use(wang.person.pk, "advertising", real_today())


def test_a_stranger_answers_for_nobody(wang: Resident) -> None:
    assert refusal(wang, "given", acting=a_resident(name="陈大文")) == "not_found"


@pytest.mark.parametrize(("apart", "lacks"), [([], 2), (["provision"], 1), (["sensitive"], 1)])
def test_each_separate_consent_is_agreed_to_by_itself(wang: Resident, apart: list[str], lacks: int) -> None:
    with pytest.raises(Problem) as refused:
        answered(wang, "given", "sharing", apart=apart)
    assert refused.value.code == "consents.apart_needed"
    assert len(refused.value.errors) == lacks
    answered(wang, "refused", "sharing", apart=apart)
    answered(wang, "given", "sharing", apart=["provision", "sensitive"])


def test_only_what_was_given_is_withdrawn(wang: Resident) -> None:
    assert refusal(wang, "withdrawn") == "consents.nothing_to_withdraw"
    answered(wang, "refused")
    assert refusal(wang, "withdrawn") == "consents.nothing_to_withdraw"


@pytest.mark.parametrize(("years", "alone"), [(13, False), (14, True)])
def test_under_fourteen_only_a_guardian_agrees(town: City, years: int, alone: bool) -> None:
    child = a_resident(name="林小彤", birth_date=add_years(real_today(), -years))
    parent = a_resident(name="林志明")
    appoint_representative(
        representative=parent.person, represented=child.person, relation="guardian", law=law_of(), on=TODAY,
        confirmed_by=None, by=parent.principal,
    )  # fmt: skip
    if alone:
        answered(child, "given")
    else:
        assert refusal(child, "given") == "consents.guardian_needed"
        answered(child, "refused")
    answered(child, "given", acting=parent)
    assert child.person.consents.latest("id").relation == "guardian"


def test_an_answer_is_neither_changed_nor_deleted(wang: Resident) -> None:
    answered(wang, "given")
    for change in (lambda: Consent.objects.update(answer="refused"), lambda: Consent.objects.all().delete()):
        with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
            change()
