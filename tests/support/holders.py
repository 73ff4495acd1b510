"""Holders that show credentials in tests: some of the disclosures, signed for one reader."""

import time
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from hashlib import sha256
from json import loads
from typing import Any

import cbor2

from tests.support.issuers import Key
from yizhengtong.credentials.formats.cose import PROTECTED_ES256, signed_bytes
from yizhengtong.credentials.formats.jose import sign_compact
from yizhengtong.credentials.formats.mdoc_reading import device_authentication
from yizhengtong.credentials.formats.strict import encode_base64url

_NO_NAMESPACES = cbor2.dumps({})


def opened(disclosure: str) -> list[Any]:
    """Return the salt, the name and the value that a disclosure discloses."""
    found: list[Any] = loads(urlsafe_b64decode(disclosure + "=="))
    return found


def only(text: str, names: Collection[str]) -> str:
    """Return an SD-JWT with the disclosures of these names, without a key binding."""
    token, *disclosures, _ = text.split("~")
    return "~".join([token, *(each for each in disclosures if opened(each)[1] in names), ""])


def shown_sd_jwt(
    text: str, holder: Key, *, audience: str = "https://reader.example", nonce: str = "n-0S6_WzA2Mj",
    at: int | None = None, typ: str = "kb+jwt",
    said: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """Return an SD-JWT with the holder's key binding; `said` replaces what it says."""
    claims = {
        "iat": int(time.time()) if at is None else at, "aud": audience, "nonce": nonce,
        "sd_hash": encode_base64url(sha256(text.encode()).digest()),
    }  # fmt: skip
    return text + sign_compact({"typ": typ}, {**claims, **(said or {})}, holder)


def shown_mdoc(
    issued: bytes, holder: Key, transcript: bytes, *, doctype: str, elements: Collection[str] | None = None
) -> bytes:
    """Return a DeviceResponse with one document, signed by the holder; `elements` None: all of them."""
    signed = cbor2.loads(issued)
    shown = {
        namespace: [item for item in items if elements is None or _name(item) in elements]
        for namespace, items in signed["nameSpaces"].items()
    }
    detached = device_authentication(doctype, _NO_NAMESPACES, transcript)
    signature = holder.sign(signed_bytes(PROTECTED_ES256, detached))
    document = {
        "docType": doctype,
        "issuerSigned": {"nameSpaces": shown, "issuerAuth": signed["issuerAuth"]},
        "deviceSigned": {
            "nameSpaces": cbor2.CBORTag(24, _NO_NAMESPACES),
            "deviceAuth": {"deviceSignature": [PROTECTED_ES256, {}, None, signature]},
        },
    }
    return cbor2.dumps({"version": "1.0", "documents": [document], "status": 0})


def _name(item: cbor2.CBORTag) -> str:
    return str(cbor2.loads(item.value)["elementIdentifier"])
