"""The keys of the deployment itself: strangers believe what they sign, and SM2 is for readers of SM2 alone."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from openvc.errors import OpenvcError
from openvc.mdoc import verify_device_response
from openvc.proof.sd_jwt import SdJwtVcProofSuite

from tests.wallets.strangers import ask, needs
from tests.wallets.test_formats import (
    DOCTYPE,
    ELEMENTS,
    HOLDER,
    NAMESPACE,
    NONCE,
    NOW,
    SIGNER,
    TRANSCRIPT,
    failed,
    issued,
    question,
    shown,
    shown_by,
)
from yizhengtong.credentials.catalogue.metadata import type_metadata
from yizhengtong.credentials.catalogue.queries import credential_types
from yizhengtong.credentials.formats import mdoc
from yizhengtong.credentials.formats.mdoc_reading import open_device_response
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.sd_jwt_reading import open_sd_jwt
from yizhengtong.credentials.keys import publication, sm2
from yizhengtong.credentials.keys.queries import Use, published_jwks, signer


@pytest.mark.django_db
def test_what_the_deployments_own_keys_sign_is_believed_by_all() -> None:
    """The keys, certificates and roots as they are published, the type as it is told."""
    needs("@auth0/mdl")
    kind = credential_types()["zhejiang_permit_sd_jwt"]
    text = issued(signer(Use.SD_JWT), vct=kind.vct)
    (jwk,) = published_jwks(Use.SD_JWT)
    asked = {
        "credential": shown(text), "jwk": jwk, "nonce": NONCE, "now": NOW,
        "type_metadata": {kind.vct: type_metadata(kind)},
    }  # fmt: skip
    (found,) = ask("check_sd_jwt.js", [asked])
    assert (found["ok"], found.get("types")) == (True, ["zh-Hans", "zh-Hant-HK", "zh-Hant-TW", "en"]), found
    by, roots = signer(Use.MDOC), [root.certificate for root in publication.roots()]
    at = datetime.now(UTC)  # not when this module was read: the certificate begins with its key
    begins = x509.load_der_x509_certificate(by.certificates[0]).not_valid_before_utc
    data = mdoc.issue(
        {NAMESPACE: ELEMENTS}, doctype=DOCTYPE, signer=by, device_key_jwk=HOLDER.jwk, signed_at=begins,
        valid_from=begins, valid_until=at + timedelta(days=1),
    )  # fmt: skip
    response = shown_by(HOLDER, data)
    ours = open_device_response(response, roots, at=at, doctype=DOCTYPE, transcript=TRANSCRIPT)
    assert ours.elements[NAMESPACE]["name"] == "姚小明"
    (theirs,) = ask("check_mdoc.js", [question(response, roots)])
    assert failed(theirs) == set(), theirs
    anchors = [x509.load_der_x509_certificate(root) for root in roots]
    (openvc,) = verify_device_response(response, trust_anchors=anchors, session_transcript=TRANSCRIPT, now=at)
    assert openvc.elements(NAMESPACE)["name"] == "姚小明"


def test_a_credential_signed_by_sm2_is_for_readers_of_sm2_alone() -> None:
    needs("@sd-jwt/sd-jwt-vc")
    national = sm2.new_signer()
    text = issued(national)
    assert open_sd_jwt(text, {national.key_id: sm2.checker_of(national.public_jwk)}, now=NOW).claims["name"] == "姚小明"
    with pytest.raises(FormatProblem, match=r"jose\.algorithm_refused"):
        open_sd_jwt(text, {national.key_id: SIGNER.checker}, now=NOW)
    with pytest.raises((OpenvcError, ValueError)):
        SdJwtVcProofSuite().verify(text, public_key_jwk=SIGNER.jwk)
    (answer,) = ask("check_sd_jwt.js", [{"credential": text, "jwk": SIGNER.jwk, "now": NOW}])
    assert answer["ok"] is False
