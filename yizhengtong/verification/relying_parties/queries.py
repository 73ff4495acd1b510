"""Finding the relying party behind a key."""

from hashlib import sha256

from yizhengtong.verification.relying_parties.models import RelyingParty


def relying_party_of(key: str) -> RelyingParty | None:
    """Return the active relying party whose key this is, or None."""
    return RelyingParty.objects.filter(key_hash=sha256(key.encode()).digest(), is_active=True).first()
