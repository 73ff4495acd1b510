"""@openid4vc/openid4vci collects from us whole, recognises us as 1.0, and strangers believe what it collected.

What a test shares with an issuer module of the OpenID conformance suite (oid4vci-1_0-issuer-test-plan) bears its name;
mistakes that this client cannot make are made in yizhengtong/sites/wallet/tests/test_issuing.py.
"""

import json
import re
import time
from base64 import b64decode, urlsafe_b64decode
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import cbor2
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from tests.support.holders import shown_mdoc, shown_sd_jwt
from tests.support.issuers import Key
from tests.support.serving import Running
from tests.wallets.conftest import MDOC, SD_JWT, Holder, holder_of
from tests.wallets.strangers import ask, needs
from yizhengtong.credentials.formats import transcripts
from yizhengtong.credentials.formats.jwk import jwk_of
from yizhengtong.credentials.formats.strict import encode_base64url
from yizhengtong.project.demonstration.journeys import LIXIA
from yizhengtong.project.demonstration.people import somebody

READER, NONCE = "https://reader.example", "n-0S6_WzA2Mj"


@pytest.fixture(autouse=True)
def _needs_the_wallet() -> None:
    needs("@openid4vc/openid4vci")


def collect(**job: Any) -> dict[str, Any]:
    """Have the wallet do one job, and see that it could."""
    (answer,) = ask("collect.js", [job])
    assert answer["ok"], answer
    return answer


def refused(**job: Any) -> str:
    """Have the wallet do a job that cannot be done; return the server's word for it."""
    (answer,) = ask("collect.js", [job])
    assert not answer["ok"], answer
    return str(answer["error"])


def key_of(jwk: dict[str, str]) -> Key:
    secret = int.from_bytes(urlsafe_b64decode(jwk["d"] + "=="), "big")
    return Key(private=ec.derive_private_key(secret, ec.SECP256R1()))


def test_a_permit_is_collected_by_an_offer_and_a_code(wang: Holder) -> None:
    """VCIIssuerHappyFlow, VCIIssuerBatchIssuance, VCIIssuerMetadataTest; pre-authorized code with transaction code."""
    link, code = wang.offer()
    answer = collect(offer=link, tx_code=code, configuration=SD_JWT, keys=3, event="credential_accepted")
    assert answer["version"] == "V1"
    assert {SD_JWT, MDOC} <= set(answer["known"])
    assert (len(answer["credentials"]), answer["notified"]) == (3, 204)
    believed = ask("check_sd_jwt.js", [question(text, jwk) for text, jwk in pairs(answer)])
    for each, jwk in zip(believed, answer["keys"], strict=True):
        assert each["ok"], each
        assert each["claims"]["cnf"]["jwk"]["x"] == jwk["x"]
        assert each["claims"]["iss"] == wang.base
        assert each["claims"]["birthdate"]
        assert each["bound_to"]["nonce"] == NONCE
    assert len({each["claims"]["status"]["status_list"]["idx"] for each in believed}) == 3
    assert len({(each["claims"]["iat"], each["claims"]["exp"]) for each in believed}) == 1
    assert not set.intersection(*(set(text.split("~")[1:-1]) for text in answer["credentials"]))


def test_a_copy_of_one_wallet_is_not_another_wallets(wang: Holder) -> None:
    link, code = wang.offer()
    answer = collect(offer=link, tx_code=code, configuration=SD_JWT, keys=2)
    first, second = pairs(answer)
    (swapped,) = ask("check_sd_jwt.js", [question(first[0], second[1])])
    assert not swapped["ok"]


def test_an_mdoc_is_collected_and_believed(wang: Holder, server: Running) -> None:
    link, code = wang.offer()
    answer = collect(offer=link, tx_code=code, configuration=MDOC, keys=2)
    assert len(answer["credentials"]) == 2
    believe_mdocs(server, answer)


def test_a_permit_is_collected_by_consent(wang: Holder) -> None:
    """VCIIssuerHappyFlow; authorization code with PAR, PKCE and DPoP, and collecting anew with the refresh token."""
    link, _ = wang.offer()
    answer = collect(offer=link, configuration=SD_JWT, keys=3, session=wang.cookie)
    assert answer["pushed"]
    assert answer["authorized"] == {"iss": wang.base, "server": wang.base}
    assert len(answer["credentials"]) == 3
    again = collect(
        offer=link, configuration=SD_JWT, keys=2, refresh=answer["refresh"], dpop_key=answer["dpop_key"]
    )  # fmt: skip
    assert len(again["credentials"]) == 2


def test_signed_metadata_are_believed(wang: Holder) -> None:
    """VCIIssuerMetadataSignedTest."""
    link, code = wang.offer()
    answer = collect(offer=link, tx_code=code, configuration=SD_JWT, signed=True)
    assert (answer["signed"], answer["version"]) == (True, "V1")


