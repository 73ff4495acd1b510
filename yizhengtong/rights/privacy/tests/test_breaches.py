"""The register of breaches: the law's clocks by kind of incident, complete notices, nothing deleted."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from tests.support.city import City
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Problem
from yizhengtong.law.law import Law
from yizhengtong.rights.privacy.breaches import (
    Told,
    breaches_of_register,
    describe_breach,
    note_not_needed,
    note_sent,
    overdue_notices,
    register_breach,
)
from yizhengtong.rights.privacy.models import Breach
from yizhengtong.rights.privacy.rules import clocks_of

pytestmark = pytest.mark.row("S0-T38")
WHOLE = {"kinds": ("numbers",), "cause": "误发", "harm": "可能被冒用", "measures": "已撤回", "contact": "12345"}


def told(**changes: Any) -> Told:
    return Told(**{"found_at": timezone.now() - timedelta(minutes=1), "level": "general", **changes})


def hours(law: Law, **changes: Any) -> dict[str, tuple[float, bool]]:
    found_at = datetime.fromisoformat("2026-11-21T00:00:00+00:00")
    facts: dict[str, Any] = {
        "found_at": found_at, "is_reportable": False, "harms_national_security": False, "concerns_minors": False,
        "operator": "other", "promised_hours": 24, "law": law,
    }  # fmt: skip
    return {
        clock.to: ((clock.due_at - found_at) / timedelta(hours=1), clock.is_by_law)
        for clock in clocks_of(**{**facts, **changes})
    }


SOON = {"protection_department": (24, False), "persons": (24, False)}


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({}, {}),
        ({"is_reportable": True}, {"provincial_cyberspace_administration": (4, True)}),
        ({"is_reportable": True, "operator": "central"}, {"own_department": (2, True)}),
        ({"is_reportable": True, "operator": "critical"}, {"protection_department": (1, True)}),
        ({"harms_national_security": True}, {"competent_department": (24, True)}),
        ({"concerns_minors": True}, {"guardians": (24, False)}),
        ({"promised_hours": 48}, {"protection_department": (48, False), "persons": (48, False)}),
    ],
)
def test_each_kind_of_incident_has_the_clocks_of_its_law(
    law: Law, changes: dict[str, Any], more: dict[str, tuple[float, bool]]
) -> None:
    assert hours(law, **changes) == {**SOON, **more}


def test_a_breach_is_written_down_with_whom_to_tell(law: Law, auditor: Principal) -> None:
    breach = register_breach(told=told(level="larger", concerns_minors=True), law=law, by=auditor)
    assert set(breach.notices.values_list("to", flat=True)) == {
        "protection_department", "persons", "guardians", "provincial_cyberspace_administration",
    }  # fmt: skip
    assert not overdue_notices(timezone.now())
    late = overdue_notices(timezone.now() + timedelta(hours=5))
    assert [notice.to for notice in late] == ["provincial_cyberspace_administration"]
    assert overdue_notices(timezone.now() + timedelta(hours=25)).count() == 4


def test_a_notice_lacks_nothing_that_the_law_asks(law: Law, auditor: Principal) -> None:
    breach = register_breach(told=told(), law=law, by=auditor)
    with pytest.raises(Problem) as refused:
        note_sent(breach_id=breach.pk, to="persons", words="已短信通知", law=law, by=auditor)
    assert refused.value.code == "privacy.notice_incomplete"
    assert [error.field for error in refused.value.errors] == ["kinds", "cause", "harm", "measures", "contact"]
    described = describe_breach(breach_id=breach.pk, told=told(**WHOLE), version=1, law=law, by=auditor)
    assert described.version == 2
    sent = note_sent(breach_id=breach.pk, to="persons", words="已短信通知", law=law, by=auditor)
    assert (sent.state, sent.settled_by) == ("sent", auditor.id)
    assert not overdue_notices(timezone.now() + timedelta(hours=25)).filter(to="persons")


def test_a_graver_description_adds_clocks_and_takes_none_away(law: Law, auditor: Principal) -> None:
    breach = register_breach(told=told(concerns_minors=True), law=law, by=auditor)
    describe_breach(breach_id=breach.pk, told=told(level="major"), version=1, law=law, by=auditor)
    assert set(breach.notices.values_list("to", flat=True)) == {
        "protection_department", "persons", "guardians", "provincial_cyberspace_administration",
    }  # fmt: skip


def refusal(does: Any) -> str:
    with pytest.raises(Problem) as refused:
        does()
    return refused.value.code


def test_persons_need_not_be_told_where_the_harm_was_avoided_authorities_always(law: Law, auditor: Principal) -> None:
    breach = register_breach(told=told(), law=law, by=auditor)
    settle: dict[str, Any] = {"breach_id": breach.pk, "by": auditor}
    assert refusal(lambda: note_not_needed(to="protection_department", words="x", **settle)) == "privacy.must_be_told"
    assert refusal(lambda: note_not_needed(to="persons", words="", **settle)) == "web.fields_wrong"
    assert note_not_needed(to="persons", words="密文未泄露", **settle).state == "not_needed"
    assert refusal(lambda: note_not_needed(to="persons", words="x", **settle)) == "privacy.notice_settled"
    assert refusal(lambda: note_not_needed(to="newspapers", words="x", **settle)) == "not_found"


def test_the_register_is_the_top_offices(town: City, law: Law, auditor: Principal) -> None:
    breach = register_breach(told=told(), law=law, by=auditor)
    lower = town.officer("auditor-4", Role.AUDITOR, office="370102")
    clerk = town.officer("demo-approver")
    administrator = town.officer("administrator", Role.ADMINISTRATOR, office="370100")
    assert refusal(lambda: breaches_of_register(lower)) == "not_found"
    assert refusal(lambda: breaches_of_register(clerk)) == "accounts.role_missing"
    assert [each.pk for each in breaches_of_register(administrator)] == [breach.pk]


def test_a_breach_is_not_found_in_the_future_and_never_deleted(law: Law, auditor: Principal) -> None:
    ahead = told(found_at=timezone.now() + timedelta(hours=1))
    assert refusal(lambda: register_breach(told=ahead, law=law, by=auditor)) == "web.fields_wrong"
    breach = register_breach(told=told(), law=law, by=auditor)
    for gone in (breach.notices.all(), Breach.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            gone.delete()
