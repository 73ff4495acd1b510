"""The credential issuer over HTTP, under the web's own role: who may collect what, and the error each mistake gets.

A negative case that the OpenID conformance suite has, too, bears the name of its module: of the plan
oid4vci-1_0-issuer-test-plan, and FAPI2SPFinalDpopNegativeTests, which oid4vci-1_0-issuer-haip-test-plan runs besides.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from joserfc import jwe
from joserfc.jwk import ECKey

from tests.support.city import City
from tests.support.web_role import requests_as_web
from yizhengtong.credentials.catalogue.queries import credential_types
from yizhengtong.credentials.formats.jose import open_compact
from yizhengtong.credentials.issuance import collecting
from yizhengtong.credentials.issuance.models import Batch
from yizhengtong.credentials.issuance.offering import Granted, MadeOffer, offer
from yizhengtong.credentials.issuance.tests.collecting import MDOC, SD_JWT, Holder, request_for, today
from yizhengtong.credentials.issuance.tests.conftest import a_holder, town, wang  # noqa: F401 fixtures
from yizhengtong.credentials.issuance.tests.wallet import a_key, attestation_of, proof_of
from yizhengtong.credentials.keys.queries import Use, checkers
from yizhengtong.foundation.vault.errors import KeyProblem
from yizhengtong.kernel.errors import Conflict, Forbidden, NotFound, Problem, Stale
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.registry.people.models import Representation
from yizhengtong.sites.wallet import oauth
from yizhengtong.verification.authorization.models import Grant
from yizhengtong.verification.authorization.services import end_grant, offer_grant
from yizhengtong.verification.authorization.tests.wallet import Wallet, answer_of

pytestmark = pytest.mark.django_db
CREDENTIAL, DEFERRED, NOTIFICATION = "/wallet/credential", "/wallet/deferred", "/wallet/notification"


class Phone(Wallet):
    """A wallet that collected a token from an offer."""

    token: str = ""

    def send(self, path: str, payload: Any, *, content_type: str = "application/json", **headers: str) -> Any:
        body = payload if isinstance(payload, bytes | str) else json.dumps(payload)
        brought = {**self.bearing(self.token, path), **headers}
        return self.http.post(path, body, content_type=content_type, headers=brought)

    def nonce(self) -> str:
        return str(self.http.post("/wallet/nonce").json()["c_nonce"])

    def collect(self, form: str = SD_JWT, *, keys: int = 1, **changes: Any) -> Any:
        payload = {**request_for(form, [a_key() for _ in range(keys)], self.nonce()), **changes}
        return self.send(CREDENTIAL, {name: value for name, value in payload.items() if value is not None})


@pytest.fixture(autouse=True)
def _as_web(roles: None) -> Iterator[None]:
    with requests_as_web():
        yield


def an_offer(holder: Holder, forms: tuple[str, ...] = (SD_JWT, MDOC)) -> MadeOffer:
    def grant(ids: Any) -> Granted:
        given = offer_grant(subject=holder.permit.person_id, configuration_ids=ids, by=holder.principal)
        return Granted(given.code, given.tx_code, given.expires_at)

    return offer(permit=holder.permit, configuration_ids=forms, grant=grant, description="", by=holder.principal)


def a_phone(holder: Holder, forms: tuple[str, ...] = (SD_JWT, MDOC)) -> Phone:
    given = offer_grant(subject=holder.permit.person_id, configuration_ids=forms, by=holder.principal)
    phone = Phone(client_id="")
    phone.token = answer_of(phone.redeem_offer(given.code, given.tx_code))["access_token"]
    return phone


@pytest.fixture
def phone(wang: Holder) -> Phone:  # noqa: F811
    return a_phone(wang)


def refused(response: Any, error: str, status: int = 400) -> None:
    assert (response.status_code, json.loads(response.content)["error"]) == (status, error), response.content
    assert response["Cache-Control"] == "no-store"
    assert not Batch.objects.exists()


def test_an_offer_is_told_to_who_knows_its_address_and_leads_to_copies(wang: Holder) -> None:  # noqa: F811
    made = an_offer(wang)
    address = parse_qs(urlsplit(made.link).query)["credential_offer_uri"][0]
    response = Client().get(address.removeprefix(settings.YZT_ADDRESS))
    assert response["Content-Type"] == "application/json"
    told = response.json()
    assert told["credential_issuer"] == settings.YZT_ADDRESS
    assert told["credential_configuration_ids"] == [SD_JWT, MDOC]
    grant = told["grants"]["urn:ietf:params:oauth:grant-type:pre-authorized_code"]
    assert grant["tx_code"]["length"] == len(made.tx_code)
    assert made.tx_code not in json.dumps(told)
    assert told["grants"]["authorization_code"]["issuer_state"]
    phone = Phone(client_id="")
    phone.token = answer_of(phone.redeem_offer(grant["pre-authorized_code"], made.tx_code))["access_token"]
    assert phone.collect(keys=3).status_code == 200
    assert Batch.objects.get().copies == 3


@pytest.mark.parametrize("secret", ["unknown", "x" * 43, "%00"])
def test_an_offer_that_nobody_made_is_not_found(secret: str) -> None:
    assert Client().get(f"/wallet/offers/{secret}").status_code in {400, 404}


def test_copies_of_both_formats_are_given(phone: Phone) -> None:
    for form in (SD_JWT, MDOC):
        answer = phone.collect(form, keys=2)
        assert answer.status_code == 200, answer.content
        assert len(answer.json()["credentials"]) == 2
        assert answer["Cache-Control"] == "no-store"


def test_a_notification_is_taken_again_and_again(phone: Phone) -> None:
    told = {"notification_id": phone.collect().json()["notification_id"], "event": "credential_accepted"}
    assert [phone.send(NOTIFICATION, told).status_code for _ in range(2)] == [204, 204]
    assert Batch.objects.get().event == "credential_accepted"
    wrong = phone.send(NOTIFICATION, {**told, "notification_id": "x"})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_notification_id")
    wrong = phone.send(NOTIFICATION, b"x")
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_notification_request")


def test_what_cannot_be_given_yet_is_given_later(town: City) -> None:  # noqa: F811
    holder = a_holder(town, "early", CaseState.APPROVED)
    phone = a_phone(holder)
    answer = phone.collect(keys=2)
    assert answer.status_code == 202
    body = answer.json()
    again = phone.send(DEFERRED, {"transaction_id": body["transaction_id"]})
    assert (again.status_code, again.json()) == (202, body)
    Permit.objects.filter(pk=holder.permit.pk).update(state=PermitState.MADE)
    made = phone.send(DEFERRED, {"transaction_id": body["transaction_id"]})
    assert (made.status_code, len(made.json()["credentials"])) == (200, 2)
    gone = phone.send(DEFERRED, {"transaction_id": body["transaction_id"]})
    assert (gone.status_code, gone.json()["error"]) == (400, "invalid_transaction_id")


def test_an_answer_is_encrypted_to_who_asks_encrypted(phone: Phone) -> None:
    wallet = ECKey.generate_key("P-256", {"kid": "w", "alg": "ECDH-ES", "use": "enc"}, private=True)
    ours = ECKey.import_key(metadata()["credential_request_encryption"]["jwks"]["keys"][0])
    payload = request_for(SD_JWT, [a_key()], phone.nonce())
    payload["credential_response_encryption"] = {"jwk": wallet.as_dict(private=False), "enc": "A256GCM"}
    header = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": ours.as_dict()["kid"]}
    body = jwe.encrypt_compact(header, json.dumps(payload), ours, algorithms=["ECDH-ES", "A128GCM"])
    answer = phone.send(CREDENTIAL, body, content_type="application/jwt")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/jwt"), answer.content
    opened = jwe.decrypt_compact(answer.content, wallet, algorithms=["ECDH-ES", "A256GCM"]).plaintext
    assert opened is not None
    assert json.loads(opened)["credentials"]


def test_encryption_parameters_in_the_open_are_refused(phone: Phone) -> None:
    """VCIIssuerFailOnUnsupportedEncryptionAlgorithm."""
    wallet = ECKey.generate_key("P-256", {"alg": "RSA-OAEP"}, private=False).as_dict()
    wanted = {"jwk": wallet, "enc": "A256GCM"}
    refused(phone.collect(credential_response_encryption=wanted), "invalid_encryption_parameters")


def test_an_invalid_nonce(phone: Phone) -> None:
    """VCIIssuerFailOnInvalidNonce."""
    refused(phone.send(CREDENTIAL, request_for(SD_JWT, [a_key()], "not-ours")), "invalid_nonce")


def test_a_replayed_nonce(phone: Phone) -> None:
    """VCIIssuerFailOnReplayNonce."""
    nonce = phone.nonce()
    assert phone.send(CREDENTIAL, request_for(SD_JWT, [a_key()], nonce)).status_code == 200
    again = phone.send(CREDENTIAL, request_for(SD_JWT, [a_key()], nonce))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_nonce")


def test_an_invalid_signature_of_a_proof(phone: Phone) -> None:
    """VCIIssuerFailOnInvalidJwtProofSignature."""
    proof = proof_of(a_key(), phone.nonce(), issuer=settings.YZT_ADDRESS)
    other = proof_of(a_key(), phone.nonce(), issuer=settings.YZT_ADDRESS).rsplit(".", 1)[1]
    refused(phone.collect(proofs={"jwt": [f"{proof.rsplit('.', 1)[0]}.{other}"]}), "invalid_proof")


@pytest.mark.parametrize("proofs", [None, {}, {"jwt": []}])
def test_a_missing_proof(phone: Phone, proofs: Any) -> None:
    """VCIIssuerFailOnMissingProof."""
    refused(phone.collect(proofs=proofs), "invalid_proof")


def test_an_unknown_configuration(phone: Phone) -> None:
    """VCIIssuerFailOnUnknownCredentialConfigurationId."""
    refused(phone.collect(credential_configuration_id="unknown"), "unknown_credential_configuration")


def test_an_unknown_identifier(phone: Phone) -> None:
    """VCIIssuerFailOnUnknownCredentialIdentifier."""
    changes: dict[str, Any] = {"credential_configuration_id": None, "credential_identifier": "unknown"}
    refused(phone.collect(**changes), "unknown_credential_identifier")


def test_an_access_token_in_the_query(phone: Phone) -> None:
    """VCIIssuerFailOnRequestWithAccessTokenInQuery."""
    path = f"{CREDENTIAL}?access_token={phone.token}"
    body = json.dumps(request_for(SD_JWT, [a_key()], phone.nonce()))
    refused(phone.http.post(path, body, content_type="application/json"), "invalid_request")
    headers = phone.bearing(phone.token, CREDENTIAL)
    refused(phone.http.post(path, body, content_type="application/json", headers=headers), "invalid_request")


@pytest.mark.parametrize("path", [CREDENTIAL, DEFERRED, NOTIFICATION])
@pytest.mark.parametrize(
    ("authorization", "error"), [("", None), ("DPoP unknown", "invalid_token"), ("Bearer unknown", "invalid_token")]
)
def test_nobody_collects_without_a_token(wang: Holder, path: str, authorization: str, error: str | None) -> None:  # noqa: F811
    headers = {"Authorization": authorization} if authorization else {}
    response = Client().post(path, "{}", content_type="application/json", headers=headers)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith(("DPoP", "Bearer"))
    assert response.json().get("error") == error


def test_a_token_bound_to_a_key_is_not_good_as_a_bearer_token(phone: Phone) -> None:
    """FAPI2SPFinalDpopNegativeTests; RFC 9449 7.2."""
    body = json.dumps(request_for(SD_JWT, [a_key()], phone.nonce()))
    headers = {"Authorization": f"Bearer {phone.token}"}
    refused(phone.http.post(CREDENTIAL, body, content_type="application/json", headers=headers), "invalid_token", 401)


def test_a_proof_for_another_address(phone: Phone) -> None:
    """FAPI2SPFinalDpopNegativeTests: another htu; RFC 9449 4.3."""
    body = json.dumps(request_for(SD_JWT, [a_key()], phone.nonce()))
    headers = phone.bearing(phone.token, DEFERRED)
    response = phone.http.post(CREDENTIAL, body, content_type="application/json", headers=headers)
    refused(response, "invalid_dpop_proof", 401)


def test_a_proof_that_was_shown_counts_as_shown_though_the_request_failed(phone: Phone) -> None:
    """RFC 9449 11.1."""
    headers = phone.bearing(phone.token, CREDENTIAL)
    first = phone.http.post(CREDENTIAL, "{}", content_type="application/json", headers=headers)
    refused(first, "invalid_credential_request")
    body = json.dumps(request_for(SD_JWT, [a_key()], phone.nonce()))
    refused(
        phone.http.post(CREDENTIAL, body, content_type="application/json", headers=headers), "invalid_dpop_proof", 401
    )


def test_a_form_that_the_token_is_not_for(wang: Holder) -> None:  # noqa: F811
    refused(a_phone(wang, (SD_JWT,)).collect(MDOC), "insufficient_scope", 403)


def test_a_guardians_wallet_collects_nothing_for_a_ward_of_former_times(wang: Holder, town: City) -> None:  # noqa: F811
    ward = a_holder(town, "ward")
    acts = Representation.objects.create(
        representative=wang.permit.person, represented=ward.permit.person, relation="guardian", since=today()
    )
    phone = a_phone(Holder(ward.permit, wang.principal))
    acts.until = today()
    acts.save()
    refused(phone.collect(), "credential_request_denied")
    acts.until = None
    acts.save()
    assert phone.collect().status_code == 200


def test_a_wallet_that_was_ended_collects_nothing(wang: Holder) -> None:  # noqa: F811
    phone = a_phone(wang)
    end_grant(grant_id=Grant.objects.get().pk, person=wang.permit.person, by=wang.principal)
    refused(phone.collect(), "invalid_token", 401)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"), (b"{", "application/json"), (b"[]", "application/json"),
        (b"\xff", "application/json"), (b'{"proofs":{},"proofs":{}}', "application/json"), (b"{}", "application/json"),
        (b"a=b", "text/plain"), (b'{"x":' + b"[" * 400 + b"]" * 400 + b"}", "application/json"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_request(phone: Phone, body: bytes, content_type: str) -> None:
    refused(phone.send(CREDENTIAL, body, content_type=content_type), "invalid_credential_request")


def test_a_body_that_is_wrongly_encrypted(phone: Phone) -> None:
    refused(phone.send(CREDENTIAL, b"x.y.z", content_type="application/jwt"), "invalid_encryption_parameters")


def test_copies_are_bounded_a_day(phone: Phone, settings: Any) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "wallet_copies": (3, 86400)}
    assert phone.collect(keys=3).status_code == 200
    assert phone.collect().status_code == 429


@pytest.mark.parametrize("kind", ["jwt", "attestation"])
def test_every_key_that_a_provider_attests_is_charged_as_a_copy(phone: Phone, settings: Any, kind: str) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "wallet_copies": (3, 86400)}
    nonce = phone.nonce()
    attested = attestation_of([a_key() for _ in range(3)], nonce, a_key())
    proof = proof_of(a_key(), nonce, issuer=settings.YZT_ADDRESS, header={"key_attestation": attested})
    refused(phone.collect(proofs={kind: [attested if kind == "attestation" else proof]}), "invalid_proof")
    refused(phone.collect(), "slow_down", 429)


@pytest.mark.parametrize("path", [CREDENTIAL, DEFERRED, NOTIFICATION])
def test_requests_of_an_address_are_bounded_whoever_sends_them(phone: Phone, settings: Any, path: str) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "wallet_answers": (2, 300)}
    assert [Client().post(path, "{}", content_type="application/json").status_code for _ in range(3)] == [401, 401, 429]
    answer = phone.send(path, {})
    assert (answer.status_code, answer.json()["error"]) == (429, "slow_down")
    assert int(answer["Retry-After"]) > 0


def test_only_the_right_methods_are_answered() -> None:
    for path in (CREDENTIAL, DEFERRED, NOTIFICATION, "/wallet/nonce"):
        assert Client().get(path).status_code == 405
    assert Client().post("/.well-known/openid-credential-issuer").status_code == 405


def test_nonces_are_given_to_anybody_and_never_kept_by_caches() -> None:
    first, second = (Client().post("/wallet/nonce") for _ in range(2))
    assert first.json()["c_nonce"] != second.json()["c_nonce"]
    assert first["Cache-Control"] == "no-store"


def metadata(accept: str = "") -> Any:
    headers = {"Accept": accept} if accept else {}
    return Client().get("/.well-known/openid-credential-issuer", headers=headers).json()


def test_the_metadata_say_what_is_issued_here() -> None:
    told = metadata()
    assert told["credential_issuer"] == settings.YZT_ADDRESS
    assert set(told["credential_configurations_supported"]) == set(credential_types())
    for name in ("credential", "nonce", "deferred_credential", "notification"):
        assert told[f"{name}_endpoint"].startswith(f"{settings.YZT_ADDRESS}/wallet/")
    sd_jwt, mdoc = (told["credential_configurations_supported"][name] for name in (SD_JWT, MDOC))
    assert sd_jwt["vct"] == credential_types()[SD_JWT].vct
    assert mdoc["doctype"] == credential_types()[MDOC].doctype
    assert sd_jwt["cryptographic_binding_methods_supported"] == ["jwk"]
    assert mdoc["cryptographic_binding_methods_supported"] == ["cose_key"]
    for each in (sd_jwt, mdoc):
        locales = [display["locale"] for display in each["credential_metadata"]["display"]]
        assert locales == ["zh-Hans", "zh-Hant-HK", "zh-Hant-TW", "en"]
        assert "attestation" not in each["proof_types_supported"]


@pytest.mark.parametrize(
    "accept", ["application/jwt", "application/jwt, application/json", "application/json;q=0.5, application/jwt"]
)
def test_signed_metadata_are_told_to_who_prefers_them(accept: str) -> None:
    response = Client().get("/.well-known/openid-credential-issuer", headers={"Accept": accept})
    assert response["Content-Type"] == "application/jwt"
    header, claims = open_compact(
        response.content.decode(), lambda _header: next(iter(checkers(Use.METADATA).values())),
        typ="openidvci-issuer-metadata+jwt",
    )  # fmt: skip
    assert claims["sub"] == settings.YZT_ADDRESS
    assert claims["credential_endpoint"] == metadata()["credential_endpoint"]
    assert "x5c" in header or "kid" in header


@pytest.mark.parametrize(
    "accept", ["application/json", "*/*", "", "application/jwt;q=0.1, application/json", "text/html", ";;q"]
)
def test_everybody_else_is_told_json(accept: str) -> None:
    response = Client().get("/.well-known/openid-credential-issuer", headers={"Accept": accept})
    assert response["Content-Type"] == "application/json"
    assert "Accept" in response["Vary"]


@pytest.mark.parametrize(
    ("problem", "status", "error"),
    [(KeyProblem("keys.none", use="sd_jwt"), 503, "temporarily_unavailable"),
     (Conflict("status.full"), 503, "temporarily_unavailable"), (Stale("x"), 503, "temporarily_unavailable"),
     (NotFound("not_found"), 400, "credential_request_denied"), (Forbidden("x"), 400, "credential_request_denied")],
    ids=["key", "conflict", "stale", "not found", "forbidden"],
)  # fmt: skip
def test_what_stands_in_the_way_is_told_to_a_wallet_as_json(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, problem: Problem, status: int, error: str
) -> None:
    def refuse(**_named: Any) -> None:
        raise problem

    monkeypatch.setattr(collecting, "collect", refuse)
    answer = phone.collect()
    refused(answer, error, status)
    assert answer["Content-Type"] == "application/json"
    assert "sd_jwt" not in answer.content.decode()


def test_what_stands_in_the_way_of_a_token_is_told_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_sent: Any) -> None:
        raise KeyProblem("vault.no_key")

    monkeypatch.setattr(oauth, "answer_token_request", refuse)
    refused(Phone().redeem_offer("x", "1"), "temporarily_unavailable", 503)