def test_what_is_not_made_yet_is_collected_later(server: Running) -> None:
    """VCIIssuerHappyFlow, deferred: with the same keys, once the card is made."""
    journeys = server.journeys
    resident = journeys.resident(somebody(journeys.today))
    journeys.declare_stay(resident, LIXIA, months=8)
    case = journeys.apply(resident, "hmt.first_issue", dwelling_proof="lease")
    journeys.book(resident, case)
    case = journeys.visit(case)
    early = holder_of(server, resident, journeys.decide_and_issue(case)["id"])
    link, code = early.offer()
    answer = collect(offer=link, tx_code=code, configuration=SD_JWT, keys=2)
    assert answer["transaction"]
    assert answer["interval"] > 0
    assert "credentials" not in answer
    later = {"offer": link, "configuration": SD_JWT, "token": answer["token"], "dpop_key": answer["dpop_key"]}
    assert collect(**later, transaction=answer["transaction"])["transaction"] == answer["transaction"]
    journeys.hand_over(case)
    made = collect(**later, transaction=answer["transaction"])
    believed = ask("check_sd_jwt.js", [question(*pair) for pair in pairs({**answer, **made, "keys": answer["keys"]})])
    assert [each["ok"] for each in believed] == [True, True]
    assert refused(**later, transaction=answer["transaction"]) == "invalid_transaction_id"


def test_a_wrong_transaction_code_opens_nothing(wang: Holder) -> None:
    link, code = wang.offer()
    wrong = f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"
    assert refused(offer=link, tx_code=wrong, configuration=SD_JWT) == "invalid_grant"
    assert collect(offer=link, tx_code=code, configuration=SD_JWT)["credentials"]


def test_a_code_is_good_once(wang: Holder) -> None:
    """RFC 6749 4.1.2; the suite replays authorization codes only."""
    link, code = wang.offer()
    assert collect(offer=link, tx_code=code, configuration=SD_JWT)["credentials"]
    assert refused(offer=link, tx_code=code, configuration=SD_JWT) == "invalid_grant"


def test_a_wallet_that_the_holder_ended_collects_no_more(wang: Holder) -> None:
    link, code = wang.offer(SD_JWT)
    answer = collect(offer=link, tx_code=code, configuration=SD_JWT)
    _, shown, _ = wang.get(wang.page)
    newest = re.findall(r'href="(/permits/[^"]+/wallet/wlt_[^"]+/end)"', shown)[0]
    assert wang.send(newest)[0] == 302
    job = {"offer": link, "configuration": SD_JWT, "dpop_key": answer["dpop_key"]}
    assert refused(**job, token=answer["token"]) == "invalid_token"
    assert refused(**job, refresh=answer["refresh"]) == "invalid_grant"
    assert newest not in wang.get(wang.page)[1]


def believe_mdocs(server: Running, answer: dict[str, Any]) -> None:
    """Show each copy to @auth0/mdl, and see that every check of its passed."""
    address = f"{READER}/response"
    transcript = transcripts.openid4vp(client_id=READER, nonce=NONCE, response_uri=address, thumbprint=None)
    (root,), written = _roots(server), encode_base64url(transcript)
    asked = [
        {"response": encode_base64url(_device_response(text, jwk, transcript)), "transcript": written, "roots": [root]}
        for text, jwk in pairs(answer)
    ]  # fmt: skip
    checked = ask("check_mdoc.js", asked)
    assert len(checked) == len(asked) > 0
    for each in checked:
        assert "error" not in each, each
        assert each["checks"]
        assert [name for name, statuses in each["checks"].items() if set(statuses) != {"PASSED"}] == []
        (elements,) = each["elements"].values()
        assert elements["document_number"]


def pairs(answer: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    return list(zip(answer["credentials"], answer["keys"], strict=True))


def question(text: str, holder: dict[str, str]) -> dict[str, Any]:
    """Return a question to @sd-jwt/sd-jwt-vc: the copy shown by a key, checked with the certificate it carries."""
    shown = shown_sd_jwt(text, key_of(holder), audience=READER, nonce=NONCE)
    status = _status_list(_part(text, 1)["status"]["status_list"]["uri"])
    return {
        "credential": shown, "jwk": _signer_of(text), "nonce": NONCE, "status_list": status,
        "status_jwk": _signer_of(status),
    }  # fmt: skip


def _signer_of(token: str) -> dict[str, str]:
    """Return the key of the certificate that a token carries."""
    key = load_der_x509_certificate(b64decode(_part(token, 0)["x5c"][0])).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return jwk_of(key)


def _part(token: str, at: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(urlsafe_b64decode(token.split("~")[0].split(".")[at] + "=="))
    return found


def _status_list(uri: str) -> str:
    """Return the newest token of a status list; the worker signs the first one within seconds."""
    for _ in range(40):
        try:
            asked = Request(uri, headers={"Accept": "application/statuslist+jwt"})  # noqa: S310 our own server
            with urlopen(asked, timeout=10) as answer:  # noqa: S310
                return str(answer.read().decode())
        except HTTPError:
            time.sleep(0.25)
    raise AssertionError("no token of the status list")


def _device_response(text: str, holder: dict[str, str], transcript: bytes) -> bytes:
    signed = urlsafe_b64decode(text + "==")
    doctype = cbor2.loads(cbor2.loads(cbor2.loads(signed)["issuerAuth"][2]).value)["docType"]
    return shown_mdoc(signed, key_of(holder), transcript, doctype=doctype)


def _roots(server: Running) -> list[str]:
    """Return the authority's certificate in PEM, as the database keeps it."""
    with psycopg.connect(server.database) as connection:
        found = connection.execute("SELECT certificate FROM keys_authority WHERE state = 'active'").fetchall()
    return [load_der_x509_certificate(bytes(der)).public_bytes(Encoding.PEM).decode() for (der,) in found]
