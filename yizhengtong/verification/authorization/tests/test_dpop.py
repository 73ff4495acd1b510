"""Proofs of a key: for this request, by this key, of now, once (RFC 9449). Without a database but for who was seen."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import OKPKey, RSAKey

from tests.support.people import Resident
from yizhengtong.foundation.web.models import Bucket
from yizhengtong.verification.authorization.dpop import EARLY_SECONDS, LATE_SECONDS, ath_of, check_proof
from yizhengtong.verification.authorization.jwts import MOST_LETTERS, BadToken, key_of_set, open_jwt, public_key
from yizhengtong.verification.authorization.models import SeenProof
from yizhengtong.verification.authorization.nonces import SECONDS, is_ours, new_nonce
from yizhengtong.verification.authorization.problems import OAuthProblem
from yizhengtong.verification.authorization.queries import access_token
from yizhengtong.verification.authorization.services import offer_grant
from yizhengtong.verification.authorization.tests.conftest import ZHEJIANG
from yizhengtong.verification.authorization.tests.wallet import (
    TOKEN,
    Wallet,
    answer_of,
    error_of,
    new_key,
    proof_of,
    signed,
    signed_oddly,
)

URL = "https://permits.example/oauth/token"
KEY = new_key()
NOW = 1_790_000_000.0
CREDENTIAL = "/wallet/credential"


def checked(proof: str, **more: Any) -> str:
    """Return what is wrong with a proof; nothing with a good one."""
    try:
        check_proof(proof, **{"method": "POST", "url": URL, "now": NOW, **more})
    except BadToken as bad:
        return str(bad)
    return ""


def a_proof(**changed: Any) -> str:
    return proof_of(KEY, "POST", URL, **{"iat": int(NOW), **changed})


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, ""),
        ({"htm": "GET"}, "htm"),
        ({"htm": "post"}, "htm"),
        ({"htm": None}, "htm"),
        ({"htu": "https://permits.example/oauth/par"}, "htu"),
        ({"htu": "https://other.example/oauth/token"}, "htu"),
        ({"htu": "http://permits.example/oauth/token"}, "htu"),
        ({"htu": "https://permits.example:8443/oauth/token"}, "htu"),
        ({"htu": "https://permits.example/oauth/token/"}, "htu"),
        ({"htu": "https://permits.example@other.example/oauth/token"}, "htu"),
        ({"htu": "https://permits.example:x/oauth/token"}, "htu"),
        ({"htu": None}, "htu"),
        ({"htu": "/oauth/token"}, "htu"),
        ({"htu": "HTTPS://Permits.Example:443/oauth/token"}, ""),
        ({"htu": "https://permits.example/oauth/token?at=1#here"}, ""),
        ({"iat": int(NOW) - LATE_SECONDS}, ""),
        ({"iat": int(NOW) - LATE_SECONDS - 1}, "iat"),
        ({"iat": int(NOW) + EARLY_SECONDS}, ""),
        ({"iat": int(NOW) + EARLY_SECONDS + 1}, "iat"),
        ({"iat": None}, "iat"),
        ({"iat": str(int(NOW))}, "iat"),
        ({"iat": True}, "iat"),
        ({"iat": 1e300}, "iat"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": "x" * 257}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "\ud800"}, "jti"),
        ({"iat": float("nan")}, "iat"),
        ({"nonce": 7}, "nonce"),
    ],
)
def test_a_proof_is_for_this_request_and_of_now(changed: dict[str, Any], wrong: str) -> None:
    found = checked(a_proof(**changed))
    assert (wrong in found) if wrong else found == ""


@pytest.mark.parametrize(
    ("header", "wrong"),
    [
        ({"typ": "JWT"}, "typ"),
        ({"typ": None}, "typ"),
        ({"crit": ["x"], "x": 1}, "critical"),
        ({"jwk": KEY.as_dict(private=True)}, "private"),
        ({"jwk": {"kty": "oct", "k": "AAAA"}}, "private"),
        ({"jwk": "key"}, "no key"),
        ({"jwk": {**KEY.as_dict(private=False), "crv": "P-384"}}, "P-256"),
        ({"jwk": {**KEY.as_dict(private=False), "alg": "RS256"}}, "P-256"),
        ({"jwk": {**KEY.as_dict(private=False), "x": "A" * 43}}, "P-256"),
        ({"jwk": new_key().as_dict(private=False)}, "signature"),
    ],
)
def test_a_proof_brings_its_public_key_and_is_signed_by_it(header: dict[str, Any], wrong: str) -> None:
    said = {"jti": "a", "htm": "POST", "htu": URL, "iat": int(NOW)}
    head = {"alg": "ES256", "typ": "dpop+jwt", "jwk": KEY.as_dict(private=False), **header}
    assert wrong in checked(_by_hand(head, said))


def _by_hand(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Sign what a library would not write; members that are None are left out."""
    kept = {name: value for name, value in header.items() if value is not None}
    parts = [urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in (kept, claims)]
    r, s = decode_dss_signature(KEY.get_op_key("sign").sign(b".".join(parts), ECDSA(hashes.SHA256())))
    signature = urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).rstrip(b"=")
    return b".".join([*parts, signature]).decode()


