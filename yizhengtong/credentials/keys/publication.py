"""What is published of the authority: its certificates that are believed, and its lists. No private part is read."""

from dataclasses import dataclass
from datetime import datetime

from yizhengtong.credentials.keys.models import Authority, KeyState, RevocationList


@dataclass(frozen=True, slots=True)
class PublishedRoot:
    """A root that is believed. `certificate`: X.509 in DER; `certifies`: whether it is the one in use."""

    key_id: str
    certificate: bytes
    certifies: bool
    made_at: datetime


def roots() -> list[PublishedRoot]:
    """Return every root that is believed, the one in use first: what verifiers take as trust anchors."""
    rows = Authority.objects.exclude(state=KeyState.LOST).only("key_id", "certificate", "state", "made_at")
    ordered = rows.order_by("state", "-made_at")  # "active" stands before "retired"
    return [
        PublishedRoot(row.key_id, bytes(row.certificate), row.state == KeyState.ACTIVE, row.made_at) for row in ordered
    ]


def revocation_list(root_key_id: str) -> tuple[bytes, datetime] | None:
    """Return the newest list of a root in DER, and by when there is another; None for a root we do not have."""
    newest = RevocationList.objects.filter(authority__key_id=root_key_id).order_by("-number").first()
    return None if newest is None else (bytes(newest.content), newest.next_at)
