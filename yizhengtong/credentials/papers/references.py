"""The reference on a paper: short, unguessable, and the same again when the same content is printed again.

It is made by the platform's index key from what the paper says, so it is kept nowhere: the table holds a keyed hash.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from yizhengtong.foundation.vault.indexes import blind_index, keyed_digest

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LETTERS = 16  # 80 bits
_GROUP = 4


def content_hash(values: Mapping[str, Any]) -> bytes:
    """Return 32 keyed bytes that stand for everything a paper says."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return keyed_digest("papers.content", sha256(text.encode()).digest())


def reference_of(kind: str, about: str, object_id: object, language: str, content: bytes) -> str:
    """Return the reference of one content of one paper: 16 letters and digits in groups of four."""
    named = f"{kind} {about} {object_id} {language} ".encode() + content
    value = int.from_bytes(keyed_digest("papers.reference", sha256(named).digest()))
    letters = "".join(_ALPHABET[value >> 5 * at & 31] for at in range(_LETTERS))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))


def normal(text: str) -> str:
    """Return a reference as somebody typed it in its one form; empty when it cannot be one."""
    letters = "".join(text.split()).replace("-", "").lower()
    if len(letters) != _LETTERS or not set(letters) <= set(_ALPHABET):
        return ""
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))


def reference_hash(reference: str) -> bytes:
    """Return what the table finds a reference by."""
    return blind_index("papers.reference", reference)
