"""A permit shown over HTTP, under the web's own role: who asks, the wallet, who fetches, and who should not."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from tests.support.web_role import requests_as_web
from yizhengtong.credentials.issuance.tests.collecting import MDOC, SD_JWT, Holder
from yizhengtong.credentials.issuance.tests.conftest import a_holder, town  # noqa: F401 fixtures
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.presentations.models import Presentation
from yizhengtong.verification.presentations.tests.conftest import BACK, _keys_of_this_test, wallet, wang  # noqa: F401
from yizhengtong.verification.presentations.tests.wallet import (
    Request,
    Wallet,
    read_request,
    reference_in,
    sealed,
)
from yizhengtong.verification.relying_parties.models import RelyingPartyAddress
from yizhengtong.verification.relying_parties.services import register_relying_party

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
CLAIMS = ["name", "number", "last_day"]


class Hotel(Client):
    """A relying party with a key."""

    def __init__(self, environment: str = "production") -> None:
        super().__init__()
        party, self.key = register_relying_party(
            name="悦来客栈", legal_basis="旅馆业治安管理办法", purposes=["hotel"], by=SYSTEM, environment=environment
        )
        RelyingPartyAddress.objects.create(relying_party=party, kind="redirect", uri=BACK)

    def post_json(self, path: str, payload: Any) -> Any:
        brought = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": str(new_id())}
        body = json.dumps(payload)
        return self.post(f"/api/partner/{path}", body, content_type="application/json", headers=brought)

    def ask(self, **more: Any) -> dict[str, Any]:
        answer = self.post_json("presentations", {"purpose": "hotel", "claims": CLAIMS, **more})
        assert answer.status_code == 201, answer.content
        told: dict[str, Any] = answer.json()
        return told

    def state(self, asked: dict[str, Any]) -> dict[str, Any]:
        answer = self.get(
            f"/api/partner/presentations/{asked['id']}/state", headers={"Authorization": f"Bearer {self.key}"}
        )
        assert answer.status_code == 200, answer.content
        told: dict[str, Any] = answer.json()
        return told

    def fetch(self, asked: dict[str, Any], code: str = "") -> Any:
        return self.post_json(f"presentations/{asked['id']}/result", {"response_code": code})


@pytest.fixture(autouse=True)
def _as_web(roles: None) -> Iterator[None]:
    with requests_as_web():
        yield


@pytest.fixture
def hotel(db: None) -> Hotel:
    return Hotel()


def opened(asked: dict[str, Any]) -> Request:
    """Follow a link as a wallet does."""
    answer = Client().post(f"/wallet/presentations/requests/{reference_in(asked['link'])}", {}, content_type=FORM)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/oauth-authz-req+jwt")
    assert answer["Cache-Control"] == "no-store"
    return read_request(answer.content.decode())


def post(request: Request, answer: dict[str, str], **headers: str) -> Any:
    assert request["response_uri"].startswith(settings.YZT_ADDRESS)
    return Client().post(urlsplit(request["response_uri"]).path, urlencode(answer), content_type=FORM, headers=headers)


@pytest.mark.parametrize("form", [SD_JWT, MDOC])
@pytest.mark.parametrize("encrypted", [True, False])
def test_a_permit_is_asked_for_shown_and_fetched_once(
    hotel: Hotel,
    wallet: Wallet,  # noqa: F811
    wang: Holder,  # noqa: F811
    form: str,
    encrypted: bool,
) -> None:
    asked = hotel.ask(encrypted=encrypted)
    assert asked["qr_code"].startswith("<svg")
    assert hotel.state(asked)["state"] == "open"
    assert hotel.fetch(asked).json()["code"] == "presentations.not_shown"
    answer = post(opened(asked), wallet.answer(opened(asked), form))
    assert (answer.status_code, answer.json(), answer["Access-Control-Allow-Origin"]) == (200, {}, "*")
    assert hotel.state(asked)["state"] == "shown"
    told = hotel.fetch(asked).json()
    claims = {name: value for name, value in told["claims"].items() if value is not None}
    assert claims == {
        "name": "王小明", "number": wang.permit.number, "last_day": wang.permit.last_valid_day.isoformat(),
    }  # fmt: skip
    assert hotel.state(asked)["state"] == "fetched"
    assert hotel.fetch(asked).status_code == 409
    assert Check.objects.get().person_id == wang.permit.person_id


def test_the_browser_goes_back_with_the_code_that_fetches(hotel: Hotel, wallet: Wallet) -> None:  # noqa: F811
    asked = hotel.ask(redirect_uri=BACK)
    back = post(opened(asked), wallet.answer(opened(asked))).json()["redirect_uri"]
    assert back.startswith(f"{BACK}&response_code=")
    assert hotel.fetch(asked).json()["code"] == "presentations.response_code_wrong"
    assert hotel.fetch(asked, back.rpartition("=")[2]).status_code == 201


def test_a_bad_answer_is_told_by_its_code_and_ends_the_request(hotel: Hotel, wallet: Wallet) -> None:  # noqa: F811
    asked = hotel.ask()
    request = opened(asked)
    answer = post(request, wallet.answer(request, nonce="of another request"))
    assert (answer.status_code, answer.json()) == (
        400, {"error": "invalid_request", "error_description": "sd_jwt.key_binding_wrong_nonce"},
    )  # fmt: skip
    assert (hotel.state(asked)["state"], hotel.state(asked)["why"]) == ("refused", "invalid")
    again = post(request, wallet.answer(request))
    assert (again.status_code, again.json()["error"]) == (404, "invalid_request")


def test_a_wrong_state_ends_nothing(hotel: Hotel, wallet: Wallet) -> None:  # noqa: F811
    asked = hotel.ask()
    request = opened(asked)
    wrong = post(request, sealed(request, {SD_JWT: [wallet.show(request)]}, state="guess"))
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_request")
    assert hotel.state(asked)["state"] == "open"
    assert post(request, wallet.answer(request)).status_code == 200


def test_a_holder_says_no(hotel: Hotel) -> None:
    asked = hotel.ask(redirect_uri=BACK)
    request = opened(asked)
    answer = post(request, {"error": "access_denied", "state": request["state"]})
    assert answer.status_code == 200
    assert answer.json()["redirect_uri"].startswith(BACK)
    assert (hotel.state(asked)["state"], hotel.state(asked)["why"]) == ("refused", "declined")


def test_another_relying_party_sees_nothing_of_it(hotel: Hotel, wallet: Wallet) -> None:  # noqa: F811
    asked = hotel.ask()
    post(opened(asked), wallet.answer(opened(asked)))
    for other in (Hotel(), Hotel("test")):
        headers = {"Authorization": f"Bearer {other.key}"}
        assert other.get(f"/api/partner/presentations/{asked['id']}/state", headers=headers).status_code == 404
        assert other.fetch(asked).status_code == 404
    assert hotel.fetch(asked).status_code == 201


@pytest.mark.parametrize(
    ("person", "state", "why"),
    [("simple", "shown", None), ("suspended", "refused", "suspended"), ("ended", "refused", "ended")],
)
def test_in_the_sandbox_somebody_who_does_not_exist_answers(person: str, state: str, why: str | None) -> None:
    party = Hotel("test")
    asked = party.ask(redirect_uri=BACK)
    answer = party.post_json(f"presentations/{asked['id']}/test-answer", {"person": person})
    assert answer.status_code == 201, answer.content
    back = answer.json()["redirect_uri"]
    assert (party.state(asked)["state"], party.state(asked)["why"]) == (state, why)
    told = party.fetch(asked, back.rpartition("=")[2])
    assert told.status_code == (409 if why else 201)
    if not why:
        claims = {name: value for name, value in told.json()["claims"].items() if value is not None}
        assert claims == {"name": "陳大文", "number": "810000199408230072", "last_day": "2099-12-31"}
    assert not Check.objects.exists()


def test_nobody_of_the_sandbox_answers_in_earnest(hotel: Hotel) -> None:
    asked = hotel.ask()
    answer = hotel.post_json(f"presentations/{asked['id']}/test-answer", {"person": "simple"})
    assert (answer.status_code, answer.json()["code"]) == (403, "presentations.sandbox_only")
    assert hotel.state(asked)["state"] == "open"


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"purpose": "bank"}, 403, "relying_parties.purpose_not_registered"),
        ({"claims": ["authority"]}, 403, "presentations.more_than_granted"),
        ({"claims": ["latin_name"]}, 400, "presentations.not_carried"),
        ({"redirect_uri": "https://evil.example/"}, 403, "presentations.redirect_unknown"),
        ({"nonce": "mine"}, 400, "web.fields_wrong"),
    ],
    ids=["purpose", "claims", "not carried", "open redirect", "unknown field"],
)
def test_what_may_not_be_asked_is_not(hotel: Hotel, more: dict[str, Any], status: int, code: str) -> None:
    answer = hotel.post_json("presentations", {"purpose": "hotel", "claims": CLAIMS, **more})
    assert answer.json()["code"] == code, answer.content
    assert answer.status_code in {status, 422}
    assert not Presentation.objects.exists()


def test_nobody_asks_without_a_key() -> None:
    answer = Client().post("/api/partner/presentations", "{}", content_type="application/json",
                           headers={"Idempotency-Key": str(new_id())})  # fmt: skip
    assert answer.status_code == 401


@pytest.mark.parametrize("kind", ["requests", "answers"])
@pytest.mark.parametrize("reference", ["x", "0" * 75, "é", "%00", f"{UUID(int=7).hex}{'A' * 43}"])
def test_an_address_nobody_was_given_leads_nowhere(kind: str, reference: str) -> None:
    answer = Client().post(f"/wallet/presentations/{kind}/{reference}", "state=x", content_type=FORM)
    assert (answer.status_code, answer.json()["error"]) == (404, "invalid_request")


def test_an_answer_that_could_be_read_in_two_ways_is_refused(hotel: Hotel) -> None:
    asked = hotel.ask()
    path = urlsplit(opened(asked)["response_uri"]).path
    for body, content_type in (("state=a&state=b", FORM), ("{}", "application/json"), ("x" * 600_000, FORM)):
        assert Client().post(path, body, content_type=content_type).status_code == 400
    assert Client().get(path).status_code == 405
    assert hotel.state(asked)["state"] == "open"


def test_a_wallet_asks_no_more_often_than_its_address_may(hotel: Hotel, settings: Any) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "wallet_answers": (2, 300)}
    path = f"/wallet/presentations/requests/{reference_in(hotel.ask()['link'])}"
    assert [Client().get(path).status_code for _ in range(3)] == [200, 200, 429]


def test_nothing_personal_is_logged(
    hotel: Hotel,
    wallet: Wallet,  # noqa: F811
    wang: Holder,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = hotel.ask()
    request = opened(asked)
    post(request, wallet.answer(request, nonce="wrong"))
    assert "presentations.refused" in caplog.text
    assert wang.permit.number not in caplog.text
    assert "王小明" not in caplog.text
