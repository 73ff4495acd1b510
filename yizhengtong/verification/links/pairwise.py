"""What a relying party knows a person by: always the same there, and never the same at another one.

OpenID Connect Core 1.0, section 8.1. The key is the vault's index key, which is never exchanged: a subject holds for
ever, is computed and kept nowhere, and tells neither the person's key nor a number.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from uuid import UUID

from yizhengtong.foundation.vault.indexes import keyed_digest

_PURPOSE = "links.pairwise"


def pairwise_id(person_id: UUID, sector: str) -> str:
    """Return 43 URL-safe characters that stand for a person before one sector.

    `sector`: the id of the relying party as text. Documents may be renewed, lost and linked: the subject stays.
    """
    digest = sha256(sector.encode() + b"\0" + person_id.bytes).digest()
    return urlsafe_b64encode(keyed_digest(_PURPOSE, digest)).rstrip(b"=").decode()
