"""Credentials written and read on one core, beside what is signed alone: ECDSA over P-256 by the same library."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks.figures import Figure, middle
from yizhengtong.credentials.formats import mdoc, sd_jwt
from yizhengtong.credentials.formats.jwk import ES256Checker, jwk_of
from yizhengtong.credentials.formats.sd_jwt_reading import open_sd_jwt
from yizhengtong.credentials.formats.signing import ES256

TARGET_SD_JWT_RATIO, TARGET_MDOC_RATIO = 0.4, 0.25
_ROUNDS, _ROUND_SECONDS, _BATCH = 15, 0.15, 50
_DISCLOSURES = 8
_NOW = datetime(2026, 11, 21, tzinfo=UTC)
_HASH = ec.ECDSA(SHA256())
_CERTIFICATE_BYTES = 600


@dataclass(frozen=True, slots=True)
class _Signer:
    """A key in memory; its certificate is as long as a real one, and nobody reads it here."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    certificates: tuple[bytes, ...] = (b"\x30" * _CERTIFICATE_BYTES,)
    key_id: str = "bench"
    algorithm: str = ES256

    @property
    def public_jwk(self) -> dict[str, str]:
        return jwk_of(self.private.public_key())

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self.private.sign(data, _HASH))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def measure() -> Iterator[Figure]:
    """Yield the figures of the two formats."""
    signer, holder = _Signer(), _Signer().public_jwk
    claims = {f"claim_{n}": f"浙江省瑞安市某街道{n}号" for n in range(_DISCLOSURES)}
    status = {"status_list": {"idx": 4_123_456, "uri": "https://permits.example/status-lists/7"}}
    begun = int(_NOW.timestamp())

    def sd_jwt_once() -> str:
        return sd_jwt.issue(
            claims, tuple(claims), vct="https://permits.example/credentials/types/zhejiang-permit/1",
            issuer="https://permits.example", signer=signer, holder_jwk=holder, iat=begun, exp=begun + 86_400,
            status=status,
        )  # fmt: skip

    def mdoc_once() -> bytes:
        return mdoc.issue(
            {"cn.yizhengtong.residence_permit.1": claims}, doctype="cn.yizhengtong.zhejiang_permit.1", signer=signer,
            device_key_jwk=holder, signed_at=_NOW, valid_from=_NOW, valid_until=_NOW + timedelta(days=14),
            status=status,
        )  # fmt: skip

    signed = b"x" * len(sd_jwt_once().partition("~")[0])
    text, checkers = sd_jwt_once(), {signer.key_id: ES256Checker(signer.key_id, signer.private.public_key())}
    rates = _rates(
        {
            "sign": lambda: signer.private.sign(signed, _HASH),
            "sd_jwt": sd_jwt_once,
            "mdoc": mdoc_once,
            "sd_jwt_read": lambda: open_sd_jwt(text, checkers, now=begun),
        }
    )
    limit = middle(rates["sign"])
    for name, target in (("sd_jwt", TARGET_SD_JWT_RATIO), ("mdoc", TARGET_MDOC_RATIO)):
        yield Figure(f"{name}_per_second", middle(rates[name]), "1/s", limit)
        shares = [one / beside for one, beside in zip(rates[name], rates["sign"], strict=True)]
        yield Figure(f"{name}_ratio", middle(shares), "of signing alone", target=target)
    yield Figure("sd_jwt_read_per_second", middle(rates["sd_jwt_read"]), "1/s", limit)


def _rates(works: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Return how often each work is done in a second of CPU time, in alternate rounds."""
    rates: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(_ROUNDS):
        for name, work in works.items():
            rates[name].append(_rate(work))
    return rates


def _rate(work: Callable[[], object]) -> float:
    done, begun = 0, time.thread_time()
    while (spent := time.thread_time() - begun) < _ROUND_SECONDS:
        for _ in range(_BATCH):
            work()
        done += _BATCH
    return done / spent
