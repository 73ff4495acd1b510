"""Time stamps: asked for where an authority is named, and done without where it does not answer."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from asn1crypto import keys as asn1_keys  # type: ignore[import-untyped]
from asn1crypto import tsp, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

from yizhengtong.credentials.papers import stamping
from yizhengtong.credentials.papers.rendering import render
from yizhengtong.credentials.papers.tests.chain import Chain, a_chain
from yizhengtong.credentials.papers.tests.test_pades import AUTHORITY, SHEET, _signer_of, judged
from yizhengtong.kernel.outbound import OutboundProblem

DAY = timedelta(days=1)


class Authority:
    """A time-stamp authority in this process, in the place of the service that is asked."""

    def __init__(self, answers: Any = None) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = certificates.Name([certificates.NameAttribute(NameOID.COMMON_NAME, "stamps")])
        now = datetime.now(UTC)
        own = (
            certificates.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(7).not_valid_before(now - DAY).not_valid_after(now + DAY)
            .add_extension(certificates.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self._made = DummyTimeStamper(
            x509.Certificate.load(own.public_bytes(Encoding.DER)), asn1_keys.PrivateKeyInfo.load(secret)
        )
        self._answers, self.asked = answers, []  # type: ignore[var-annotated]

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> SimpleNamespace:
        self.asked.append((method, path, headers["Content-Type"]))
        if self._answers is not None:
            return self._answers()  # type: ignore[no-any-return]
        return SimpleNamespace(status=200, body=self._made.request_tsa_response(tsp.TimeStampReq.load(body)).dump())


@pytest.fixture(scope="module")
def chain() -> Chain:
    return a_chain()


def signed_with(chain: Chain, authority: Authority, settings: Any, monkeypatch: pytest.MonkeyPatch) -> bytes:
    settings.YZT_TIME_STAMPS = "https://stamps.example/tsa"
    monkeypatch.setattr(stamping, "_authority", lambda *_: authority)
    return render(SHEET.as_values(), signer=chain.signer, authority=AUTHORITY)


def is_stamped(content: bytes) -> bool:
    found = _signer_of(content)["unsigned_attrs"].native or []
    return "signature_time_stamp_token" in [each["type"] for each in found]


def test_without_an_authority_nobody_is_asked(chain: Chain, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.YZT_TIME_STAMPS = ""
    monkeypatch.setattr(stamping, "_authority", lambda *_: pytest.fail("asked"))
    assert not is_stamped(render(SHEET.as_values(), signer=chain.signer, authority=AUTHORITY))


def test_with_one_the_signature_bears_its_stamp(chain: Chain, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority()
    content = signed_with(chain, authority, settings, monkeypatch)
    assert authority.asked == [("POST", "", "application/timestamp-query")]
    assert is_stamped(content)
    found = judged(content, chain.root_der)
    assert found.intact
    assert found.valid
    assert found.timestamp_validity is not None
    assert found.timestamp_validity.valid


def silent() -> SimpleNamespace:
    raise OutboundProblem("no answer")


@pytest.mark.parametrize(
    "answer",
    [silent, lambda: SimpleNamespace(status=503, body=b""), lambda: SimpleNamespace(status=200, body=b"nonsense"),
     lambda: SimpleNamespace(status=200, body=bytes.fromhex("30053003020102"))],
)  # fmt: skip
def test_one_that_does_not_answer_with_a_stamp_leaves_a_good_signature_without(
    chain: Chain, settings: Any, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    content = signed_with(chain, Authority(answer), settings, monkeypatch)
    assert not is_stamped(content)
    assert judged(content, chain.root_der).bottom_line
