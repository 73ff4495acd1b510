"""告知承诺—在线填表—上传材料—确认提交 over the resident's API, under the web's own database role (S4-11)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.people import Resident
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.web.tests.callers import session_of
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.casework.tests.qingyuan import (
    ADDRESS,
    BY_PERMIT,
    QINGYUAN,
    RUIAN,
    STATIONS,
    a_card,
    a_county,
    a_mainlander,
    registers_say,
    the_law,
)
from yizhengtong.permitting.permits.models import Permit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
ROOT = "/api/resident"


@pytest.fixture
def holder(db: None) -> Iterator[Resident]:
    the_law()
    a_county()
    who = a_mainlander()
    a_card(who, a_county(RUIAN, "瑞安市", answering=False), on=legal_day(timezone.now()) - timedelta(days=30))
    who.person.account = Account.objects.create_user("yao")
    who.person.save()
    with requests_as_web(), registers_say():
        yield who


def send(who: Resident, method: str, path: str, payload: Any = None, etag: str = "") -> Any:
    account = who.person.account
    assert account is not None
    headers = {"X-Session-Token": session_of(account), "Idempotency-Key": uuid4().hex, "Accept-Language": "en"}
    body = json.dumps(payload) if payload is not None else ""
    given = {**headers, **({"If-Match": etag} if etag else {})}
    return Client().generic(method, f"{ROOT}{path}", body, content_type="application/json", headers=given)


@pytest.mark.row("S4-11", "S4-13", "S4-24", "S4-25")
def test_four_calls_lead_from_the_promise_to_the_electronic_permit(holder: Resident) -> None:
    draft = send(holder, "POST", "/applications", {"item": BY_PERMIT, "place": QINGYUAN})
    assert draft.status_code == 201, draft.content
    path = f"/applications/{draft.json()['id']}"
    read = send(holder, "GET", f"{path}/promise").json()
    assert read["conditions"]
    assert read["consequences"]
    promised = send(holder, "POST", f"{path}/promise", {"hash": read["hash"]}, draft["ETag"])
    assert promised.status_code == 200, promised.content
    answers = {
        "residence_address": ADDRESS, "phone": "13800000000", "service_point": STATIONS[QINGYUAN],
        "claims": ["employment"], "conversion_type": "existing_permit",
    }  # fmt: skip
    filled = send(holder, "PATCH", path, answers, promised["ETag"])
    assert filled.status_code == 200, filled.content
    refused = send(holder, "POST", f"{path}/submission", {}, filled["ETag"])
    assert refused.status_code == 422, refused.content
    assert {each["field"] for each in refused.json()["errors"]} == {
        "answers.declares_true", "answers.acknowledges_cancellation",
    }  # fmt: skip
    confirm = {"declares_true": True, "acknowledges_cancellation": True}
    done = send(holder, "POST", f"{path}/submission", confirm, filled["ETag"])
    assert done.status_code == 201, done.content
    case = done.json()
    assert (case["state"], bool(case["permit_id"]), bool(case["receipt_number"])) == ("completed", True, True)
    assert Permit.objects.get(person=holder.person, state="held").kind == "zhejiang_digital"
    opinions = send(holder, "GET", f"/cases/{case['id']}/opinions").json()
    assert [each["rule"] for each in opinions] == [
        "form_is_complete_and_declared", "every_fact_is_confirmed", "every_condition_is_met",
    ]  # fmt: skip
    form = {each["code"]: each for each in send(holder, "GET", f"/cases/{case['id']}/filled-form").json()}
    assert form["name"]["text"] == holder.person.name
    assert send(holder, "POST", f"/cases/{case['id']}/officer-request").status_code == 200
