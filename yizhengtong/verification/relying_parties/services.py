"""Registering relying parties."""

from collections.abc import Sequence

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.verification.relying_parties.keys import hash_of, new_key
from yizhengtong.verification.relying_parties.models import RelyingParty


@use_case
def register_relying_party(
    *, name: str, legal_basis: str, purposes: Sequence[str], by: Principal
) -> tuple[RelyingParty, str]:
    """Register an organisation and return it with its key, which is shown this once and kept only as a hash."""
    key = new_key()
    party = RelyingParty.objects.create(
        name=name, legal_basis=legal_basis, purposes=list(purposes), key_hash=hash_of(key)
    )
    record_act("relying_parties.register", by=by, on=("relying_party", party.pk), person_id=None)
    return party, key
