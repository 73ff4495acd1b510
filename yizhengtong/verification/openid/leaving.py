"""Signing out at a party's wish (OpenID Connect RP-Initiated Logout 1.0): who asks, and where one goes afterwards."""

from dataclasses import dataclass

from yizhengtong.kernel.errors import Invalid
from yizhengtong.verification.authorization.jwts import BadToken
from yizhengtong.verification.authorization.redirects import answered
from yizhengtong.verification.openid import bounds
from yizhengtong.verification.openid.issuer import opened
from yizhengtong.verification.openid.parties import is_redirect_of, party_named
from yizhengtong.verification.relying_parties.models import RelyingParty


@dataclass(frozen=True, slots=True)
class Leaving:
    """`party`: None where nobody said who asks. `back`: where to go afterwards, empty for a page of ours."""

    party: RelyingParty | None
    back: str


def leaving(*, id_token_hint: str, client_id: str, back: str, state: str) -> Leaving:
    """Return who asks, and where one goes afterwards: to an address that this party registered, or nowhere.

    Raises Invalid `openid.logout_wrong` for a hint that is none of ours, or another party's; for an address without a
    party whose it is (3: no open redirect).
    """
    named = client_id
    if id_token_hint:
        named = _audience(id_token_hint)
        if client_id and client_id != named:
            raise Invalid("openid.logout_wrong")
    party = party_named(named) if named else None
    if (named and party is None) or len(state) > bounds.LONGEST["state"] or not state.isprintable():
        raise Invalid("openid.logout_wrong")
    if not back:
        return Leaving(party, "")
    if party is None or not is_redirect_of(party, back):
        raise Invalid("openid.logout_wrong")
    return Leaving(party, answered(back, {"state": state}))


def _audience(id_token_hint: str) -> str:
    try:
        return str(opened(id_token_hint).get("aud", ""))
    except BadToken as bad:
        raise Invalid("openid.logout_wrong") from bad
