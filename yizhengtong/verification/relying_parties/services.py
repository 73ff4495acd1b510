"""Registering relying parties."""

import secrets
from collections.abc import Sequence
from hashlib import sha256

from django.db import transaction

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.verification.relying_parties.models import RelyingParty


@transaction.atomic
def register_relying_party(
    *, name: str, legal_basis: str, purposes: Sequence[str], by: Principal
) -> tuple[RelyingParty, str]:
    """Register an organisation and return it with its key, which is shown this once and kept only as a hash.

    The key has 256 random bits: a plain SHA-256 of it cannot be guessed, and is checked in a microsecond.
    """
    key = secrets.token_urlsafe(32)
    party = RelyingParty.objects.create(
        name=name, legal_basis=legal_basis, purposes=list(purposes), key_hash=sha256(key.encode()).digest()
    )
    record_act("relying_parties.register", by=by, on=("relying_party", party.pk), person_id=None)
    return party, key
