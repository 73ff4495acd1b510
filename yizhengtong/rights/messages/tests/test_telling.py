"""Events become messages, once, with the right facts and to whom they concern."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.cases import case_at
from tests.support.city import City
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.notifications.models import Delivery, Message
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.rights.messages.telling import TOLD, tell_of

pytestmark = pytest.mark.django_db


def event(name: str, on: Case | Permit, /, **facts: object) -> Event:
    what = "case" if isinstance(on, Case) else "permit"
    return Event(kind=name, object_kind=what, object_id=on.pk, person_id=on.person_id, facts=facts)


@pytest.mark.parametrize(
    ("state", "kind", "expected"),
    [
        (CaseState.RECEIVED, "cases.received", "received"), (CaseState.ACCEPTED, "cases.accepted", "accepted"),
        (CaseState.APPROVED, "cases.approved", "approved"), (CaseState.WITHDRAWN, "cases.withdrawn", "withdrawn"),
    ],
)  # fmt: skip
def test_a_step_of_a_case_is_told_once(town: City, state: CaseState, kind: str, expected: str) -> None:
    case, _ = case_at(town, state)
    happened = event(kind, case)
    tell_of(happened)
    tell_of(happened)
    message = Message.objects.get()
    assert (message.kind, message.person_id, message.object_id) == (expected, case.person_id, case.pk)
    assert "—" not in message.text


def test_a_refusal_gives_its_reasons_in_the_inbox_and_not_in_the_sms(town: City) -> None:
    case, wang = case_at(town, CaseState.REFUSED)
    wang.person.phone = "13800000001"
    wang.person.save()
    tell_of(event("cases.refused", case))
    message = Message.objects.get()
    assert message.is_due
    assert "理由：" in message.text
    assert len(message.text) > len("您的居住证申领申请未予批准。理由：。救济途径见办件中的通知书。")
    sms = Delivery.objects.get()
    assert (sms.channel, sms.address) == ("sms", "+8613800000001")
    assert "理由：" not in sms.text
    assert wang.person.name not in sms.text


@pytest.mark.parametrize("kind", [each for each in TOLD if each.startswith("permits.")])
def test_each_event_of_a_permit_finds_words_without_gaps(town: City, kind: str) -> None:
    case, _ = case_at(town, CaseState.MADE)
    permit = Permit.objects.get(case_id=case.pk)
    facts: dict[str, Any] = {"last_day": "2026-12-21", "days_before": 30, "kind": "zhejiang_digital"}
    tell_of(event(kind, permit, **facts))
    for message in Message.objects.all():
        assert "—" not in message.text
        assert permit.number not in message.text
    assert Message.objects.count() == (0 if kind == "permits.hand_over" and permit.delivery == "collect" else 1)


def test_each_reminder_is_told_once(town: City) -> None:
    case, _ = case_at(town, CaseState.MADE)
    permit = Permit.objects.get(case_id=case.pk)
    for days in (30, 14, 3, 0, 0):
        tell_of(event("permits.endorsement_due", permit, last_day="2026-12-21", days_before=days))
    assert Message.objects.count() == 4
    assert all("2026年12月21日" in message.text for message in Message.objects.all())


def test_an_event_of_nobody_or_of_what_is_gone_tells_nothing(town: City) -> None:
    case, _ = case_at(town, CaseState.RECEIVED)
    tell_of(Event(kind="cases.accepted", object_kind="case", object_id=case.pk, person_id=None, facts={}))
    tell_of(Event(kind="cases.accepted", object_kind="case", object_id=uuid4(), person_id=case.person_id, facts={}))
    tell_of(Event(kind="cases.accepted", object_kind="case", object_id=case.pk, person_id=uuid4(), facts={}))
    assert Message.objects.count() == 0


def test_what_no_law_asks_for_needs_consent(town: City) -> None:
    case, wang = case_at(town, CaseState.APPROVED)
    wang.person.phone = "13800000001"
    wang.person.save()
    tell_of(event("cases.approved", case))
    assert Message.objects.count() == 1
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "facts", "kind"),
    [
        ("feedback.answered", {}, "rating_answered"),
        ("feedback.called_back", {"was_reached": True}, "rating_called_back"),
        ("feedback.called_back", {"was_reached": False}, "rating_not_reached"),
    ],
)
def test_who_rated_badly_is_told_that_it_was_looked_into_and_not_what_was_found(
    town: City, name: str, facts: dict[str, object], kind: str
) -> None:
    case, wang = case_at(town, CaseState.COMPLETED)
    happened = event(name, case, **facts)
    for _ in range(2):
        tell_of(happened)
    message = Message.objects.get()
    assert (message.kind, message.is_due, message.object_id) == (kind, False, case.pk)
    assert "居住证申领" in message.text
    assert wang.person.name not in message.subject + message.text
    tell_of(event(name, case, **facts))
    assert Message.objects.count() == 2
