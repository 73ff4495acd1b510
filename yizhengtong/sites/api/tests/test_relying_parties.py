"""Relying parties over HTTP, under the web's own database role: an organisation, its programs, a reviewer."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from ipaddress import ip_network
from time import time
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import django.test
import pytest
from django.db import ProgrammingError, connection, transaction

from tests.contract.world import send
from tests.support.city import a_city
from tests.support.mainland import a_credit_code
from tests.support.web_role import as_web, requests_as_web
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.postgresql.readers import Reader
from yizhengtong.foundation.web.models import IdempotentAnswer
from yizhengtong.foundation.web.tests.callers import session_of
from yizhengtong.kernel.numbers import hmt_permit_number
from yizhengtong.sites.api.tests.test_audit import session_with_second_factor
from yizhengtong.verification.relying_parties.models import Minute, RelyingPartyKey
from yizhengtong.verification.relying_parties.tests.organisations import a_certificate, a_key, assertion

pytestmark = pytest.mark.django_db
ORGANISATION, OWN, STAFF = "/api/reporter/organisation", "/api/partner/own", "/api/staff/relying-parties"
CHECKS = "/api/partner/checks"
HERE = "https://permits.example"
Sent = Callable[..., Any]


@dataclass
class Member:
    """An account of an organisation. `id` is the organisation's."""

    token: str
    id: str = ""

    def __call__(self, method: str, path: str, payload: Any = None, **more: Any) -> Any:
        return send(method, path, payload=payload, headers={"X-Session-Token": self.token, **more})

    def made(self, method: str, path: str, payload: Any = None) -> dict[str, Any]:
        answer = self(method, path, payload)
        assert answer.status_code in {200, 201}, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def secret(self, environment: str = "test") -> str:
        return str(self.made("POST", f"{ORGANISATION}/secrets", {"environment": environment})["secret"])


@pytest.fixture
def web(roles: None, settings: Any) -> Iterator[None]:
    a_city()
    settings.YZT_ADDRESS = HERE
    with requests_as_web():
        yield


@pytest.fixture
def org(web: None) -> Member:
    return a_member("org")


@pytest.fixture
def officer(web: None) -> Member:
    top = Office.objects.filter(parent=None).order_by("path").first()
    assert top is not None
    account = Account.objects.create(username="head")
    StaffMember.objects.create(account=account, office=top, name="王", roles=["supervisor"])
    return Member(session_with_second_factor(account))


def a_member(name: str) -> Member:
    member = Member(session_of(Account.objects.create(username=name)))
    form = {"name": "演示出行平台", "code": a_credit_code(), "contact": "0531-0000000"}
    member.id = member.made("POST", "/api/resident/organisation", form)["id"]
    return member


def granted(org: Member, officer: Member, purpose: str = "bank", claims: tuple[str, ...] = ("name",)) -> None:
    form = {"purpose": purpose, "legal_basis": "反洗钱法", "claims": list(claims)}
    asked = org.made("POST", f"{ORGANISATION}/purposes", form)
    version = officer("GET", f"{STAFF}/{org.id}")["ETag"]
    answer = officer("POST", f"{STAFF}/purposes/{asked['id']}/answer",
                     {"is_granted": True, "claims": list(claims)}, **{"If-Match": version})  # fmt: skip
    assert answer.status_code == 200, answer.content


def with_secret(secret: str, method: str = "GET", path: str = f"{OWN}/self", payload: Any = None, **more: str) -> Any:
    return send(method, path, payload=payload, headers={"Authorization": f"Bearer {secret}", **more})


def test_from_the_sandbox_to_production(org: Member, officer: Member) -> None:
    test = with_secret(org.secret()).json()
    assert (test["client_id"], test["environment"], len(test["purposes"])) == (org.id, "test", 17)
    assert org("POST", f"{ORGANISATION}/secrets", {"environment": "production"}).status_code == 409
    granted(org, officer)
    found = with_secret(org.secret("production")).json()
    assert (found["environment"], found["state"]) == ("production", "approved")
    assert [(each["code"], each["claims"]) for each in found["purposes"]] == [("bank", ["name"])]
    assert [each["state"] for each in org.made("GET", ORGANISATION)["grants"]] == ["granted"]


