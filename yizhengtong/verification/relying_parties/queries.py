"""Finding the relying party behind a key."""

from yizhengtong.foundation.postgresql.readers import read_as_partner
from yizhengtong.verification.relying_parties.keys import hash_of
from yizhengtong.verification.relying_parties.models import RelyingParty


def relying_party_of(key: str) -> RelyingParty | None:
    """Return the active relying party whose key this is, or None. From then on the connection reads as that one."""
    party = RelyingParty.objects.filter(key_hash=hash_of(key), is_active=True).first()
    if party is not None:
        read_as_partner(party.pk)
    return party
