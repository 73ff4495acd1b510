"""Nobody learns from an answer, or from the work it took, whether a number or a user name is known.

Compared are the statements sent to the database, the platform's functions that run and the shape of the answer.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from types import FrameType
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.contract import conftest as contract
from tests.contract.world import World, send
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.web.tests.callers import WANG, a_resident
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.kernel.numbers import hmt_permit_number
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.relying_parties.models import RelyingParty

folder, made, world, _django_db_helper = contract.folder, contract.made, contract.world, contract._django_db_helper
pytestmark = pytest.mark.django_db
LOGIN = "/_allauth/app/v1/auth/login"
PASSWORD = "Longer-than-8"


def work(ask: Callable[[], Any]) -> tuple[list[str], Any]:
    """Return the statements of a request without their values, and its answer."""
    with CaptureQueriesContext(connection) as asked:
        answer = ask()
    return [shape(query["sql"]) for query in asked.captured_queries], answer


def shape(sql: str) -> str:
    """Return a statement with every value, list of columns and number of a savepoint left out."""
    sql = re.sub(r"\b(?:NULL|true|false)\b|'(?:[^']|'')*'|\\x[0-9a-f]+|\b\d+\b", "?", sql)
    return re.sub(r'\s+|"s\d+_x\d+"', " ", re.sub(r"::\w+", "", sql))[:160]


def check(world: World, **sent: Any) -> Callable[[], Any]:
    holder = Person.objects.get(permits=parse_public_id("pmt", world.permit["id"]))
    payload = {"purpose": "bank", "number": world.permit["number"], "name": holder.name, **sent}
    return lambda: send("POST", "/api/partner/checks", payload=payload, headers=world.credentials["partner"])


CHECKS: dict[str, dict[str, Any]] = {
    "nobody's number": {"number": hmt_permit_number("HK", date(1990, 1, 1), 7)},
    "nobody's number and a birth date": {
        "number": hmt_permit_number("HK", date(1990, 1, 1), 7),
        "birth_date": "1990-01-01",
    },
    "another name": {"name": "陈大文"},
    "another birth date": {"birth_date": "1901-01-01"},
    "a long name": {"name": "陈" * 60},
}


BIRTH_DATE_ALONE = {"another birth date": {"fields": {"number": True, "name": True, "birth_date": False}}}
"""Told to who knows the number and its holder's name."""


@pytest.mark.parametrize("wrong", CHECKS)
def test_a_check_of_a_number_that_nobody_has_is_that_of_one_that_somebody_has(world: World, wrong: str) -> None:
    consent = {"use": "check_bank", "answer": "given", "separate": ["provision"]}
    agreed = send("POST", "/api/resident/my/consents", payload=consent, headers=world.credentials["holder"])
    assert agreed.status_code < 300
    statements, good = work(check(world))
    others, bad = work(check(world, **CHECKS[wrong]))
    assert good.json()["is_match"] is True
    birth_date = False if "birth_date" in CHECKS[wrong] else None
    assert bad.json() | {"as_of": "", "id": ""} == {
        "is_match": False, "is_valid": False, "fields": {"number": False, "name": False, "birth_date": birth_date},
        "state": None, "is_final": True, "as_of": "", "id": "",
    } | BIRTH_DATE_ALONE.get(wrong, {})  # fmt: skip
    assert (bad.status_code, set(bad.json())) == (good.status_code, set(good.json()))
    assert others == statements


@pytest.mark.parametrize("more", [{}, {"birth_date": "1901-01-01"}], ids=["name", "name and birth date"])
def test_a_check_of_a_number_that_nobody_has_runs_what_one_that_somebody_has_runs(
    world: World, more: dict[str, str]
) -> None:
    """Not the time, which a busy machine makes: what runs. Of nobody a decoy is opened and compared."""
    check(world)()  # what is looked up once is looked up
    known = calls(check(world, name="陈大文", **more))
    unknown = calls(check(world, **CHECKS["nobody's number"], **{"name": "陈大文", **more}))
    assert known["yizhengtong.verification.checks.matching.match"] == 1, "the platform's functions are seen"
    assert known["yizhengtong.foundation.vault.envelope.open_envelope"] == 2 + len(more)
    assert unknown == known


def calls(ask: Callable[[], Any]) -> Counter[str]:
    """Return how often each function of the platform is called while something is asked; loops over letters apart."""
    made: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and "/yizhengtong/" in code.co_filename and code.co_name != "<genexpr>":
            made[f"{frame.f_globals['__name__']}.{code.co_qualname}"] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        ask()
    finally:
        sys.setprofile(before)
    return made


def sign_in(username: str, password: str = "wrong-and-long") -> Any:  # noqa: S107
    body = json.dumps({"username": username, "password": password})
    return Client().post(LOGIN, body, content_type="application/json")


def test_a_user_name_that_nobody_has_is_refused_like_a_wrong_password(world: World) -> None:
    call_command("createcachetable", verbosity=0)
    Account.objects.create_user("resident-known", PASSWORD)
    Account.objects.create_user("resident-shut", PASSWORD)
    Account.objects.filter(username="resident-shut").update(is_active=False)
    hashed: list[int] = []
    answers = {}
    for name in ("resident-known", "resident-unknown", "resident-shut"):
        with mock.patch.object(ScryptPasswordHasher, "encode", autospec=True, side_effect=_count(hashed)):
            answer = sign_in(name)
        answers[name] = (answer.status_code, answer.content)
    assert len(set(answers.values())) == 1
    assert len(hashed) == 3, "as much work for a name that nobody has"


def _count(calls: list[int]) -> Callable[..., str]:
    real = ScryptPasswordHasher.encode

    def encode(hasher: ScryptPasswordHasher, *given: Any, **named: Any) -> str:
        calls.append(1)
        return str(real(hasher, *given, **named))

    return encode


def test_an_unknown_partner_key_costs_what_a_shut_out_one_costs(world: World) -> None:
    def asking(key: str) -> Callable[[], Any]:
        return lambda: send("POST", "/api/partner/checks", payload={}, headers={"Authorization": f"Bearer {key}"})

    RelyingParty.objects.update(is_active=False)
    shut, one = work(asking(world.credentials["partner"]["Authorization"].partition(" ")[2]))
    unknown, other = work(asking("0" * 43))
    assert shut == unknown
    assert one.status_code == other.status_code == 401


def test_a_wrong_token_costs_what_none_of_ours_costs(world: World) -> None:
    def asking(token: str) -> Callable[[], Any]:
        return lambda: send("GET", "/api/resident/person", headers={"X-Session-Token": token})

    one, first = work(asking("0" * 32))
    other, second = work(asking("z" * 32))
    assert one == other
    assert first.status_code == second.status_code == 401


def registration(number: str, username: str) -> Callable[[], Any]:
    token = a_resident(username)
    payload = {**WANG, "travel_document": {"kind": "hrp", "number": number, "valid_until": "2030-01-01"}}
    return lambda: send("POST", "/api/resident/person", payload=payload, headers={"X-Session-Token": token})


def test_a_number_that_names_somebody_else_is_refused_without_saying_whom_and_counts(world: World) -> None:
    """Two persons cannot have one number, so its registration tells that it is taken: open, see docs/security.md.

    It is limited to a few a day, and tells nothing else.
    """
    assert registration("H12345674", "resident-first")().status_code == 201
    answer = registration("H12345674", "resident-second")()
    assert (answer.status_code, answer.json()["code"]) == (409, "people.number_names_someone_else")
    assert [error["field"] for error in answer.json()["errors"]] == ["number"]
    assert "H12345674" not in answer.content.decode()
