"""Strangers check what we issue, and catch what was forged; where they do not, that is said beside the case.

@sd-jwt/sd-jwt-vc and @auth0/mdl in Node, openvc-core in Python.
"""

import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import cbor2
import pytest
from cryptography import x509
from openvc.errors import OpenvcError
from openvc.keys import P256SigningKey
from openvc.mdoc import verify_device_response
from openvc.proof.sd_jwt import SdJwtVcProofSuite

from tests.support.holders import only, shown_mdoc, shown_sd_jwt
from tests.support.issuers import Authority, Key
from tests.wallets.strangers import ask, needs
from yizhengtong.credentials.formats import mdoc, sd_jwt, transcripts
from yizhengtong.credentials.formats.jose import sign_compact
from yizhengtong.credentials.formats.jwk import checker_of
from yizhengtong.credentials.formats.mdoc_reading import open_device_response
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.sd_jwt_reading import Binding, open_sd_jwt, take_apart
from yizhengtong.credentials.formats.signing import Signer
from yizhengtong.credentials.formats.strict import encode_base64url, write_json

NOW = int(time.time())
AT = datetime.fromtimestamp(NOW, UTC)
DAY = 86_400
VCT, ISSUER, READER, NONCE = (
    "https://issuer.example/t/1",
    "https://issuer.example",
    "https://reader.example",
    "n-0S6_WzA2Mj",
)
CLAIMS = {"name": "姚小明", "region": "330381", "age_equal_or_over": {"18": True, "60": False}}
DISCLOSABLE = ("name", "region", ("age_equal_or_over", "18"), ("age_equal_or_over", "60"))
SIGNER, HOLDER, STRANGER = Key(), Key(key_id="holder"), Key()
DOCTYPE, NAMESPACE = "cn.yizhengtong.zhejiang_permit.1", "cn.yizhengtong.residence_permit.1"
ELEMENTS = {"name": "姚小明", "birth_date": date(1980, 5, 6), "age_over_18": True, "portrait": b"\xff\xd8" * 50}
AUTHORITY = Authority()


def issued(signer: Signer = SIGNER, **changes: Any) -> str:
    given: dict[str, Any] = {
        "vct": VCT, "issuer": ISSUER, "signer": signer, "holder_jwk": HOLDER.jwk, "iat": NOW, "exp": NOW + DAY,
    }  # fmt: skip
    return sd_jwt.issue(CLAIMS, DISCLOSABLE, **{**given, **changes})


def shown(text: str | None = None, holder: Key = HOLDER, **how: Any) -> str:
    return shown_sd_jwt(text or issued(), holder, audience=READER, nonce=NONCE, **{"at": NOW, **how})


def signed(payload: Mapping[str, Any], *disclosures: str, **header: Any) -> str:
    """Return what an issuer that goes wrong might sign, shown by its holder."""
    claims = {"iss": ISSUER, "vct": VCT, "iat": NOW, "exp": NOW + DAY, "cnf": {"jwk": HOLDER.jwk}, **payload}
    return shown("~".join([sign_compact({"typ": "dc+sd-jwt", **header}, claims, SIGNER), *disclosures, ""]))


def hidden(*parts: Any) -> tuple[str, str]:
    """Return a disclosure and its digest."""
    text = encode_base64url(write_json({"": list(parts)})[4:-1])
    return text, encode_base64url(sha256(text.encode()).digest())


def changed(text: str, part: int) -> str:
    """Return a token with one letter of its header, payload or signature changed."""
    token, _, rest = text.partition("~")
    parts = token.split(".")
    middle = len(parts[part]) // 2
    parts[part] = parts[part][:middle] + ("A" if parts[part][middle] != "A" else "B") + parts[part][middle + 1 :]
    return f"{'.'.join(parts)}~{rest}"


def with_header(text: str, **header: Any) -> str:
    token, _, rest = text.partition("~")
    _, payload, signature = token.split(".")
    said = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": SIGNER.key_id, **header}
    return f"{encode_base64url(write_json(said))}.{payload}.{signature}~{rest}"


