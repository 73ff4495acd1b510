"""Proving who one is: each way, and the attacks on each."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from yizhengtong.foundation.exchange.keys import ECDSA_P256, ED25519
from yizhengtong.verification.relying_parties.authenticating import caller_of, caller_of_assertion
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.forgetting import forget
from yizhengtong.verification.relying_parties.keeping import make_secret, revoke_key
from yizhengtong.verification.relying_parties.models import RelyingParty, RelyingPartyKey, SpentAssertion
from yizhengtong.verification.relying_parties.requests import Sent
from yizhengtong.verification.relying_parties.tests.organisations import (
    BODY,
    HERE,
    URI,
    Organisation,
    a_certificate,
    a_key,
    an_organisation,
    assertion,
    signed,
)

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("algorithm", [ED25519, ECDSA_P256])


def bearer(token: str, **headers: str) -> Sent:
    return Sent("POST", URI, {"authorization": f"Bearer {token}", **headers})


def known(sent: Sent) -> Caller | None:
    return caller_of(sent, audience=HERE)


@pytest.fixture
def org() -> Organisation:
    return an_organisation()


@BOTH
def test_an_assertion_is_good_once_and_says_which_party_and_which_environment(
    org: Organisation, algorithm: str
) -> None:
    key = a_key(algorithm)
    kept = org.with_jwk(key)
    token = assertion(org.client_id, key)
    caller = known(bearer(token))
    assert caller is not None
    assert (caller.party, caller.key_id, caller.is_test) == (org.party, kept.pk, True)
    assert known(bearer(token)) is None
    assert known(bearer(assertion(org.client_id, key))) is not None


def test_an_assertion_for_a_token_endpoint_opens_that_and_not_this(org: Organisation) -> None:
    key = a_key()
    org.with_jwk(key)
    token = assertion(org.client_id, key, aud="https://permits.example")
    assert known(bearer(token)) is None
    assert caller_of_assertion(token, audience="https://permits.example") is not None
    assert caller_of_assertion(token, audience="https://permits.example") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example/api/partner"}, {"aud": [HERE, "https://other.example"]}, {"aud": [HERE]},
        {"aud": None}, {"iss": "rpa_00000000000000000000000000"}, {"iss": None}, {"sub": "rpa_x"}, {"sub": None},
        {"jti": None}, {"jti": ""}, {"jti": 7}, {"jti": "x" * 200}, {"exp": None}, {"exp": True}, {"exp": "soon"},
        {"exp": 1.0}, {"exp": 1e13}, {"nbf": 4e9}, {"iat": 4e9},
        {"header": {"alg": "none"}}, {"header": {"alg": "HS256"}}, {"header": {"alg": "ES256"}},
        {"header": {"kid": None}}, {"header": {"kid": "another"}}, {"header": {"crit": ["exp"]}},
        {"header": {"b64": False}},
    ],
    ids=lambda changes: "-".join(f"{name}={value}"[:30] for name, value in changes.items()),
)  # fmt: skip
def test_an_assertion_that_is_not_as_it_must_be_is_nobodys(org: Organisation, changes: dict[str, Any]) -> None:
    key = a_key()
    org.with_jwk(key)
    assert known(bearer(assertion(org.client_id, key, **changes))) is None


@pytest.mark.parametrize(("seconds", "is_good"), [(299, True), (301, False), (-1, False)])
def test_an_assertion_lasts_five_minutes_at_most(org: Organisation, seconds: int, is_good: bool) -> None:
    key = a_key()
    org.with_jwk(key)
    now = timezone.now()
    token = assertion(org.client_id, key, exp=now.timestamp() + seconds)
    assert (caller_of(bearer(token), audience=HERE, at=now) is not None) is is_good


def test_a_key_that_an_assertion_brings_or_points_to_is_neither_taken_nor_fetched(
    org: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    for way_out in ("socket.create_connection", "socket.getaddrinfo"):
        monkeypatch.setattr(way_out, lambda *where, **_named: asked.append(where))
    theirs, mine = a_key(), a_key()
    org.with_jwk(theirs)
    pointing = {"jwk": mine.public_jwk(), "jku": "https://keys.example/jwks", "x5u": "https://keys.example/x5u"}
    assert known(bearer(assertion(org.client_id, mine, header={"kid": theirs.id, **pointing}))) is None
    assert known(bearer(assertion(org.client_id, theirs, header=pointing))) is not None
    assert asked == []


def test_a_doubled_member_is_refused(org: Organisation) -> None:
    key = a_key()
    org.with_jwk(key)
    head, claims, _ = assertion(org.client_id, key).split(".")
    text = urlsafe_b64decode(claims + "==").replace(b'{"iss"', b'{"aud": "https://x.example", "iss"', 1)
    signed_text = f"{head}.{urlsafe_b64encode(text).rstrip(b'=').decode()}"
    signature = urlsafe_b64encode(key.sign(signed_text.encode())).rstrip(b"=").decode()
    assert known(bearer(f"{signed_text}.{signature}")) is None


def test_one_party_cannot_speak_for_another(org: Organisation) -> None:
    mine, theirs = a_key(), a_key()
    org.with_jwk(mine)
    other = an_organisation("另一家")
    kept = other.with_jwk(theirs)
    assert known(bearer(assertion(other.client_id, mine, header={"kid": theirs.id}))) is None
    assert known(signed(kept, mine)) is None


@BOTH
def test_a_signed_request_is_good_once(org: Organisation, algorithm: str) -> None:
    key = a_key(algorithm)
    kept = org.with_jwk(key)
    sent = signed(kept, key)
    caller = known(sent)
    assert caller is not None
    assert (caller.party, caller.key_id) == (org.party, kept.pk)
    assert known(sent) is None


def test_a_signed_request_without_a_body_covers_method_and_address(org: Organisation) -> None:
    key = a_key()
    kept = org.with_jwk(key)
    assert known(signed(kept, key, body=b"", covered=("@method", "@target-uri"))) is not None
    assert known(signed(kept, key, body=b"", covered=("@method",))) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"sent_body": b'{"purpose":"work"}'}, {"method": "DELETE"}, {"uri": f"{URI}?x=1"},
        {"uri": "https://other.example/api/partner/checks"}, {"headers": {"content-digest": "sha-256=:AAAA:"}},
        {"headers": {"content-digest": ""}}, {"covered": ("@method", "@target-uri")},
        {"covered": ("@method", "@target-uri", "content-digest")}, {"parameters": {"nonce": None}},
        {"parameters": {"tag": None}}, {"parameters": {"tag": "yzt-exchange"}}, {"parameters": {"keyid": "rpk_x"}},
        {"parameters": {"keyid": None}}, {"parameters": {"expires": None}},
        {"parameters": {"created": 1, "expires": 2}},
        {"parameters": {"alg": "ecdsa-p256-sha256"}}, {"headers": {"authorization": "Bearer x"}},
    ],
    ids=str,
)  # fmt: skip
def test_a_request_that_is_not_signed_as_it_must_be_is_nobodys(org: Organisation, changes: dict[str, Any]) -> None:
    key = a_key()
    assert known(signed(org.with_jwk(key), key, **changes)) is None


def test_nothing_is_read_of_whom_nobody_knows(org: Organisation) -> None:
    key, read = a_key(), list[str]()
    kept = org.with_jwk(key)
    unknown: dict[str, Any] = {"parameters": {"keyid": "rpk_x"}}
    for name, changes in (("known", {}), ("unknown", unknown)):

        def body(name: str = name) -> bytes:
            read.append(name)
            return BODY

        known(replace(signed(kept, key, **changes), body=body))
    assert read == ["known"]


def test_a_certificate_opens_by_its_thumbprint_and_no_other_does(org: Organisation) -> None:
    kept, pem = org.with_certificate()
    caller = known(Sent("GET", URI, {}, certificate=pem))
    assert caller is not None
    assert caller.key_id == kept.pk
    for other in (a_certificate()[1], "x", pem[:200], ""):
        assert known(Sent("GET", URI, {}, certificate=other)) is None


def test_a_certificate_may_come_along_and_counts_where_nothing_else_is_shown(org: Organisation) -> None:
    other, key = an_organisation("另一家"), a_key()
    _, pem = other.with_certificate()
    kept, secret = make_secret(environment="test", label="", by=org.by, at=timezone.now())
    jwk = org.with_jwk(key)
    for sent, shown in ((bearer(secret), kept), (signed(jwk, key), jwk)):
        caller = known(replace(sent, certificate=pem))
        assert caller is not None
        assert (caller.party, caller.key_id) == (org.party, shown.pk)
    assert known(replace(bearer("wrong"), certificate=pem)) is None


def test_a_jwk_is_no_certificate_and_a_secret_no_assertion(org: Organisation) -> None:
    _, secret = make_secret(environment="test", label="", by=org.by, at=timezone.now())
    assert known(bearer(secret)) is not None
    for token in (f"{secret}.", f".{secret}", secret.upper(), "a.b.c", "..", "x" * 5000):
        assert known(bearer(token)) is None
    assert known(Sent("POST", URI, {"authorization": f"Basic {secret}"})) is None


def test_what_leaked_is_stopped_at_once_in_every_way(org: Organisation) -> None:
    key, now = a_key(), timezone.now()
    jwk, (certificate, pem) = org.with_jwk(key), org.with_certificate()
    kept, secret = make_secret(environment="test", label="", by=org.by, at=now)
    tries: list[Callable[[], Sent]] = [
        lambda: bearer(secret),
        lambda: bearer(assertion(org.client_id, key)),
        lambda: signed(jwk, key),
        lambda: Sent("GET", URI, {}, certificate=pem),
    ]
    assert all(known(each()) for each in tries)
    for one in (jwk, certificate, kept):
        revoke_key(key_id=one.pk, because="leaked", by=org.by, at=timezone.now())
    assert not any(known(each()) for each in tries)


@pytest.mark.parametrize("state", ["suspended", "ended"])
def test_a_party_that_is_shut_out_is_nobody_by_any_key(org: Organisation, state: str) -> None:
    _, secret = make_secret(environment="test", label="", by=org.by, at=timezone.now())
    RelyingParty.objects.filter(pk=org.party.pk).update(state=state, is_active=False)
    assert known(bearer(secret)) is None


def test_a_production_key_opens_nothing_while_no_purpose_is_granted(org: Organisation) -> None:
    org.approve("bank")
    _, secret = make_secret(environment="production", label="", by=org.by, at=timezone.now())
    assert known(bearer(secret)) is not None
    RelyingParty.objects.filter(pk=org.party.pk).update(state="test", purposes=[])
    assert known(bearer(secret)) is None


@pytest.mark.parametrize(("moved", "is_good"), [(-1, False), (0, True), (399, True), (400, False)])
def test_a_key_begins_and_ends_by_itself(org: Organisation, moved: int, is_good: bool) -> None:
    kept, secret = make_secret(environment="test", label="", by=org.by, at=timezone.now())
    at = kept.not_before + timedelta(days=moved)
    assert (caller_of(bearer(secret), audience=HERE, at=at) is not None) is is_good


def test_what_was_spent_is_kept_until_it_would_be_refused_anyway(org: Organisation) -> None:
    key = a_key()
    org.with_jwk(key)
    known(bearer(assertion(org.client_id, key)))
    forget(at=timezone.now())
    assert SpentAssertion.objects.count() == 1
    forget(at=timezone.now() + timedelta(minutes=10))
    assert not SpentAssertion.objects.exists()
    assert RelyingPartyKey.objects.count() == 1
