"""The match API over HTTP, under the web's own database role: what a check costs, and that it happens once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.contract.world import send
from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.people import Resident, a_resident
from tests.support.privacy import agreed
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.ids import public_id
from yizhengtong.kernel.numbers import hmt_permit_number
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.checks.blocks import block
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.services import register_relying_party

pytestmark = pytest.mark.django_db
CHECKS = "/api/partner/checks"
NOBODYS = hmt_permit_number("HK", date(1990, 1, 1), 7)
MOST = 9
"""Who asks, quota, limit, claim, limit of the number, look-up, record, answer kept, figures.

Quota and figures are written once a second in life (docs/adr/0072), in tests at once."""
_NOT_COUNTED = ("SAVEPOINT", "RELEASE")  # here alone: the test's own transaction is around the request's


@pytest.fixture
def town(db: None) -> City:
    return a_city()


@pytest.fixture
def held(town: City) -> tuple[Permit, Resident]:
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    agreed(wang, "check_bank")
    return permit_of(case), wang


@pytest.fixture
def bank(held: tuple[Permit, Resident], roles: None) -> Iterator[tuple[RelyingParty, str]]:
    made = register_relying_party(name="泉城演示银行", legal_basis="反洗钱法", purposes=["bank"], by=SYSTEM)
    with requests_as_web():
        yield made


def ask(secret: str, number: str, name: str = "葉小明", **headers: str) -> Any:
    payload = {"purpose": "bank", "number": number, "name": name, "birth_date": "1994-08-23"}
    return send("POST", CHECKS, payload=payload, headers={"Authorization": f"Bearer {secret}", **headers})


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements of a request, each by its beginning."""
    told: list[str] = []

    def note(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(_NOT_COUNTED):
            told.append(" ".join(sql.split())[:60])
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield told


def test_a_check_takes_few_statements_and_the_same_whatever_is_behind_the_number_and_however_many_were_made(
    bank: tuple[RelyingParty, str], held: tuple[Permit, Resident]
) -> None:
    (party, secret), (permit, wang) = bank, held
    ask(secret, permit.number)  # notes that the key was used, once a minute, and reads what a process reads once
    asked = [(permit.number, "葉小明"), (NOBODYS, "葉小明"), (permit.number, "黄小明"), (permit.number, "葉小明")]
    seen = []
    for number, name in asked * 2:
        with statements() as told:
            assert ask(secret, number, name).status_code == 201
        seen.append(tuple(told))
    block(person=wang.person, party_id=party.pk, by=wang.principal)
    with statements() as told:
        assert ask(secret, permit.number).json()["is_match"] is False
    assert {*seen, tuple(told)} == {seen[0]}
    assert len(seen[0]) == MOST, seen[0]
    assert Check.objects.count() == len(asked) * 2 + 2


def test_the_answers_of_who_is_not_told_differ_in_time_and_id_alone_and_each_has_a_check_of_its_own(
    bank: tuple[RelyingParty, str], held: tuple[Permit, Resident], town: City
) -> None:
    (party, secret), (permit, wang) = bank, held
    case, _ = case_at(town, CaseState.COMPLETED, resident=a_resident(name="黄美玲"))
    answers = [
        ask(secret, NOBODYS),
        ask(secret, permit.number, "黄小明"),
        ask(secret, permit_of(case).number, "黄美玲"),
    ]
    block(person=wang.person, party_id=party.pk, by=wang.principal)
    answers.append(ask(secret, permit.number))
    bodies = [{**answer.json(), "as_of": "", "id": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0] == {
        "is_match": False, "is_valid": False, "fields": {"number": False, "name": False, "birth_date": False},
        "state": None, "is_final": True, "as_of": "", "id": "",
    }  # fmt: skip
    told = [answer.json()["id"] for answer in answers]
    assert told == [public_id("chk", key) for key in Check.objects.order_by("at").values_list("pk", flat=True)]
    heads = [{name: value for name, value in each.headers.items() if name != "X-Request-Id"} for each in answers]
    assert all(head == heads[0] for head in heads)


def test_a_check_that_is_sent_again_is_made_once(bank: tuple[RelyingParty, str], held: tuple[Permit, Resident]) -> None:
    _, secret = bank
    first, again = (ask(secret, held[0].number, **{"Idempotency-Key": "check-0001"}) for _ in range(2))
    assert (first.content, again["Idempotent-Replay"]) == (again.content, "true")
    assert first.json()["is_match"] is True
    assert ask(secret, NOBODYS, **{"Idempotency-Key": "check-0001"}).status_code == 409
    for kept in (Check.objects, Entry.objects.filter(action="checks.match"), Event.objects.filter(kind="checks.made")):
        assert kept.count() == 1


def test_what_is_refused_leaves_no_check_and_counts_against_the_number_no_more_than_it_did(
    bank: tuple[RelyingParty, str], held: tuple[Permit, Resident], settings: Any
) -> None:
    """Refused: too many of one number, whoever's. The transaction is undone whole, history and trail with it."""
    party, secret = bank
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "checks_of_one": (2, 3600)}
    for number in (held[0].number, NOBODYS):
        assert [ask(secret, number).status_code for _ in range(3)] == [201, 201, 429]
    assert Check.objects.count() == Entry.objects.filter(action="checks.match").count() == 4
    charge([Charge("checks_of_one", f"partner:{party.pk} another")])  # a number of its own is not kept waiting


@pytest.mark.parametrize("changes", [{"is_active": False}, {"state": "suspended"}, {"state": "ended"}])
def test_a_party_that_is_let_out_is_nobody_at_once(
    bank: tuple[RelyingParty, str], held: tuple[Permit, Resident], changes: dict[str, Any]
) -> None:
    party, secret = bank
    assert ask(secret, held[0].number).status_code == 201
    RelyingParty.objects.filter(pk=party.pk).update(**changes)
    assert ask(secret, held[0].number).status_code == 401


@pytest.mark.parametrize("changes", ["revoked_at", "not_before", "not_after"])
def test_a_key_that_is_not_good_is_nobodys(
    bank: tuple[RelyingParty, str], held: tuple[Permit, Resident], changes: str
) -> None:
    party, secret = bank
    key = party.keys.get()
    moment = key.not_before + timedelta(days=1) if changes == "not_before" else key.not_before + timedelta(seconds=0)
    if changes == "not_after":
        party.keys.update(not_before=key.not_before - timedelta(days=2), not_after=key.not_before - timedelta(days=1))
    else:
        party.keys.update(**{changes: moment})
    assert ask(secret, held[0].number).status_code == 401
    assert not Check.objects.exists()