@dataclass(frozen=True)
class Forged:
    """A credential that must not pass, and whether the npm verifier notices. We do, and so does openvc-core."""

    text: str
    npm: bool = True


_EXTRA, _EXTRA_DIGEST = hidden("salt", "name", "李四")
_RESERVED, _RESERVED_DIGEST = hidden("salt", "_sd", [])
_OPEN, _OPEN_DIGEST = hidden("salt", "region", "110000")
_STATUS, _STATUS_DIGEST = hidden("salt", "nbf", 0)


def forged_sd_jwts() -> dict[str, Forged]:
    """Return every case by name."""
    text = issued()
    first, binding = take_apart(text).disclosures[0], shown(text).rpartition("~")[2]
    return {
        "header touched": Forged(shown(changed(text, 0))),
        "payload touched": Forged(shown(changed(text, 1))),
        "signature touched": Forged(shown(changed(text, 2))),
        "disclosure touched": Forged(shown(text.replace(first, first[:-4] + "AAAA"))),
        "cut in the token": Forged(text[:200]),
        "cut in the binding": Forged(shown(text)[:-20]),
        "signed by another key": Forged(shown(issued(replace(STRANGER, key_id=SIGNER.key_id)))),
        "expired": Forged(shown(issued(iat=NOW - 7200, exp=NOW - 3600))),
        "not yet valid": Forged(shown(issued(nbf=NOW + DAY))),
        "issued in the future": Forged(shown(issued(iat=NOW + DAY))),
        "shown by another holder": Forged(shown(text, replace(STRANGER, key_id="holder"))),
        "without the holder": Forged(text),
        "for another request": Forged(shown_sd_jwt(text, HOLDER, audience=READER, nonce="other", at=NOW)),
        # The npm verifier never looks at the audience: whoever uses it must.
        "for another reader": Forged(
            shown_sd_jwt(text, HOLDER, audience="https://other", nonce=NONCE, at=NOW), npm=False
        ),
        # Nor at how old the holder's signature is.
        "shown long ago": Forged(shown(at=NOW - 3000), npm=False),
        "more than the holder signed for": Forged(only(text, {"name", "18"}) + binding),
        "a digest twice": Forged(signed({"_sd": [_EXTRA_DIGEST] * 2}, _EXTRA), npm=False),
        "a disclosure twice": Forged(shown(f"{text}{first}~"), npm=False),
        "a disclosure of another credential": Forged(shown(f"{text}{take_apart(issued()).disclosures[0]}~"), npm=False),
        "a disclosure nobody signed": Forged(shown(f"{text}{_EXTRA}~"), npm=False),
        "a reserved name disclosed": Forged(signed({"_sd": [_RESERVED_DIGEST]}, _RESERVED), npm=False),
        "a claim that stands in the open disclosed": Forged(
            signed({"region": "330381", "_sd": [_OPEN_DIGEST]}, _OPEN), npm=False
        ),
        "a claim disclosed that must be open": Forged(signed({"_sd": [_STATUS_DIGEST]}, _STATUS), npm=False),
        "alg none": Forged(shown(with_header(text, alg="none"))),
        "alg none, no signature": Forged(shown(with_header(text, alg="none").replace(_signature(text), ""))),
        "alg HS256": Forged(shown(with_header(text, alg="HS256"))),
        # The header is signed here: only a verifier that reads `typ` notices.
        "another typ, signed": Forged(signed({}, typ="JWT"), npm=False),
        "a binding of another typ": Forged(shown(text, typ="JWT")),
        "without vct": Forged(signed({"vct": None}), npm=False),
    }  # fmt: skip


def _signature(text: str) -> str:
    return text.partition("~")[0].split(".")[2]


FORGED_SD_JWTS = forged_sd_jwts()


def ours_opens(text: str) -> Mapping[str, Any]:
    binding = Binding(READER, NONCE)
    return open_sd_jwt(text, SIGNER.checkers, now=NOW, vct=VCT, issuer=ISSUER, binding=binding).claims


