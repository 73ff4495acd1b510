"""An organisation with its keys, as a stranger's program would hold them: signs assertions and requests by itself."""

import json
import secrets
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.utils import timezone

from tests.support.mainland import a_credit_code
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.exchange.keys import ED25519, SigningKey, new_signing_key, signing_key_of
from yizhengtong.kernel.ids import public_id
from yizhengtong.verification.relying_parties.authenticating import KEY, PARTY, TAG
from yizhengtong.verification.relying_parties.keeping import register_certificate, register_jwk
from yizhengtong.verification.relying_parties.models import RelyingParty, RelyingPartyKey
from yizhengtong.verification.relying_parties.requests import Sent
from yizhengtong.verification.relying_parties.services import register_organisation

HERE = "https://permits.example/api/partner"
URI = f"{HERE}/checks"
BODY = b'{"purpose":"bank"}'
__all__ = ["BODY", "HERE", "URI", "Organisation", "an_account", "an_organisation", "assertion", "signed"]


@dataclass(frozen=True)
class Organisation:
    party: RelyingParty
    by: Principal

    @property
    def client_id(self) -> str:
        return public_id(PARTY, self.party.pk)

    def fresh(self) -> RelyingParty:
        return RelyingParty.objects.get(pk=self.party.pk)

    def approve(self, *purposes: str) -> None:
        """As a reviewer would have left it."""
        RelyingParty.objects.filter(pk=self.party.pk).update(state="approved", purposes=list(purposes))

    def with_jwk(
        self, key: SigningKey, *, environment: str = "test", proof: str | None = None, **changes: Any
    ) -> RelyingPartyKey:
        proven = assertion(self.client_id, key) if proof is None else proof
        return register_jwk(
            environment=environment, label="", jwk={**key.public_jwk(), **changes}, proof=proven, audience=HERE,
            by=self.by, at=timezone.now(),
        )  # fmt: skip

    def with_certificate(self, *, environment: str = "test", days: int = 30) -> tuple[RelyingPartyKey, str]:
        key, pem = a_certificate(days)
        kept = register_certificate(
            environment=environment, label="", pem=pem, proof=assertion(self.client_id, key), audience=HERE,
            by=self.by, at=timezone.now(),
        )  # fmt: skip
        return kept, pem


def an_account(name: str) -> Principal:
    """An account that nobody has used yet."""
    return Principal(PrincipalKind.RESIDENT, Account.objects.create(username=name).pk)


def an_organisation(name: str = "演示出行平台") -> Organisation:
    by = an_account(f"org-{secrets.token_hex(4)}")
    party = register_organisation(name=name, code=a_credit_code(), contact="0531-0000000", by=by)
    return Organisation(party, Principal(PrincipalKind.REPORTER, by.id))


def a_certificate(days: int = 30) -> tuple[SigningKey, str]:
    """A certificate somebody signed for themselves, on P-256."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "demo")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=60))
    pem = made.not_valid_after(now + timedelta(days=days)).sign(private, SHA256()).public_bytes(Encoding.PEM)
    found = SigningKey("", "ecdsa-p256-sha256", private)
    return signing_key_of(found.secret()), pem.decode()


def assertion(client_id: str, key: SigningKey, *, header: Any = None, **changes: Any) -> str:
    """A client assertion, written by hand; None leaves a member out."""
    now = timezone.now().timestamp()
    claims = {"iss": client_id, "sub": client_id, "aud": HERE, "exp": now + 200, "jti": secrets.token_hex(8), **changes}
    head = {"alg": "EdDSA" if key.algorithm == ED25519 else "ES256", "kid": key.id, **(header or {})}
    parts = [{name: value for name, value in part.items() if value is not None} for part in (head, claims)]
    text = ".".join(_url(json.dumps(part).encode()) for part in parts)
    return f"{text}.{_url(key.sign(text.encode()))}"


def signed(kept: RelyingPartyKey, key: SigningKey, *, body: bytes = BODY, **changes: Any) -> Sent:
    """A request signed by RFC 9421, written by hand. `changes`: components, parameters, or what is sent in the end."""
    created = int(timezone.now().timestamp())
    digest = f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"
    known = {
        "@method": "POST", "@target-uri": URI, "content-digest": digest, "content-type": "application/json",
    }  # fmt: skip
    covered = changes.get("covered", tuple(known))
    parameters = {
        "created": created, "expires": created + 200, "keyid": public_id(KEY, kept.pk), "nonce": secrets.token_hex(8),
        "tag": TAG, **changes.get("parameters", {}),
    }  # fmt: skip
    written = ";".join(f"{name}={value if isinstance(value, int) else json.dumps(value)}"
                       for name, value in parameters.items() if value is not None)  # fmt: skip
    components = f"({' '.join(json.dumps(name) for name in covered)});{written}"
    base = "\n".join([*(f'"{name}": {known[name]}' for name in covered), f'"@signature-params": {components}'])
    headers = {
        "content-type": "application/json", "content-digest": digest, "signature-input": f"sig={components}",
        "signature": f"sig=:{b64encode(key.sign(base.encode())).decode()}:", **changes.get("headers", {}),
    }  # fmt: skip
    sent_body = changes.get("sent_body", body)
    return Sent(changes.get("method", "POST"), changes.get("uri", URI), headers, lambda: sent_body)


def a_key(algorithm: str = ED25519) -> SigningKey:
    return new_signing_key(algorithm)


def _url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