def test_a_secret_is_told_once_and_kept_nowhere(org: Member) -> None:
    sent: dict[str, Any] = {"X-Session-Token": org.token, "Idempotency-Key": str(uuid4())}
    first, again = (
        send("POST", f"{ORGANISATION}/secrets", payload={"environment": "test"}, headers=sent, key=False)
        for _ in range(2)
    )
    assert (first.status_code, again.status_code, again.json()["code"]) == (201, 409, "web.told_once")
    assert RelyingPartyKey.objects.count() == 1
    secret = first.json()["secret"]
    assert not any(secret in str(each.body) for each in IdempotentAnswer.objects.all())
    assert secret not in str(org("GET", f"{ORGANISATION}/keys").json())


def test_an_account_that_joined_acts_for_the_organisation_too(org: Member) -> None:
    code = org.made("POST", f"{ORGANISATION}/invitations")["code"]
    second = Member(session_of(Account.objects.create(username="second")))
    joined = second.made("POST", "/api/resident/organisation/membership", {"code": code, "contact": "x"})
    assert joined["id"] == org.id
    assert second.made("GET", ORGANISATION)["id"] == org.id
    third = Member(session_of(Account.objects.create(username="third")))
    assert third("POST", "/api/resident/organisation/membership", {"code": code, "contact": "x"}).status_code == 404


def test_an_account_of_no_organisation_opens_nothing_of_one(org: Member) -> None:
    other = a_member("other")
    key = org.made("POST", f"{ORGANISATION}/secrets", {"environment": "test"})["key"]["id"]
    stopped = other("POST", f"{ORGANISATION}/keys/{key}/revocation", {"because": "leaked"})
    assert stopped.status_code == 404
    resident = Member(session_of(Account.objects.create(username="resident")))
    assert resident("GET", ORGANISATION).status_code == 401
    assert org("GET", "/api/resident/person").status_code == 401
    assert org("GET", f"{STAFF}/{org.id}").status_code == 401


def test_an_assertion_opens_once(org: Member) -> None:
    key = a_key()
    proof = assertion(org.id, key, aud=f"{HERE}/api/partner")
    form = {"environment": "test", "jwk": key.public_jwk(), "proof": proof}
    org.made("POST", f"{ORGANISATION}/jwks", form)
    token = assertion(org.id, key, aud=f"{HERE}/api/partner")
    assert [with_secret(token).status_code for _ in range(2)] == [200, 401]
    assert with_secret(assertion(org.id, key, aud=HERE)).status_code == 401


def test_a_certificate_counts_only_where_our_proxy_says_so(org: Member, settings: Any) -> None:
    key, pem = a_certificate()
    proof = assertion(org.id, key, aud=f"{HERE}/api/partner")
    org.made("POST", f"{ORGANISATION}/certificates", {"environment": "test", "pem": pem, "proof": proof})

    def asked(address: str, written: str = quote(pem)) -> int:
        client = django.test.Client(REMOTE_ADDR=address)
        return client.get(f"{OWN}/self", headers={"X-Client-Certificate": written}).status_code

    assert asked("10.0.0.1") == 401  # nobody may hand any over
    settings.YZT_CERTIFICATES_FROM = [ip_network("10.0.0.0/24")]
    assert asked("10.0.0.1") == 200
    for forged in (asked("10.0.1.1"), asked("127.0.0.1"), asked("10.0.0.1", quote(a_certificate()[1]))):
        assert forged == 401
    spoofed = django.test.Client(REMOTE_ADDR="10.9.9.9").get(
        f"{OWN}/self", headers={"X-Client-Certificate": quote(pem), "X-Forwarded-For": "10.0.0.1"}
    )
    assert spoofed.status_code == 401