def openvc_opens(text: str) -> Mapping[str, Any]:
    return (
        SdJwtVcProofSuite()
        .verify(
            text,
            public_key_jwk=SIGNER.jwk,
            audience=READER,
            nonce=NONCE,
            require_key_binding=True,
            expected_vct=VCT,
            now=AT,
        )
        .claims
    )


@pytest.fixture(scope="module")
def npm_answers() -> dict[str, dict[str, Any]]:
    """What the npm verifier says of every case, asked once."""
    needs("@sd-jwt/sd-jwt-vc")
    texts = {"good": shown(), "little": shown(only(issued(), {"18"})), **{k: v.text for k, v in FORGED_SD_JWTS.items()}}
    asked = [{"credential": text, "jwk": SIGNER.jwk, "nonce": NONCE, "now": NOW} for text in texts.values()]
    return dict(zip(texts, ask("check_sd_jwt.js", asked), strict=True))


def test_the_npm_verifier_reads_what_we_issue(npm_answers: dict[str, dict[str, Any]]) -> None:
    good, little = npm_answers["good"], npm_answers["little"]
    assert good["ok"], good
    assert {name: good["claims"][name] for name in CLAIMS} == CLAIMS
    assert (good["bound_to"]["aud"], good["bound_to"]["nonce"]) == (READER, NONCE)
    assert little["ok"]
    assert little["claims"]["age_equal_or_over"] == {"18": True}
    assert "name" not in little["claims"]


@pytest.mark.parametrize("case", FORGED_SD_JWTS)
def test_we_catch_every_forged_sd_jwt(case: str) -> None:
    with pytest.raises(FormatProblem):
        ours_opens(FORGED_SD_JWTS[case].text)


@pytest.mark.parametrize("case", FORGED_SD_JWTS)
def test_the_npm_verifier_catches_what_it_is_said_to_catch(case: str, npm_answers: dict[str, dict[str, Any]]) -> None:
    assert npm_answers[case]["ok"] is not FORGED_SD_JWTS[case].npm, npm_answers[case]


@pytest.mark.parametrize("case", FORGED_SD_JWTS)
def test_openvc_catches_every_forged_sd_jwt(case: str) -> None:
    with pytest.raises((OpenvcError, ValueError)):
        openvc_opens(FORGED_SD_JWTS[case].text)


def test_openvc_reads_what_we_issue_and_we_read_what_it_issues() -> None:
    assert ours_opens(shown())["name"] == openvc_opens(shown())["name"] == "姚小明"
    theirs, holder = P256SigningKey.generate("their-key"), P256SigningKey.generate("their-holder")
    text = SdJwtVcProofSuite().issue(
        {"iss": ISSUER, "name": "王小明", "region": "HK"}, signing_key=theirs, disclosable=["name", "region"],
        holder_jwk=holder.public_jwk(), vct=VCT, expires_in_s=60, decoys=3,
    )  # fmt: skip
    presented = SdJwtVcProofSuite().create_presentation(text, holder_key=holder, audience=READER, nonce=NONCE)
    checkers = {"their-key": checker_of(theirs.public_jwk())}
    found = open_sd_jwt(presented, checkers, now=int(time.time()), vct=VCT, binding=Binding(READER, NONCE))
    assert (found.claims["name"], found.claims["region"]) == ("王小明", "HK")


TRANSCRIPT = transcripts.openid4vp(
    client_id=f"x509_san_dns:{READER}", nonce=NONCE, response_uri=f"{READER}/answer", thumbprint=None
)


def issued_mdoc(signer: Signer | None = None, **changes: Any) -> bytes:
    given: dict[str, Any] = {
        "doctype": DOCTYPE, "signer": signer or AUTHORITY.signer(), "device_key_jwk": HOLDER.jwk, "signed_at": AT,
        "valid_from": AT, "valid_until": AT + timedelta(days=14),
        "status": {"status_list": {"idx": 412, "uri": "https://issuer.example/status/7"}},
    }  # fmt: skip
    return mdoc.issue({NAMESPACE: ELEMENTS}, **{**given, **changes})


