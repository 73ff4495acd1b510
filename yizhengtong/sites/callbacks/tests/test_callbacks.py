"""A gateway's receipts: signed and fresh, or refused."""

import json
import time
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from yizhengtong.foundation.notifications.channels.gateway import SIGNATURE, TIMESTAMP, signature

pytestmark = pytest.mark.django_db
KEY = "a key for tests only"
PATH = "/callbacks/sms"


@pytest.fixture(autouse=True)
def _with_a_key(settings: Any) -> None:
    settings.YZT_SMS = {**settings.YZT_SMS, "gateway_key": KEY}


def told(body: bytes, *, key: str = KEY, ago: int = 0, path: str = PATH) -> int:
    timestamp = str(int(time.time()) - ago)
    signed = signature(key, timestamp, "POST", path, body)
    return Client().post(
        PATH, body, content_type="application/json", headers={TIMESTAMP: timestamp, SIGNATURE: signed}
    ).status_code  # fmt: skip


def receipt(state: str = "delivered", key: str = "") -> bytes:
    return json.dumps({"key": key or uuid4().hex, "state": state}).encode()


def jobs() -> int:
    return int(ProcrastinateJob.objects.filter(task_name="notifications.note_receipt").count())


def test_a_signed_receipt_is_noted_by_the_worker() -> None:
    assert told(receipt()) == 202
    assert jobs() == 1


@pytest.mark.parametrize(
    "how", [{"key": "another"}, {"ago": 301}, {"ago": -301}, {"path": "/callbacks/other"}, {"key": ""}]
)
def test_what_is_not_signed_is_refused(how: dict[str, Any]) -> None:
    assert told(receipt(), **how) == 403
    assert jobs() == 0


def test_without_a_key_nothing_is_taken(settings: Any) -> None:
    settings.YZT_SMS = {**settings.YZT_SMS, "gateway_key": ""}
    assert told(receipt(), key="") == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        receipt("sent", key="ed09c8e861f64ba0aa1c25c52cc28ac7"),
        receipt(key="x" * 32),
        b'{"key": 1, "state": 2}',
    ],
)
def test_what_is_no_receipt_is_refused(body: bytes) -> None:
    assert told(body) == 400
    assert jobs() == 0


def test_nobody_reads_there() -> None:
    assert Client().get(PATH).status_code == 405