def test_a_key_makes_no_key_and_stops_itself(org: Member) -> None:
    secret = org.secret()
    listed = with_secret(secret, path=f"{OWN}/keys").json()
    assert [each["is_good"] for each in listed] == [True]
    assert listed[0]["last_used_at"] is not None
    assert with_secret(secret, "POST", f"{OWN}/keys", {}).status_code == 405
    stopped = with_secret(secret, "POST", f"{OWN}/keys/{listed[0]['id']}/revocation", {"because": "leaked"})
    assert (stopped.status_code, stopped.json()["is_good"]) == (200, False)
    assert with_secret(secret).status_code == 401


def test_figures_are_there_with_the_next_request(org: Member) -> None:
    secret = org.secret()
    wrong = {"purpose": "unheard_of", "kind": "hmt_permit", "number": "810000199408230072", "name": "陳大文"}
    refused = with_secret(secret, "POST", "/api/partner/checks", wrong)
    found = with_secret(secret, path=f"{OWN}/figures").json()
    code = refused.json()["code"]
    assert [(each["way"], each["outcome"], each["code"], each["count"]) for each in found["minutes"]] == [
        ("checks", "refused", code, 1)
    ]
    assert (found["environment"], found["used_today"], found["count"]) == ("test", 1, 1)
    assert org("GET", f"{ORGANISATION}/figures?environment=test").json()["used_today"] == 1
    assert a_member("other")("GET", f"{ORGANISATION}/figures?environment=test").json()["minutes"] == []
    assert not Minute.objects.filter(way="own").exists()


def test_a_used_up_quota_answers_429_and_is_in_the_figures(org: Member, officer: Member) -> None:
    granted(org, officer)
    version = officer("GET", f"{STAFF}/{org.id}")["ETag"]
    given = officer("POST", f"{STAFF}/{org.id}/quota", {"quota_a_day": 0}, **{"If-Match": version})
    assert given.json()["quota_a_day"] == 0
    secret = org.secret("production")
    answer = with_secret(secret, "POST", "/api/partner/checks", {})
    assert (answer.status_code, answer.json()["code"]) == (429, "relying_parties.quota_used")
    assert int(answer["Retry-After"]) > 0
    minutes = with_secret(secret, path=f"{OWN}/figures").json()["minutes"]
    assert [each["code"] for each in minutes] == ["relying_parties.quota_used"]


def test_a_reviewer_reads_who_waits_and_shuts_out_at_once(org: Member, officer: Member) -> None:
    granted(org, officer)
    secret = org.secret("production")
    org.made("POST", f"{ORGANISATION}/purposes", {"purpose": "work", "legal_basis": "劳动合同法"})
    assert [each["id"] for each in officer("GET", f"{STAFF}?state=applied").json()] == [org.id]
    file = officer("GET", f"{STAFF}/{org.id}")
    assert file.json()["contacts"] == ["0531-0000000"]
    shut = officer("POST", f"{STAFF}/{org.id}/suspension", {"reason": "疑似泄露"}, **{"If-Match": file["ETag"]})
    assert shut.json()["state"] == "suspended"
    assert with_secret(secret).status_code == 401
    assert org.made("GET", ORGANISATION)["reason"] == "疑似泄露"
    again = officer("POST", f"{STAFF}/{org.id}/resumption", **{"If-Match": shut["ETag"]})
    assert again.json()["state"] == "approved"
    assert with_secret(secret).status_code == 200
    assert officer("POST", f"{STAFF}/{org.id}/end", {"reason": "x"}, **{"If-Match": file["ETag"]}).status_code == 412


def test_the_sandbox_tells_who_can_be_tried(org: Member) -> None:
    people = with_secret(org.secret(), path=f"{OWN}/sandbox-people").json()
    assert {"suspended", "expired", "valid"} <= {each["state"] for each in people}


def test_the_same_idempotency_key_is_no_bridge_between_sandbox_and_production(org: Member, officer: Member) -> None:
    granted(org, officer)
    key = {"Idempotency-Key": "bridge-0001"}
    test, production = org.secret(), org.secret("production")
    ids = [with_secret(each, path=f"{OWN}/keys").json()[0]["id"] for each in (test, production)]
    path = f"{OWN}/keys/{ids[0]}/revocation"
    first = with_secret(test, "POST", path, {"because": "replaced"}, **key)
    second = with_secret(production, "POST", path, {"because": "replaced"}, **key)
    assert (first.status_code, second.status_code) == (200, 404), "the answer of the one is none of the other's"


