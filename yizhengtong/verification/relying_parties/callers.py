"""Who calls: a relying party by one of its keys, in the sandbox or in earnest. This is `request.auth` of its API."""

from dataclasses import dataclass
from uuid import UUID

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.policies import account_of, own_party
from yizhengtong.verification.relying_parties.purposes import Purpose, purposes
from yizhengtong.verification.relying_parties.queries import require_purpose


@dataclass(frozen=True, slots=True)
class Caller:
    """`is_test`: came by a test key: it is answered from the test people, and no person's history is written.

    `key_id`: of the key it came by; of a member's page, the account.
    """

    party: RelyingParty
    key_id: UUID
    is_test: bool

    @property
    def pk(self) -> UUID:
        """The party's."""
        return self.party.pk

    @property
    def named(self) -> str:
        """Whom limits and idempotency keys belong to: a key of the sandbox uses up nothing of production."""
        return f"{'sandbox' if self.is_test else 'partner'}:{self.party.pk}"

    @property
    def by(self) -> Principal:
        """The party as an actor of the trail."""
        return Principal(PrincipalKind.PARTNER, self.party.pk)

    def require(self, purpose: str) -> Purpose:
        """Return a purpose that this call may serve; in the sandbox any.

        Raises Forbidden `relying_parties.purpose_not_registered`.
        """
        if not self.is_test:
            return require_purpose(self.party, purpose)
        if purpose not in purposes():
            raise Forbidden("relying_parties.purpose_not_registered")
        return purposes()[purpose]


def caller_of_member(by: Principal, *, is_test: bool = False) -> Caller:
    """Return the caller that a member's page is, for its organisation. Raises as `own_party`."""
    return Caller(own_party(by), account_of(by), is_test)
