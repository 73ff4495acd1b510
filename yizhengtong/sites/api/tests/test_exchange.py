"""Supervisors of the top office look after the data platforms, under the web's own role; nobody else sees them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.services import create_office
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.exchange.models import Destination, Push, SendingKey
from yizhengtong.foundation.exchange.services import add_destination
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.sites.api.tests.test_audit import session_with_second_factor

pytestmark = pytest.mark.django_db
Ask = Callable[..., Any]
PLATFORM = {
    "code": "province", "name": "省大数据平台", "url": "https://platform.example/events",
    "legal_basis": "国令716 art. 12",
}  # fmt: skip


def officer(username: str, office: Office, *roles: str) -> Account:
    account = Account.objects.create_user(username)
    member = StaffMember(account=account, office=office, roles=list(roles))
    member.name = "李警官"
    member.save(force_insert=True)
    return account


@pytest.fixture
def ask(roles: None, db: None) -> Iterator[Ask]:
    top = create_office(code="37", name="市局", region="370100", parent=None, by=SYSTEM)
    below = create_office(code="3701", name="分局", region="370102", parent=top, by=SYSTEM)
    officer("keeper", top, "supervisor"), officer("below", below, "supervisor"), officer("clerk", top, "clerk")

    def asked(username: str, method: str, path: str, body: Any = None) -> Any:
        token = session_with_second_factor(Account.objects.get(username=username))
        headers = {"X-Session-Token": token, "Idempotency-Key": f"key-{new_id().hex}"}
        return getattr(Client(), method)(
            f"/api/staff/exchange{path}", body, content_type="application/json", headers=headers
        )

    with requests_as_web():
        yield asked


def a_dead_letter() -> Push:
    destination = add_destination(**PLATFORM, by=SYSTEM)
    push = Push(
        destination=destination, position=1, event_id=new_id(), kind="permits.issued", person_id=new_id(),
        stream=new_id(), object_kind="permit", object_id=new_id(), state="dead", status=422,
        failure="exchange.refused", happened_at=datetime(2026, 9, 18, tzinfo=UTC), attempts=1,
    )  # fmt: skip
    push.body = "{}"
    push.save(force_insert=True)
    return push


def test_a_supervisor_adds_a_platform_and_pauses_and_resumes_it(ask: Ask) -> None:
    made = ask("keeper", "post", "/destinations", PLATFORM)
    assert (made.status_code, made.json()["state"], made.json()["content"]) == (201, "paused", "minimal")
    assert SendingKey.objects.filter(destination__code="province").count() == 1
    assert ask("keeper", "post", "/destinations/province/resume").json()["state"] == "on"
    assert ask("keeper", "post", "/destinations/province/pause").json()["state"] == "paused"
    (listed,) = ask("keeper", "get", "/destinations").json()
    assert (listed["waiting"], listed["dead"], listed["took"]) == (0, 0, None)
    assert {entry.action for entry in Entry.objects.filter(object_kind="destination")} == {
        "exchange.add", "exchange.resume", "exchange.pause",
    }  # fmt: skip


def test_an_address_that_is_not_safe_is_refused_with_its_field(ask: Ask) -> None:
    answer = ask("keeper", "post", "/destinations", {**PLATFORM, "url": "http://169.254.169.254/latest"})
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("url", "exchange.url_not_allowed")
    ]
    assert not Destination.objects.exists()


def test_a_dead_letter_is_listed_without_what_it_tells_then_replayed(ask: Ask) -> None:
    push = a_dead_letter()
    (listed,) = ask("keeper", "get", "/dead").json()
    assert (listed["id"], listed["status"], listed["waiting_behind"]) == (public_id("psh", push.pk), 422, 0)
    assert "body" not in listed
    assert ask("keeper", "post", f"/dead/{listed['id']}/replay").status_code == 204
    push.refresh_from_db()
    assert (push.state, push.body) == ("waiting", None)
    again = ask("keeper", "post", f"/dead/{listed['id']}/replay")
    assert (again.status_code, again.json()["code"]) == (409, "exchange.not_dead")
    assert Entry.objects.filter(action="exchange.read_dead", person_id=push.person_id).count() == 1


def test_a_dead_letter_is_skipped_with_a_reason_only(ask: Ask) -> None:
    push = a_dead_letter()
    path = f"/dead/{public_id('psh', push.pk)}/skip"
    assert ask("keeper", "post", path, {"reason": ""}).status_code == 422
    assert ask("keeper", "post", path, {"reason": "对方已有"}).status_code == 204
    push.refresh_from_db()
    assert (push.state, push.reason, push.body) == ("skipped", "对方已有", None)


def test_both_ends_of_a_push_are_shown(ask: Ask) -> None:
    push = a_dead_letter()
    Push.objects.filter(pk=push.pk).update(state="acknowledged", acknowledged_at=timezone.now(), body=None)
    (ends,) = ask("keeper", "get", "/ends?destination=province").json()
    assert (ends["destination"], ends["item"], ends["decided_in_time"]) == ("province", None, None)
    assert ends["decided_at"] < ends["acknowledged_at"]


@pytest.mark.parametrize(("username", "status"), [("below", 404), ("clerk", 403)])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/destinations"), ("get", "/dead"), ("get", "/ends"), ("post", "/destinations"),
        ("post", "/destinations/province/pause"), ("post", "/destinations/province/resume"),
        ("post", "/dead/DEAD/replay"), ("post", "/dead/DEAD/skip"),
    ],
)  # fmt: skip
def test_no_other_officer_sees_or_turns_anything(ask: Ask, username: str, status: int, method: str, path: str) -> None:
    push = a_dead_letter()
    before = list(Push.objects.values("state")), list(Destination.objects.values("state"))
    body = {"reason": "x"} if path.endswith("skip") else PLATFORM if path == "/destinations" else None
    answer = ask(username, method, path.replace("DEAD", public_id("psh", push.pk)), body)
    assert answer.status_code == status
    assert (list(Push.objects.values("state")), list(Destination.objects.values("state"))) == before


def test_who_named_a_platform_that_persons_are_named_to_does_not_begin_it_alone(ask: Ask) -> None:
    officer("second", Office.objects.get(code="37"), "supervisor")
    assert ask("keeper", "post", "/destinations", {**PLATFORM, "content": "licence"}).status_code == 201
    alone = ask("keeper", "post", "/destinations/province/resume")
    assert (alone.status_code, alone.json()["code"]) == (403, "exchange.second_person")
    assert Destination.objects.get().state == "paused"
    assert ask("second", "post", "/destinations/province/resume").json()["state"] == "on"


@pytest.mark.parametrize("url", ["http://127.0.0.1:5432/x", "https://localhost/x", "http://[::1]:9/x"])
def test_in_production_no_officer_names_an_address_on_this_machine(ask: Ask, settings: Any, url: str) -> None:
    """What listens beside the platform is not spoken to for an officer; the operator may have a relay there."""
    named = {**PLATFORM, "url": url}
    settings.YZT_PRODUCTION = True
    answer = ask("keeper", "post", "/destinations", named)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "exchange.url_not_allowed")
    assert add_destination(**named, by=SYSTEM).url == url
