"""Being told of permits over HTTP, under the web's own database role: from a check to a notice; secrets told once."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.contract.world import send
from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.people import Resident, a_principal, a_resident
from tests.support.privacy import agreed
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.web.models import IdempotentAnswer
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import report_loss
from yizhengtong.verification.checks.blocks import block
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.relying_parties.models import RelyingParty, RelyingPartyAddress
from yizhengtong.verification.relying_parties.services import register_relying_party
from yizhengtong.verification.sharing.services import make_share_code
from yizhengtong.verification.webhooks.sending import send_due
from yizhengtong.verification.webhooks.tests.parties import tell
from yizhengtong.verification.webhooks.tests.receivers import Receiver, receiving

pytestmark = pytest.mark.django_db
OWN = "/api/partner"
Bank = tuple[RelyingParty, str]
Held = tuple[Permit, Resident]


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.fixture
def held(town: City) -> Held:
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    agreed(wang, "check_bank")
    return permit_of(case), wang


@pytest.fixture
def bank(held: Held, roles: None) -> Iterator[Bank]:
    made = register_relying_party(name="泉城演示银行", legal_basis="反洗钱法", purposes=["bank"], by=SYSTEM)
    with requests_as_web():
        yield made


@pytest.fixture
def receiver(bank: Bank) -> Iterator[Receiver]:
    with receiving() as served:
        RelyingPartyAddress.objects.create(relying_party=bank[0], kind="webhook", uri=served.url)
        yield served


def ask(bank: Bank, path: str, payload: Any = None, method: str = "POST", **headers: str) -> Any:
    return send(method, f"{OWN}{path}", payload=payload, headers={"Authorization": f"Bearer {bank[1]}", **headers})


def matched(bank: Bank, permit: Permit, name: str = "葉小明") -> dict[str, Any]:
    answer = ask(bank, "/checks", {"purpose": "bank", "number": permit.number, "name": name})
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def registered(bank: Bank, receiver: Receiver) -> str:
    """Register the receiver, let it prove itself and return its id."""
    made = ask(bank, "/webhooks", {"url": receiver.url}).json()
    receiver.secret = made["secret"]
    send_due(seconds=20)
    return str(made["id"])


def test_a_check_is_subscribed_to_by_its_id_and_what_comes_of_the_permit_is_told(
    bank: Bank, receiver: Receiver, held: Held
) -> None:
    check = matched(bank, held[0])
    assert check["id"] == public_id("chk", Check.objects.get().pk)
    answer = ask(bank, "/subscriptions", {"check": check["id"], "address": registered(bank, receiver)})
    assert answer.status_code == 201, answer.content
    report_loss(permit_id=held[0].pk, by=held[1].principal)
    tell()
    (notice,) = receiver.told
    assert notice["data"] == {"subscription": answer.json()["id"], "state": "suspended"}


def test_a_check_that_did_not_agree_is_subscribed_to_by_nobody_whoever_is_behind_it(
    bank: Bank, receiver: Receiver, held: Held
) -> None:
    address = registered(bank, receiver)
    checks = [matched(bank, held[0], "黄小明")["id"]]
    block(person=held[1].person, party_id=bank[0].pk, by=held[1].principal)
    checks.append(matched(bank, held[0])["id"])
    Permit.objects.update(number_index=b"0" * 16)  # nobody's
    checks += [matched(bank, held[0])["id"], public_id("chk", new_id())]
    answers = [ask(bank, "/subscriptions", {"check": check, "address": address}) for check in checks]
    assert {(each.status_code, each.json()["code"]) for each in answers} == {(404, "not_found")}


def test_what_a_holder_gave_a_code_for_is_not_followed(bank: Bank, receiver: Receiver, held: Held) -> None:
    person = held[1].person
    person.account = Account.objects.create(username=f"resident-{uuid4().hex[:12]}")
    person.save()
    by = a_principal(person.account.pk)
    _, code = make_share_code(permit=held[0], purpose="bank", days=7, uses=1, at=timezone.now(), by=by)
    sent = {"purpose": "bank", "code": code, "birth_date": person.birth_date.isoformat()}
    told = ask(bank, "/share-codes", sent).json()
    refused = ask(bank, "/subscriptions", {"check": told["check_id"], "address": registered(bank, receiver)})
    assert (told["outcome"], refused.status_code, refused.json()["code"]) == ("told", 403, "webhooks.shown_once")


def test_a_secret_is_told_once_and_kept_nowhere(bank: Bank, receiver: Receiver) -> None:
    first = ask(bank, "/webhooks", {"url": receiver.url}, **{"Idempotency-Key": "register-0001"}).json()
    rotate, key = f"/webhooks/{first['id']}/secret", str(uuid4())
    second = ask(bank, rotate, **{"Idempotency-Key": key}).json()
    again = [
        ask(bank, "/webhooks", {"url": receiver.url}, **{"Idempotency-Key": "register-0001"}),
        ask(bank, rotate, **{"Idempotency-Key": key}),
    ]
    assert [(each.status_code, each.json()["code"]) for each in again] == [(409, "web.told_once")] * 2
    kept = str([each.body for each in IdempotentAnswer.objects.all()])
    assert first["secret"] not in kept
    assert second["secret"] not in kept
