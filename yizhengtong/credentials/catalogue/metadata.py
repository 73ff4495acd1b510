"""Type Metadata of SD-JWT VC: what wallets and readers may know of a type before they see a credential of it.

The names of the draft stand in `formats.sd_jwt_names`. The document is served at the address that is its `vct`.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from yizhengtong.credentials.catalogue.types import ClaimType, CredentialType
from yizhengtong.credentials.formats import sd_jwt_names as names
from yizhengtong.credentials.formats.strict import compact_json

_FOR_DEVELOPERS = "en"


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is served. `integrity`: what `vct#integrity` would say (W3C Subresource Integrity)."""

    content: bytes
    integrity: str


def document_of(kind: CredentialType) -> Document:
    """Return the Type Metadata of an SD-JWT VC type as bytes that are the same until a word of it changes."""
    content = compact_json(type_metadata(kind)).encode("utf-8")
    return Document(content, f"sha256-{b64encode(sha256(content).digest()).decode('ascii')}")


def type_metadata(kind: CredentialType) -> dict[str, Any]:
    """Return the Type Metadata of an SD-JWT VC type. Raises ValueError for another format, which has none."""
    if not kind.vct:
        raise ValueError("only SD-JWT VC has Type Metadata")
    title = kind.title(_FOR_DEVELOPERS)
    return {
        names.VCT: kind.vct,
        names.NAME: title,
        names.DESCRIPTION: kind.descriptions[_FOR_DEVELOPERS],
        names.DISPLAY: [
            {names.LOCALE: language, names.NAME: kind.title(language), names.DESCRIPTION: words}
            for language, words in kind.descriptions.items()
        ],
        names.CLAIMS: [_claim(claim, is_promised=kind.statutory == "no") for claim in kind.claims],
    }


def _claim(claim: ClaimType, *, is_promised: bool) -> Mapping[str, Any]:
    """A claim that stands in the open is in every credential where the type itself, not a place's law, decides it."""
    said: dict[str, Any] = {
        names.PATH: list(claim.path),
        names.DISPLAY: [
            {names.LOCALE: language, names.LABEL: words} for language, words in claim.words.items()
        ],
        names.DISCLOSABLE: names.NEVER if claim.is_open else names.ALWAYS,
    }  # fmt: skip
    return {**said, names.MANDATORY: True} if claim.is_open and is_promised else said
