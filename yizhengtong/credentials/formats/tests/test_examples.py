"""The examples of OpenID4VP and OpenID4VCI 1.0 are read by our readers, as far as the examples are whole."""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.x509 import load_der_x509_certificate

from yizhengtong.credentials.formats.chains import certificates_of, checker_of_certificate, resolver
from yizhengtong.credentials.formats.jose import open_compact
from yizhengtong.credentials.formats.jwk import checker_of, thumbprint
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.sd_jwt_reading import Binding, disclosed, open_sd_jwt, take_apart
from yizhengtong.credentials.formats.strict import decode_base64url, read_object

FOLDER = Path(os.environ.get("YZT_VECTORS", "../shared/vectors"))
PRESENTED, ISSUED = FOLDER / "openid4vp/1.0/examples", FOLDER / "openid4vci/1.0/examples"


@pytest.fixture(autouse=True)
def _needs_the_examples() -> None:
    if PRESENTED.is_dir() and ISSUED.is_dir():
        return
    told = "not run: the examples are not there; YZT_VECTORS names their folder"
    pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)


def joined(path: Path) -> str:
    """Return a token that was broken into lines for print."""
    return re.sub(r"\s", "", path.read_text())


def answered(path: Path) -> str:
    """Return the credential of an example of an HTTP answer, its line breaks taken out."""
    found = re.search(r'"credential": "([^"]*)"', path.read_text())
    assert found is not None
    return re.sub(r"\s", "", found.group(1))


def test_the_example_of_an_sd_jwt_with_key_binding_is_opened_whole() -> None:
    folder = PRESENTED / "sd_jwt_vcld"
    keys = yaml.safe_load((folder / "settings.yml").read_text())["key_settings"]
    issuer = checker_of({name: keys["issuer_keys"][0][name] for name in ("kty", "crv", "x", "y")})
    text = joined(folder / "01/sd_jwt_presentation.txt")
    bound = json.loads((folder / "01/kb_jwt_payload.json").read_text())
    opened = open_sd_jwt(
        text, lambda _: issuer, now=bound["iat"], vct="https://credentials.example.com/example_credential",
        binding=Binding(bound["aud"], bound["nonce"]),
    )  # fmt: skip
    verified = json.loads((folder / "01/verified_contents.json").read_text())
    assert {name: value for name, value in opened.claims.items() if name in verified} == verified
    everything = open_sd_jwt(joined(folder / "01/sd_jwt_issuance.txt"), lambda _: issuer, now=bound["iat"])
    assert everything.disclosed >= opened.disclosed


def test_the_example_with_key_binding_is_of_another_reader_to_others() -> None:
    folder = PRESENTED / "sd_jwt_vcld"
    keys = yaml.safe_load((folder / "settings.yml").read_text())["key_settings"]
    issuer = checker_of({name: keys["issuer_keys"][0][name] for name in ("kty", "crv", "x", "y")})
    bound = json.loads((folder / "01/kb_jwt_payload.json").read_text())
    with pytest.raises(FormatProblem, match="key_binding_wrong_nonce"):
        open_sd_jwt(
            joined(folder / "01/sd_jwt_presentation.txt"), lambda _: issuer, now=bound["iat"],
            binding=Binding(bound["aud"], "other"),
        )  # fmt: skip


def test_the_example_of_a_credential_response_is_taken_apart_and_its_disclosures_belong() -> None:
    parts = take_apart(answered(ISSUED / "credential_response_sd_jwt_vc.txt"))
    header, payload = (read_object(decode_base64url(each, "x"), "x") for each in parts.token.split(".")[:2])
    assert header["typ"] == "dc+sd-jwt"
    whole = tuple(each for each in parts.disclosures if _is_whole(each))
    assert whole
    claims = disclosed(payload, whole)
    assert claims["vct"] == "https://credentials.example.com/identity_credential"
    assert claims["given_name"] == "John"


def _is_whole(disclosure: str) -> bool:
    try:
        read_object(b'{"x":' + decode_base64url(disclosure, "x") + b"}", "x")
    except FormatProblem:
        return False
    return True


def test_the_example_payload_hides_what_the_example_says() -> None:
    payload = json.loads((PRESENTED / "credentials/sd_jwt_vc.json").read_text())
    claims = disclosed(payload, ())
    assert claims["vct"] == json.loads((PRESENTED / "credentials/sd_jwt_vc_unsecured.json").read_text())["vct"]
    assert "_sd" not in claims


@pytest.mark.parametrize(
    ("name", "typ", "on"),
    [
        ("wallet_attestation.jwt.txt", "oauth-client-attestation+jwt", datetime(2025, 8, 13, tzinfo=UTC)),
        (
            "credential_issuer_metadata_sd_jwt_jwt.txt", "openidvci-issuer-metadata+jwt",
            datetime(2025, 8, 13, tzinfo=UTC),
        ),
    ],
)  # fmt: skip
def test_the_signed_examples_are_opened_by_the_keys_of_their_certificates(name: str, typ: str, on: datetime) -> None:
    token = joined(ISSUED / name)

    def of_certificate(header: Any) -> Any:
        return checker_of_certificate(load_der_x509_certificate(certificates_of(header)[0]))

    header, _ = open_compact(token, of_certificate, typ=typ)
    with pytest.raises(FormatProblem, match=r"chain\.wrong_use"):  # the examples' certificates sign themselves
        resolver([certificates_of(header)[0]], at=on)(header)


def test_the_published_key_has_the_thumbprint_it_is_named_by() -> None:
    (jwk,) = json.loads((ISSUED / "issuer_jwks.json").read_text(), strict=False)["jwks"]["keys"]
    assert re.sub(r"\s", "", jwk["kid"]).endswith(f":{thumbprint(jwk)}")
