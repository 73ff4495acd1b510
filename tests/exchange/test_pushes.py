"""The measures of pushes: counted by the database's owner for the web's role, by the code of a destination."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support.cases import case_at
from tests.support.city import POINTS, a_city
from tests.support.law import JINAN, SHIZHONG
from tests.support.web_role import as_web
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.exchange.claiming import Receiving
from yizhengtong.foundation.exchange.models import Destination, Push
from yizhengtong.foundation.exchange.services import add_destination
from yizhengtong.foundation.postgresql.readers import Reader
from yizhengtong.kernel.ids import new_id
from yizhengtong.sites.api.resident.privacy import _partners
from yizhengtong.sites.operations.gauges import pushes

pytestmark = pytest.mark.django_db


@pytest.fixture
def destination() -> Destination:
    return add_destination(
        code="province", name="省大数据平台", url="https://platform.example/events", legal_basis="国令716", by=SYSTEM
    )


def a_push(destination: Destination, position: int, state: str, **more: Any) -> None:
    push = Push(
        destination=destination, position=position, event_id=new_id(), kind="permits.issued", stream=new_id(),
        object_kind="permit", object_id=new_id(), state=state, **more,
    )  # fmt: skip
    push.save(force_insert=True)


def samples() -> dict[tuple[str, str], float]:
    with as_web():
        return {
            (sample.name, sample.labels.get("state", "")): sample.value
            for family in pushes()
            for sample in family.samples
            if sample.labels["destination"] == "province"
        }


def test_what_waits_what_is_dead_the_oldest_and_how_long_the_last_took_are_measured(
    roles: None, destination: Destination
) -> None:
    now = timezone.now()
    a_push(destination, 1, "waiting", happened_at=now - timedelta(seconds=100))
    a_push(destination, 2, "sending", happened_at=now - timedelta(seconds=50))
    a_push(destination, 3, "dead", happened_at=now - timedelta(seconds=200))
    a_push(destination, 4, "acknowledged", happened_at=now - timedelta(seconds=9), acknowledged_at=now)
    a_push(destination, 5, "skipped", happened_at=now - timedelta(days=9))
    found = samples()
    assert found["yzt_pushes", "waiting"] == 2
    assert found["yzt_pushes", "dead"] == 1
    assert 140 <= found["yzt_push_lag_seconds", ""] < 320  # now() is when the test's transaction began
    assert found["yzt_push_p95_seconds", ""] == 9


def test_who_looks_after_a_person_sees_when_the_push_was_acknowledged_and_nobody_else_but_the_top_does(
    roles: None, destination: Destination
) -> None:
    city = a_city()
    _, resident = case_at(city, "received")
    now = timezone.now()
    a_push(destination, 1, "acknowledged", person_id=resident.person.pk, happened_at=now, acknowledged_at=now)
    elsewhere = city.officer("elsewhere", Role.CLERK, office=POINTS[SHIZHONG])
    top = city.officer("top", Role.SUPERVISOR, office=JINAN)
    for officer, count in ((city.clerk, 1), (elsewhere, 0), (top, 1)):
        with as_web(Reader("staff", str(officer.id), officer.office_path)):
            assert Push.objects.filter(kind="permits.issued").values_list("acknowledged_at").count() == count
    with as_web(Reader("staff", str(city.clerk.id), city.clerk.office_path)):
        assert Push.objects.filter(kind="permits.issued").update(reason="no") == 0, "seen, not changed"


def test_a_destination_without_pushes_lags_nothing_and_an_ended_one_is_not_measured(
    roles: None, destination: Destination
) -> None:
    assert samples() == {
        ("yzt_pushes", "waiting"): 0, ("yzt_pushes", "dead"): 0, ("yzt_push_lag_seconds", ""): 0,
    }  # fmt: skip
    Destination.objects.update(state="ended")
    assert samples() == {}


def test_a_holder_reads_the_platforms_name_in_the_history(roles: None, destination: Destination) -> None:
    record_read(
        "exchange.push", by=Receiving(destination.pk), on=("permit", new_id()), person_id=new_id(), purpose="provision"
    )
    entry = Entry.objects.get(action="exchange.push")
    with as_web():
        assert _partners([entry]) == {destination.pk: "省大数据平台"}