def test_what_is_signed_by_hand_is_good_where_nothing_is_wrong() -> None:
    said = {"jti": "a", "htm": "POST", "htu": URL, "iat": int(NOW)}
    head = {"alg": "ES256", "typ": "dpop+jwt", "jwk": KEY.as_dict(private=False)}
    assert checked(_by_hand(head, said)) == ""


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS256", "PS256", "ES384", "ES512", "EdDSA", "", 7, None])
def test_no_other_algorithm_is_heard_of(alg: object) -> None:
    said = {"jti": "a", "htm": "POST", "htu": URL, "iat": int(NOW)}
    head = {"alg": alg, "typ": "dpop+jwt", "jwk": KEY.as_dict(private=False)}
    assert "algorithm" in checked(_by_hand(head, said))
    unsigned = _by_hand(head, said).rpartition(".")[0] + "."
    assert checked(unsigned) == "it is no signed token"


def test_a_public_key_is_no_secret_to_sign_with() -> None:
    """Key confusion: HS256 with the bytes of a public key."""
    head, body = (
        urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=")
        for each in ({"alg": "HS256", "typ": "dpop+jwt", "jwk": KEY.as_dict(private=False)}, {"jti": "a"})
    )
    mark = hmac.new(KEY.as_pem(private=False), head + b"." + body, "sha256").digest()
    confused = b".".join([head, body, urlsafe_b64encode(mark).rstrip(b"=")]).decode()
    assert "algorithm" in checked(confused)


@pytest.mark.parametrize("kind", ["RSA", "OKP"])
def test_keys_of_another_kind_are_none(kind: str) -> None:
    key = RSAKey.generate_key(2048) if kind == "RSA" else OKPKey.generate_key("Ed25519")
    with pytest.raises(BadToken):
        public_key(key.as_dict(private=False))


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b", "a.b.c.d", "e30.e30.", "e30.e30.AA", "ä.b.c", "W10.W10.AA", "eyJhbGciOiJFUzI1NiJ9.x.AA",
     "x" * (MOST_LETTERS + 1), "[" * 5000],
)  # fmt: skip
def test_rubbish_is_no_token(token: str) -> None:
    assert checked(token)


