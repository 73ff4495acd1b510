"""A correction is asked for by the person, decided by a registrar with reasons, and applied with its history."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.cases import case_at
from tests.support.city import City
from tests.support.days import real_today
from tests.support.people import Resident, a_resident
from tests.support.privacy import may_open
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.dates import add_years
from yizhengtong.kernel.errors import Problem
from yizhengtong.law.law import Law
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.registry.people.models import Person
from yizhengtong.rights.privacy.corrections import (
    ask_correction,
    correction_for,
    corrections_waiting,
    decide_correction,
)
from yizhengtong.rights.privacy.models import CorrectionRequest
from yizhengtong.rights.privacy.tests.conftest import Decided


def asked(
    who: Resident, law: Law, field: str = "latin_name", value: str = "WANG, SIUMING", **more: Any
) -> CorrectionRequest:
    acting = more.get("acting", who)
    return ask_correction(
        person=who.person, acting=acting.person, field=field, value=value, words="证件如此", evidence=None, law=law,
        on=real_today(), by=acting.principal,
    )  # fmt: skip


def refusal(does: Any) -> str:
    with pytest.raises(Problem) as refused:
        does()
    return refused.value.code


def decide(request: CorrectionRequest, by: Principal, *, applied: bool, reasons: str = "") -> CorrectionRequest:
    return decide_correction(request_id=request.pk, applied=applied, reasons=reasons, by=by)


def test_what_a_registrar_applies_is_registered_and_what_stood_before_is_kept(
    decided: Decided, law: Law, registrar: Principal
) -> None:
    request = asked(decided.wang, law)
    assert request.due_on == real_today() + timedelta(days=15)
    assert [each.pk for each in corrections_waiting(registrar)] == [request.pk]
    decide(request, registrar, applied=True)
    person = Person.objects.get(pk=decided.wang.person.pk)
    assert person.latin_name == "WANG, SIUMING"
    history = person.history.order_by("pgh_id")  # type: ignore[attr-defined]  # pghistory adds it
    assert [each.latin_name for each in history] == ["", "WANG, SIUMING"]
    assert not corrections_waiting(registrar)


def test_a_day_is_read_as_a_day(town: City, law: Law, registrar: Principal) -> None:
    _, wang = case_at(town, CaseState.RECEIVED)
    decide(asked(wang, law, "birth_date", "1994-08-24"), registrar, applied=True)
    assert f"{Person.objects.get(pk=wang.person.pk).birth_date}" == "1994-08-24"


def test_what_a_current_number_contradicts_is_not_applied(decided: Decided, law: Law, registrar: Principal) -> None:
    request = asked(decided.wang, law, "birth_date", "1994-08-24")
    assert refusal(lambda: decide(request, registrar, applied=True)) == "people.number_contradicts_birth_date"
    assert CorrectionRequest.objects.get(pk=request.pk).state == "open"


@pytest.mark.parametrize(
    ("field", "value"), [("birth_date", "24.8.1994"), ("sex", "X"), ("region", "GD"), ("name", "")]
)
def test_what_cannot_be_read_is_not_taken(decided: Decided, law: Law, field: str, value: str) -> None:
    assert refusal(lambda: asked(decided.wang, law, field, value)) == "web.fields_wrong"


def test_a_refusal_gives_its_reasons(decided: Decided, law: Law, registrar: Principal) -> None:
    request = asked(decided.wang, law)
    assert refusal(lambda: decide(request, registrar, applied=False)) == "web.fields_wrong"
    refused = decide(request, registrar, applied=False, reasons="与证件不符")
    assert (refused.state, refused.reasons) == ("refused", "与证件不符")
    assert refusal(lambda: decide(request, registrar, applied=True)) == "privacy.correction_decided"
    assert Person.objects.get(pk=decided.wang.person.pk).latin_name == ""


def test_one_request_a_field_waits_and_a_stranger_asks_for_nobody(decided: Decided, law: Law) -> None:
    asked(decided.wang, law)
    assert refusal(lambda: asked(decided.wang, law)) == "privacy.correction_open"
    assert refusal(lambda: asked(decided.wang, law, "name", "陈", acting=a_resident(name="陈大文"))) == "not_found"


def test_only_a_registrar_of_the_area_reads_and_decides(
    town: City, decided: Decided, law: Law, registrar: Principal
) -> None:
    request = asked(decided.wang, law)
    elsewhere = town.officer("registrar-2", Role.REGISTRAR, office="370103")
    for look in (correction_for, lambda _key, by: decide(request, by, applied=True)):
        assert refusal(lambda look=look: look(request.pk, elsewhere)) == "not_found"
        assert refusal(lambda look=look: look(request.pk, town.approver)) == "accounts.role_missing"
    correction_for(request.pk, registrar)
    assert Entry.objects.filter(action="privacy.read_correction", person_id=decided.wang.person.pk).count() == 1


def test_a_minors_is_opened_with_an_approval_only(town: City, law: Law) -> None:
    child = a_resident(name="林小彤", birth_date=add_years(real_today(), -9))
    root = town.officer("registrar-3", Role.REGISTRAR, office="370100")
    request = asked(child, law)
    assert request.office_path == root.office_path
    assert refusal(lambda: correction_for(request.pk, root)) == "people.minor_needs_approval"
    may_open(child.person, root)
    decide(request, root, applied=True)
