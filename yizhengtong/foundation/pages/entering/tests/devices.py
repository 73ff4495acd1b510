"""A passkey device as a browser would have it, in software: keys on P-256, no attestation."""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor

_PRESENT, _VERIFIED, _HAS_KEY = 1, 4, 64


def text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Device:
    """One passkey. `origin` is where the page lies; `checks_who`: a fingerprint or the like is asked."""

    origin: str = "https://testserver"
    site: str = "testserver"
    checks_who: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: os.urandom(32))
    user: str = ""

    def create(self, options: dict[str, Any]) -> str:
        """Answer what `navigator.credentials.create` is asked."""
        asked = options["publicKey"]
        self.user = asked["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        made = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor.encode(public)
        told = cbor.encode({"fmt": "none", "attStmt": {}, "authData": self._data(_HAS_KEY) + made})
        said = self._said("webauthn.create", asked["challenge"])
        return self._sent({"clientDataJSON": text(said), "attestationObject": text(told)}, {"credProps": {"rk": True}})

    def get(self, options: dict[str, Any]) -> str:
        """Answer what `navigator.credentials.get` is asked."""
        data, said = self._data(0), self._said("webauthn.get", options["publicKey"]["challenge"])
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": text(said),
            "authenticatorData": text(data),
            "signature": text(signature),
            "userHandle": self.user,
        }
        return self._sent(response, {})

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.checks_who else 0)
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + (0).to_bytes(4)

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _sent(self, response: dict[str, str], extensions: dict[str, Any]) -> str:
        known = {"id": text(self.id), "rawId": text(self.id), "type": "public-key"}
        return json.dumps({**known, "response": response, "clientExtensionResults": extensions})
