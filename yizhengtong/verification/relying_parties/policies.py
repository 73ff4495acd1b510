"""Who acts for an organisation, and who reviews one."""

from uuid import UUID

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.queries import party_of_account


def ensure_reviews(by: Principal) -> None:
    """Raise unless `by` is a supervisor of the top office with a second factor: a relying party is the deployment's.

    NotFound for other offices, Forbidden for other roles.
    """
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.SUPERVISOR)
    if "." in by.office_path:
        raise NotFound("not_found")


def account_of(by: Principal) -> UUID:
    """Return the account of who is signed in and is no officer. Raises Forbidden `web.sign_in_first`."""
    if by.id is None or by.kind not in {PrincipalKind.RESIDENT, PrincipalKind.REPORTER}:
        raise Forbidden("web.sign_in_first")
    return by.id


def own_party(by: Principal) -> RelyingParty:
    """Return the organisation that `by` acts for. Raises NotFound, Forbidden `relying_parties.ended`."""
    party = party_of_account(account_of(by))
    if party.state == RelyingParty.State.ENDED:
        raise Forbidden("relying_parties.ended")
    return party
