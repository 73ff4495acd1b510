"""Collecting as tests do it: a holder, a wallet's token as the room sees it, and what comes out opened."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from yizhengtong.credentials.issuance.collecting import Answer, Bearer, collect
from yizhengtong.credentials.issuance.nonces import new_nonce
from yizhengtong.credentials.issuance.tests.wallet import a_key, proof_of
from yizhengtong.credentials.keys.software import SoftwareSigner
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits.models import Permit

SD_JWT, MDOC = "hmt_permit_sd_jwt", "hmt_permit_mdoc"


@dataclass
class Holder:
    """Who holds a permit."""

    permit: Permit
    principal: Principal


@dataclass
class WalletOf:
    """A wallet with a token for a person's permits, bound to a key."""

    holder: Holder
    configuration_ids: tuple[str, ...] = (SD_JWT, MDOC)
    name: str = ""
    key: SoftwareSigner = field(default_factory=a_key)
    grant_id: UUID = field(default_factory=new_id)

    @property
    def bearer(self) -> Bearer:
        return Bearer(
            person_id=self.holder.permit.person_id, by=self.holder.principal, grant_id=self.grant_id, name=self.name,
            configuration_ids=self.configuration_ids, key_thumbprint=self.key.key_id,
        )  # fmt: skip

    def collect(self, form: str = SD_JWT, *, keys: int = 1, on: date | None = None, **changes: Any) -> Answer:
        payload = {**request_for(form, [a_key() for _ in range(keys)]), **changes}
        return collect(payload=payload, bearer=self.bearer, on=on or today())


def request_for(form: str, keys: list[SoftwareSigner], nonce: str | None = None) -> dict[str, Any]:
    """Return a credential request with a proof of each key."""
    borne = nonce or new_nonce()
    proofs = [proof_of(key, borne, issuer=settings.YZT_ADDRESS) for key in keys]
    return {"credential_configuration_id": form, "proofs": {"jwt": proofs}}


def today() -> date:
    return legal_day(timezone.now())