def shown_by(holder: Key, data: bytes | None = None, transcript: bytes = TRANSCRIPT) -> bytes:
    return shown_mdoc(data or issued_mdoc(), holder, transcript, doctype=DOCTYPE)


def touched(part: str) -> bytes:
    """Return an answer with one part changed."""
    whole = cbor2.loads(shown_by(HOLDER))
    issuer = whole["documents"][0]["issuerSigned"]
    if part == "signature":
        issuer["issuerAuth"][3] = bytes([issuer["issuerAuth"][3][0] ^ 1]) + issuer["issuerAuth"][3][1:]
    elif part == "payload":
        issuer["issuerAuth"][2] = issuer["issuerAuth"][2].replace(DOCTYPE.encode(), DOCTYPE.replace("1", "2").encode())
    elif part == "value":
        item = cbor2.loads(issuer["nameSpaces"][NAMESPACE][0].value)
        issuer["nameSpaces"][NAMESPACE][0] = cbor2.CBORTag(24, cbor2.dumps({**item, "elementValue": "李四"}))
    elif part == "borrowed":
        issuer["nameSpaces"][NAMESPACE][0] = cbor2.loads(issued_mdoc())["nameSpaces"][NAMESPACE][0]
    elif part == "doctype":
        whole["documents"][0]["docType"] = "org.iso.18013.5.1.mDL"
    elif part == "algorithm":
        issuer["issuerAuth"][0] = cbor2.dumps({1: -8})
    return cbor2.dumps(whole)


ISSUER_SIGNATURE, CERTIFICATE = "ISSUER_SIGNATURE_VALIDITY", "ISSUER_CERTIFICATE_VALIDITY"
VALIDITY, DEVICE, DIGEST = "MSO_VALIDITY_AT_VERIFICATION_TIME", "DEVICE_SIGNATURE_VALIDITY", "ATTRIBUTE_DIGEST_MATCH"
SIGNED_DATE = "MSO_SIGNED_DATE_WITHIN_CERTIFICATE_VALIDITY"


@dataclass(frozen=True)
class ForgedMdoc:
    """An answer that must not pass; which check of @auth0/mdl fails, `error` where it throws, `""` where none does."""

    answer: bytes
    npm: str


def forged_mdocs() -> dict[str, ForgedMdoc]:
    """Return every case by name."""
    past: dict[str, Any] = {"signed_at": AT - timedelta(hours=20), "valid_from": AT - timedelta(hours=20)}
    good = shown_by(HOLDER)
    other = transcripts.openid4vp(
        client_id=f"x509_san_dns:{READER}", nonce="other", response_uri=f"{READER}/answer", thumbprint=None
    )
    return {
        "signature touched": ForgedMdoc(touched("signature"), ISSUER_SIGNATURE),
        "payload touched": ForgedMdoc(touched("payload"), "error"),
        "value touched": ForgedMdoc(touched("value"), DIGEST),
        "element borrowed": ForgedMdoc(touched("borrowed"), DIGEST),
        "another doctype outside": ForgedMdoc(touched("doctype"), "error"),
        "another algorithm named": ForgedMdoc(touched("algorithm"), "error"),
        "cut": ForgedMdoc(good[:-30], "error"),
        "another authority": ForgedMdoc(shown_by(HOLDER, issued_mdoc(Authority().signer())), CERTIFICATE),
        "another key under the certificate": ForgedMdoc(
            shown_by(HOLDER, issued_mdoc(replace(Key(), certificates=AUTHORITY.signer().certificates))),
            ISSUER_SIGNATURE,
        ),
        "expired": ForgedMdoc(
            shown_by(HOLDER, issued_mdoc(**past, valid_until=AT - timedelta(hours=1))), VALIDITY
        ),
        "future-dated": ForgedMdoc(shown_by(HOLDER, issued_mdoc(valid_from=AT + timedelta(days=1))), VALIDITY),
        "signed before its certificate": ForgedMdoc(
            shown_by(HOLDER, issued_mdoc(signed_at=AT - timedelta(days=5))), SIGNED_DATE
        ),
        "another device": ForgedMdoc(shown_by(Key()), DEVICE),
        "another session": ForgedMdoc(shown_by(HOLDER, transcript=other), DEVICE),
    }  # fmt: skip