def test_a_token_is_bounded_however_well_it_is_signed() -> None:
    assert checked(a_proof(more="x" * (MOST_LETTERS // 2))) == ""
    assert checked(a_proof(more="x" * MOST_LETTERS)) == "it is too long"


def test_doubled_members_are_not_read_one_way_or_the_other() -> None:
    _head, _, rest = a_proof().partition(".")
    header = b'{"alg":"ES256","typ":"dpop+jwt","typ":"dpop+jwt"}'
    assert checked(f"{urlsafe_b64encode(header).rstrip(b'=').decode()}.{rest}") == "it is no signed token"


def test_a_changed_letter_is_noticed() -> None:
    head, body, signature = a_proof().split(".")
    claims = urlsafe_b64decode(body + "=" * (-len(body) % 4)).replace(b'"POST"', b'"POSS"')
    changed = urlsafe_b64encode(claims).rstrip(b"=").decode()
    assert checked(f"{head}.{changed}.{signature}", method="POSS") == "its signature is wrong"


def test_at_a_resource_a_proof_is_of_the_token() -> None:
    proof = a_proof(ath=ath_of("token"))
    assert checked(proof, access_token="token") == ""
    assert "ath" in checked(proof, access_token="tokem")
    assert "ath" in checked(a_proof(), access_token="token")


def test_a_key_set_gives_the_key_that_is_named() -> None:
    a, b = ({**new_key().as_dict(private=False), "kid": name} for name in "ab")
    jwks = {"keys": [a, b]}
    assert key_of_set(jwks, {"kid": "b"}).as_dict(private=False)["x"] == b["x"]
    assert key_of_set({"keys": [a]}, {}).as_dict(private=False)["x"] == a["x"]
    for header in ({}, {"kid": "c"}, {"kid": None}):
        with pytest.raises(BadToken):
            key_of_set(jwks, header)
    wrong: tuple[object, ...] = (None, [], {}, {"keys": []}, {"keys": [a, a]})
    for each in wrong:
        with pytest.raises(BadToken):
            key_of_set(each, {"kid": "a"})


def test_a_token_without_a_typ_is_open_where_none_is_asked() -> None:
    assert open_jwt(signed(KEY, {}, {"sub": "x"}), typ=None, key_for=lambda _h, _c: KEY).claims == {"sub": "x"}
    with pytest.raises(BadToken):
        open_jwt(signed_oddly(KEY, {"alg": "none"}, {"sub": "x"}), typ=None, key_for=lambda _h, _c: KEY)


def test_a_nonce_is_ours_for_five_minutes() -> None:
    nonce = new_nonce(NOW)
    assert [is_ours(nonce, NOW + late) for late in (-1, 0, SECONDS, SECONDS + 1)] == [False, True, True, False]
    for strange in ("", ".", "1790000000.", nonce.replace("1790", "1791"), f"²{nonce}", "x.y"):
        assert not is_ours(strange, NOW)


# Over HTTP, with who was seen in the database.


def token_of(wallet: Wallet, wang: Resident) -> str:
    offer = offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG], by=wang.principal)
    token: str = answer_of(wallet.redeem_offer(offer.code, offer.tx_code))["access_token"]
    return token


def test_a_proof_is_shown_once_at_whichever_endpoint(wang: Resident) -> None:
    wallet = Wallet()
    proof = wallet.proof("/oauth/par")
    assert wallet.push(proof=proof).status_code == 201
    again = wallet.push(proof=proof)
    assert (again.status_code, error_of(again)) == (400, "invalid_dpop_proof")
    assert SeenProof.objects.count() == 1


def test_a_proof_for_another_endpoint_or_doubled_is_none(wang: Resident) -> None:
    wallet = Wallet()
    for proof in (wallet.proof(TOKEN), wallet.proof("/oauth/par", "GET"), f"{wallet.proof('/oauth/par')}, x"):
        assert error_of(wallet.push(proof=proof)) == "invalid_dpop_proof"


def opened(wallet: Wallet, headers: dict[str, str], query: str = "") -> tuple[int, str, str]:
    try:
        access_token("POST", wallet.url(CREDENTIAL) + query, headers)
    except OAuthProblem as problem:
        return int(problem.status), problem.error, problem.headers().get("WWW-Authenticate", "")
    return 200, "", ""


def test_at_a_resource_each_request_needs_a_proof_of_its_own(wang: Resident) -> None:
    wallet, thief = Wallet(), Wallet()
    token = token_of(wallet, wang)
    headers = wallet.bearing(token)
    assert opened(wallet, headers) == (200, "", "")
    for brought in (
        headers,  # again
        {"Authorization": f"DPoP {token}"},
        {"Authorization": f"DPoP {token}", "DPoP": wallet.proof(CREDENTIAL)},  # without ath
        {"Authorization": f"DPoP {token}", "DPoP": wallet.proof(TOKEN, ath=ath_of(token))},
        {"Authorization": f"DPoP {token}", "DPoP": wallet.proof(CREDENTIAL, "GET", ath=ath_of(token))},
        {"Authorization": f"DPoP {token}", "DPoP": thief.proof(CREDENTIAL, ath=ath_of(token))},
    ):
        status, error, challenge = opened(wallet, brought)
        assert (status, error) == (401, "invalid_dpop_proof")
        assert challenge.startswith('DPoP error="invalid_dpop_proof"')
        assert 'algs="ES256"' in challenge


def test_a_bound_token_is_no_bearers_token_and_the_other_way_round(wang: Resident) -> None:
    wallet = Wallet()
    token = token_of(wallet, wang)
    assert opened(wallet, {"Authorization": f"Bearer {token}"})[:2] == (401, "invalid_token")
    offer = offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG], by=wang.principal)
    free = answer_of(wallet.redeem_offer(offer.code, offer.tx_code, proof=None))["access_token"]
    assert opened(wallet, wallet.bearing(free))[:2] == (401, "invalid_token")
    assert opened(wallet, {"Authorization": f"Bearer {free}"})[0] == 200


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("", ""),
        ("Basic eDp5", ""),
        ("DPoP", "invalid_token"),
        ("DPoP unknown", "invalid_token"),
        ("Bearer unknown", "invalid_token"),
        ("DPoP a, DPoP b", "invalid_token"),
        ("Bearer " + "x" * 600, "invalid_token"),
        ("Bearer a\0b", "invalid_token"),
        ("Bearer ä", "invalid_token"),
    ],
)
def test_without_a_token_of_ours_a_resource_says_what_it_takes(db: None, header: str, error: str) -> None:
    status, found, challenge = opened(Wallet(), {"Authorization": header})
    assert (status, found) == (401, error)
    assert challenge.startswith("Bearer" if header.startswith("Bearer") else "DPoP")
    if not error:
        assert "error=" not in challenge