def test_who_has_a_key_of_the_sandbox_uses_up_no_limit_of_production(
    org: Member, officer: Member, settings: Any
) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "checks": (4, 3600), "checks_of_one": (2, 3600)}
    granted(org, officer)
    test, production = org.secret(), org.secret("production")
    sent = {"purpose": "bank", "number": hmt_permit_number("HK", date(1990, 1, 1), 7), "name": "陈大文"}
    in_the_sandbox = [with_secret(test, "POST", CHECKS, sent).status_code for _ in range(5)]
    assert in_the_sandbox == [201, 201, 429, 429, 429]
    assert with_secret(production, "POST", CHECKS, sent).status_code == 201


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE relying_parties_relyingparty SET purposes = '{bank}', state = 'approved'",
        "UPDATE relying_parties_purposegrant SET state = 'granted'",
        "UPDATE relying_parties_relyingparty SET quota_a_day = 1000000",
        "DELETE FROM relying_parties_relyingpartykey",
        "UPDATE relying_parties_relyingpartykey SET fingerprint = '\\x00'",
    ],
)
def test_the_database_lets_no_organisation_grant_itself_anything(org: Member, officer: Member, statement: str) -> None:
    org.made("POST", f"{ORGANISATION}/purposes", {"purpose": "bank", "legal_basis": "x"})
    account = Account.objects.get(username="org")
    with as_web(Reader("reporter", str(account.pk))):  # noqa: SIM117 the role is given back after what failed
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_another_organisations_rows_are_not_changed(org: Member) -> None:
    with_secret(org.secret(), "POST", "/api/partner/checks", {})
    org.made("POST", f"{ORGANISATION}/addresses", {"kind": "redirect", "uri": "https://app.example/back"})
    a_member("other")
    account = Account.objects.get(username="other")
    with as_web(Reader("reporter", str(account.pk))), connection.cursor() as cursor:
        cursor.execute("UPDATE relying_parties_relyingpartykey SET revoked_at = now()")
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM relying_parties_relyingpartyaddress")
        assert cursor.rowcount == 0
        cursor.execute("UPDATE relying_parties_relyingparty SET state = 'applied'")
        assert cursor.rowcount == 1  # its own
        for table in ("minute", "dayuse", "relyingpartymember"):
            cursor.execute(f"SELECT count(*) FROM relying_parties_{table}")  # noqa: S608 one of three
            assert cursor.fetchone() == (int(table == "relyingpartymember"),)


def test_signed_requests_reach_the_operation_with_their_body(org: Member) -> None:
    key = a_key()
    proof = assertion(org.id, key, aud=f"{HERE}/api/partner")
    kept = org.made("POST", f"{ORGANISATION}/jwks", {"environment": "test", "jwk": key.public_jwk(), "proof": proof})
    body = json.dumps({"because": "replaced"}).encode()
    uri, created = f"{HERE}{OWN}/keys/{kept['id']}/revocation", int(time())
    digest = f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"
    inside = (
        '("@method" "@target-uri" "content-digest" "content-type")'
        f';created={created};expires={created + 60};keyid="{kept["id"]}";nonce="n1";tag="yzt-partner"'
    )
    base = (
        f'"@method": POST\n"@target-uri": {uri}\n"content-digest": {digest}\n'
        f'"content-type": application/json\n"@signature-params": {inside}'
    )
    headers = {
        "Content-Digest": digest, "Signature-Input": f"s={inside}", "Idempotency-Key": "signed-0001",
        "Signature": f"s=:{b64encode(key.sign(base.encode())).decode()}:",
    }  # fmt: skip
    client, path = django.test.Client(), uri.removeprefix(HERE)
    changed = client.generic("POST", path, body.replace(b"replaced", b"leaked"), "application/json", headers=headers)
    assert changed.status_code == 401
    right = client.generic("POST", path, body, "application/json", headers=headers)
    assert right.status_code == 200, right.content
    assert right.json()["is_good"] is False
