"""A client gives up what it has (RFC 7009). The answer is the same whether there was anything."""

from collections.abc import Callable

from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.verification.authorization.clients import authenticate
from yizhengtong.verification.authorization.models import Grant, Token
from yizhengtong.verification.authorization.reading import principal_behind
from yizhengtong.verification.authorization.sent import Sent
from yizhengtong.verification.authorization.tokens import end_all, is_of, token_shown


def revoke(sent: Sent) -> None:
    """End an access token, or with a refresh token the whole grant. Raises invalid_client and invalid_request only."""
    asking = authenticate(sent)
    _revoke(sent.needed("token"), lambda grant: is_of(grant, asking))


@use_case
def _revoke(secret: str, is_own: Callable[[Grant], bool]) -> None:
    token, grant = token_shown(secret)
    if token is None or grant is None or grant.ended_at is not None or not is_own(grant):
        return
    if token.kind == Token.Kind.ACCESS:
        token.delete()
        return
    end_all(grant, Grant.End.CLIENT)
    by = principal_behind(grant)
    record_act("authorization.end", by=by, on=("wallet_grant", grant.pk), person_id=grant.person_id)