def test_a_token_in_the_address_is_refused_even_beside_a_good_one(wang: Resident) -> None:
    wallet = Wallet()
    token = token_of(wallet, wang)
    assert opened(wallet, wallet.bearing(token), f"?access_token={token}")[:2] == (400, "invalid_request")
    assert opened(wallet, wallet.bearing(token))[0] == 200


def test_where_nonces_are_asked_a_wallet_is_told_one_and_uses_it(wang: Resident, settings: Any) -> None:
    settings.YZT_WALLETS = {**settings.YZT_WALLETS, "dpop_nonces": True}
    wallet = Wallet()
    refused = wallet.push()
    assert (refused.status_code, error_of(refused)) == (400, "use_dpop_nonce")
    nonce = refused["DPoP-Nonce"]
    assert "DPoP-Nonce" in refused["Access-Control-Expose-Headers"]
    assert wallet.push(proof=wallet.proof("/oauth/par", nonce=nonce)).status_code == 201
    assert error_of(wallet.push(proof=wallet.proof("/oauth/par", nonce=f"{nonce}x"))) == "use_dpop_nonce"
    offer = offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG], by=wang.principal)
    proof = wallet.proof(TOKEN, nonce=nonce)
    token = answer_of(wallet.redeem_offer(offer.code, offer.tx_code, proof=proof))["access_token"]
    with pytest.raises(OAuthProblem) as refusal:
        access_token("POST", wallet.url(CREDENTIAL), wallet.bearing(token))
    assert (refusal.value.error, refusal.value.status) == ("use_dpop_nonce", 401)
    assert "use_dpop_nonce" in refusal.value.headers()["WWW-Authenticate"]
    fresh = refusal.value.headers()["DPoP-Nonce"]
    assert opened(wallet, wallet.bearing(token, nonce=fresh))[0] == 200


def test_who_asks_too_often_waits(db: None, settings: Any) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "wallet_requests": (2, 60)}
    wallet = Wallet()
    answers = [wallet.push() for _ in range(3)]
    assert [each.status_code for each in answers] == [201, 201, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert Bucket.objects.count() == 1
