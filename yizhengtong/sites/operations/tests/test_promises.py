"""What is late towards people and authorities: counted as the register of breaches itself counts."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.people import Resident, a_resident
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import new_id
from yizhengtong.rights.privacy.breaches import overdue_notices
from yizhengtong.rights.privacy.models import Breach, BreachNotice, CorrectionRequest, Objection
from yizhengtong.sites.operations import snapshot
from yizhengtong.sites.operations.board import GOOD, WRONG, groups
from yizhengtong.sites.operations.gauges import _rows

pytestmark = pytest.mark.django_db
NOON = datetime.fromisoformat("2026-11-21T12:00:00+08:00")
TODAY = date(2026, 11, 21)
INSTANT = timedelta(microseconds=1)


def counted(at: datetime, today: date = TODAY, most: int = 100) -> dict[str, tuple[int, float]]:
    rows = _rows("SELECT * FROM operations_promises(%s, %s, %s)", at, today, most)
    return {promise: (number, seconds) for promise, number, seconds in rows}


def a_notice(due_at: datetime, **changes: Any) -> BreachNotice:
    breach = Breach.objects.create(number="20261121-AAAAAA", found_at=due_at - timedelta(hours=1), level="general")
    named: dict[str, Any] = {"to": "persons", "parameter": "breach.tells", "is_by_law": False, **changes}
    return BreachNotice.objects.create(breach=breach, due_at=due_at, **named)


def an_objection(who: Resident, due_on: date, **changes: Any) -> Objection:
    return Objection.objects.create(
        person=who.person, entry_id=new_id(), entry_at=NOON, action="people.read", actor_kind="staff",
        actor_id=new_id(), words="不是我", filed_by=new_id(), due_on=due_on, **changes,
    )  # fmt: skip


def a_correction(who: Resident, due_on: date, **changes: Any) -> CorrectionRequest:
    named: dict[str, Any] = {"field": "latin_name", **changes}
    return CorrectionRequest.objects.create(
        person=who.person, value="WANG", office_path="370100", filed_by=new_id(), due_on=due_on, **named
    )


def test_nothing_is_late_where_nothing_was_promised() -> None:
    assert counted(NOON) == {"breach_notice": (0, 0), "objection": (0, 0), "correction": (0, 0)}


def test_a_notice_is_overdue_once_its_time_is_over_and_not_when_it_was_settled() -> None:
    a_notice(NOON)
    a_notice(NOON - timedelta(days=9), state="sent", settled_at=NOON)
    a_notice(NOON - timedelta(days=9), state="not_needed", settled_at=NOON)
    for at, number in ((NOON - INSTANT, 0), (NOON, 0), (NOON + INSTANT, 1), (NOON + timedelta(hours=2), 1)):
        assert counted(at)["breach_notice"][0] == overdue_notices(at).count() == number
    assert counted(NOON + timedelta(hours=2))["breach_notice"] == (1, 7200)


def test_the_oldest_notice_gives_the_age_and_a_long_list_is_cut() -> None:
    for hours in (1, 5, 3):
        a_notice(NOON - timedelta(hours=hours))
    assert counted(NOON)["breach_notice"] == (3, 5 * 3600)
    assert counted(NOON, most=2)["breach_notice"] == (2, 5 * 3600)


def test_an_objection_is_late_from_the_day_after_its_last_day_while_it_is_open() -> None:
    wang = a_resident()
    an_objection(wang, TODAY)
    an_objection(wang, TODAY - timedelta(days=9), state="explained", answered_by=new_id(), answered_at=NOON)
    assert counted(NOON)["objection"] == (0, 0)
    assert counted(NOON, TODAY + timedelta(days=1))["objection"] == (1, 86400)
    assert counted(NOON, TODAY + timedelta(days=3))["objection"] == (1, 3 * 86400)


def test_a_correction_is_late_from_the_day_after_its_last_day_while_it_is_open() -> None:
    wang = a_resident()
    a_correction(wang, TODAY)
    a_correction(wang, TODAY - timedelta(days=9), field="born_on", state="refused", decided_by=new_id())
    assert counted(NOON)["correction"] == (0, 0)
    assert counted(NOON, TODAY + timedelta(days=1))["correction"] == (1, 86400)


def lights() -> dict[str, str]:
    taken = snapshot.snapshot()
    return {line.code: line.light for group in groups({}, taken, "en") for line in group.lines}


def test_what_is_late_is_measured_and_red_on_the_board(settings: Any) -> None:
    snapshot.forget()
    before = lights()
    assert [before[code] for code in ("breach_notices", "objections", "corrections")] == [GOOD, GOOD, GOOD]
    wang, yesterday = a_resident(), legal_day(timezone.now()) - timedelta(days=1)
    a_notice(timezone.now() - timedelta(minutes=1))
    an_objection(wang, yesterday)
    an_objection(wang, yesterday)
    a_correction(wang, yesterday)
    snapshot.forget()
    text = Client().get("/metrics", headers={"Authorization": f"Bearer {settings.YZT_METRICS_TOKEN}"}).content.decode()
    assert "yzt_breach_notices_overdue 1.0" in text
    assert 'yzt_answers_overdue{request="objection"} 2.0' in text
    assert 'yzt_answers_overdue{request="correction"} 1.0' in text
    after = lights()
    assert [after[code] for code in ("breach_notices", "objections", "corrections")] == [WRONG, WRONG, WRONG]
    snapshot.forget()