FORGED_MDOCS = forged_mdocs()


@pytest.fixture(scope="module")
def mdl_answers() -> dict[str, dict[str, Any]]:
    """What the npm verifier says of every case, asked once."""
    needs("@auth0/mdl")
    answers = {"good": shown_by(HOLDER), **{name: case.answer for name, case in FORGED_MDOCS.items()}}
    asked = [question(each, [AUTHORITY.root]) for each in answers.values()]
    return dict(zip(answers, ask("check_mdoc.js", asked), strict=True))


def question(answer: bytes, roots: Sequence[bytes]) -> dict[str, Any]:
    """Return what the npm verifier is asked of an answer."""
    return {
        "response": encode_base64url(answer), "transcript": encode_base64url(TRANSCRIPT),
        "roots": [ssl.DER_cert_to_PEM_cert(root) for root in roots],
    }  # fmt: skip


def failed(answer: dict[str, Any]) -> set[str]:
    return {name for name, statuses in answer["checks"].items() if set(statuses) != {"PASSED"}}


def test_mdl_passes_every_check_of_what_we_issue(mdl_answers: dict[str, dict[str, Any]]) -> None:
    good = mdl_answers["good"]
    assert "error" not in good, good
    assert failed(good) == set(), good["checks"]
    assert {ISSUER_SIGNATURE, CERTIFICATE, VALIDITY, DEVICE, DIGEST, SIGNED_DATE} <= good["checks"].keys()
    assert len(good["checks"][DIGEST]) == len(ELEMENTS)
    elements = good["elements"][NAMESPACE]
    assert (elements["name"], elements["age_over_18"]) == ("姚小明", True)
    assert "1980-05-06" in str(elements["birth_date"])


@pytest.mark.parametrize("case", FORGED_MDOCS)
def test_mdl_catches_every_forged_mdoc(case: str, mdl_answers: dict[str, dict[str, Any]]) -> None:
    answer, expected = mdl_answers[case], FORGED_MDOCS[case].npm
    assert ("error" in answer) if expected == "error" else (expected in failed(answer)), answer


@pytest.mark.parametrize("case", FORGED_MDOCS)
def test_we_catch_every_forged_mdoc(case: str) -> None:
    with pytest.raises(FormatProblem):
        open_device_response(FORGED_MDOCS[case].answer, [AUTHORITY.root], at=AT, doctype=DOCTYPE, transcript=TRANSCRIPT)


@pytest.mark.parametrize("case", FORGED_MDOCS)
def test_openvc_catches_every_forged_mdoc(case: str) -> None:
    with pytest.raises(OpenvcError):
        openvc_opens_mdoc(FORGED_MDOCS[case].answer)


def openvc_opens_mdoc(answer: bytes) -> Mapping[str, Any]:
    roots = [x509.load_der_x509_certificate(AUTHORITY.root)]
    (found,) = verify_device_response(
        answer, trust_anchors=roots, session_transcript=TRANSCRIPT, now=AT, expected_doc_type=DOCTYPE
    )
    return found.elements(NAMESPACE)


def test_openvc_and_we_read_the_same_of_an_mdoc() -> None:
    theirs = openvc_opens_mdoc(shown_by(HOLDER))
    ours = open_device_response(
        shown_by(HOLDER), [AUTHORITY.root], at=AT, doctype=DOCTYPE, transcript=TRANSCRIPT
    ).elements[NAMESPACE]  # fmt: skip
    assert (theirs["name"], theirs["age_over_18"]) == (ours["name"], ours["age_over_18"]) == ("姚小明", True)
