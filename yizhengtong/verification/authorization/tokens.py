"""The token endpoint: codes and refresh tokens become access tokens (RFC 6749 5, OpenID4VCI 1.0 6, RFC 9449 5).

A request that fails must leave its mark: a wrong transaction code has counted, a replay has ended the grant. So what is
wrong comes out of the transaction as a value and is raised after it.
"""

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.verification.authorization import lifetimes
from yizhengtong.verification.authorization.clients import Asking, authenticate
from yizhengtong.verification.authorization.configurations import Wanted, details_of, wanted_of
from yizhengtong.verification.authorization.dpop import Proof
from yizhengtong.verification.authorization.models import Code, Grant, Token
from yizhengtong.verification.authorization.pkce import matches
from yizhengtong.verification.authorization.problems import (
    OAuthProblem,
    invalid_dpop_proof,
    invalid_grant,
    invalid_request,
)
from yizhengtong.verification.authorization.reading import grant_shown, principal_behind
from yizhengtong.verification.authorization.secret_texts import hash_of, hash_of_tx_code, new_secret
from yizhengtong.verification.authorization.sent import Sent

AUTHORIZATION_CODE = "authorization_code"
PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
REFRESH = "refresh_token"
_UNKNOWN = "The code is not known, over, used, or another client's"
_UNKNOWN_TOKEN = "The refresh token is not known, over, used, or another client's"  # noqa: S105 no token

_TAKEN_UP = (
    *("client_id", "client_name", "instance_thumbprint", "dpop_thumbprint", "has_details", "configuration_ids"),
    *("begun_at", "renewed_at"),
)

Answer = dict[str, Any]


def answer_token_request(sent: Sent) -> Answer:
    """Return the JSON answer of the token endpoint. Raises OAuthProblem by RFC 6749 5.2, RFC 9449, OpenID4VCI 6.3."""
    use = _USES.get(sent.needed("grant_type"))
    if use is None:
        raise OAuthProblem("unsupported_grant_type", "This grant type is not supported")
    if sent.parameters.get("resource", settings.YZT_ADDRESS) != settings.YZT_ADDRESS:
        raise OAuthProblem("invalid_target", "This resource is not served here")
    asking = authenticate(sent)
    outcome = use(sent=sent, asking=asking, proof=sent.proof())
    if isinstance(outcome, OAuthProblem):
        raise outcome
    return outcome


@use_case
def _use_code(*, sent: Sent, asking: Asking, proof: Proof | None) -> Answer | OAuthProblem:
    """RFC 6749 4.1.3, with PKCE and a proof of the key that was named when the request was pushed."""
    verifier, redirect_uri = sent.needed("code_verifier"), sent.needed("redirect_uri")
    code, grant = _shown(sent.needed("code"), Grant.Kind.CODE)
    if code is None or grant is None or not is_of(grant, asking):
        return invalid_grant(_UNKNOWN)
    if not matches(verifier, code.challenge):
        return invalid_grant("The code_verifier is wrong")
    if code.redirect_uri != redirect_uri:
        return invalid_grant("The redirect_uri is another than in the request")
    if proof is None or proof.thumbprint != grant.dpop_thumbprint:
        return invalid_dpop_proof("A proof of the key of the request is needed")
    if code.used_at is not None:  # asked last: who merely saw the code ends nothing by showing it
        return _replayed(grant)
    if not _is_usable(code, grant, sent):
        return invalid_grant(_UNKNOWN)
    return _begin(code, grant, proof)


@use_case
def _use_pre_authorized(*, sent: Sent, asking: Asking, proof: Proof | None) -> Answer | OAuthProblem:
    """OpenID4VCI 1.0 6.1: whoever has the code and what the person was told beside it."""
    code, grant = _shown(sent.needed("pre-authorized_code"), Grant.Kind.PRE_AUTHORIZED)
    if code is None or grant is None:
        return invalid_grant(_UNKNOWN)
    wrong = _wrong_tx_code(code, sent.parameters.get("tx_code", ""))
    if wrong is not None:  # asked first: who merely saw the QR code neither ends nor learns anything
        return wrong
    if code.used_at is not None:
        return _replayed(grant)
    if not _is_usable(code, grant, sent):
        return invalid_grant(_UNKNOWN)
    asked = wanted_of("", sent.parameters.get("authorization_details", ""))
    if not set(asked.configuration_ids) <= set(grant.configuration_ids):
        return OAuthProblem("invalid_authorization_details", "The offer holds no such credential")
    _bind(grant, asking, asked, proof)
    return _begin(code, grant, proof)


@use_case
def _use_refresh(*, sent: Sent, asking: Asking, proof: Proof | None) -> Answer | OAuthProblem:
    """RFC 6749 6: each is used once; a second use means that two have it, and ends the grant (RFC 9700 4.14.2).

    Shown again within `lifetimes.REFRESH_AGAIN` it is forgiven, as long as nothing that came of it was used: the answer
    was lost on the way. Only who holds the key gets here.
    """
    token, grant = token_shown(sent.needed("refresh_token"))
    is_refresh = token is not None and token.kind == Token.Kind.REFRESH
    if token is None or not is_refresh or grant is None or grant.ended_at is not None or not is_of(grant, asking):
        return invalid_grant(_UNKNOWN_TOKEN)
    if proof is None or proof.thumbprint != grant.dpop_thumbprint:
        return invalid_dpop_proof("A proof of the token's key is needed")
    if token.is_lost or (token.used_at is not None and not _is_forgiven(token, _moment(sent))):
        return _replayed(grant)
    if token.expires_at <= _moment(sent):
        return invalid_grant(_UNKNOWN_TOKEN)
    scope = sent.parameters.get("scope", "")
    if scope and not set(scope.split(" ")) <= set(grant.scope.split(" ")):
        return OAuthProblem("invalid_scope", "The scope is wider than what was allowed")
    _use_up(token, _moment(sent))
    return _give(grant, proof)


_Use = Callable[..., Answer | OAuthProblem]
_USES: Final[Mapping[str, _Use]] = {
    AUTHORIZATION_CODE: _use_code,
    PRE_AUTHORIZED: _use_pre_authorized,
    REFRESH: _use_refresh,
}
GRANT_TYPES: Final = tuple(_USES)


def _shown(secret: str, kind: Grant.Kind) -> tuple[Code | None, Grant | None]:
    """Return the code that was shown with its grant, which is locked: the same one shown elsewhere waits here."""
    code = Code.objects.filter(secret_hash=hash_of(secret)).first()
    grant = grant_shown(code.grant_id) if code is not None else None
    if code is None or grant is None or grant.kind != kind:
        return None, None
    return Code.objects.filter(pk=code.pk).first(), grant


def token_shown(secret: str) -> tuple[Token | None, Grant | None]:
    """Return the token that was shown with its grant, which is locked from then on."""
    token = Token.objects.filter(secret_hash=hash_of(secret)).first()
    grant = grant_shown(token.grant_id) if token is not None else None
    return (None, None) if token is None or grant is None else (Token.objects.filter(pk=token.pk).first(), grant)


def is_of(grant: Grant, asking: Asking) -> bool:
    """Whether a grant is this client's, and this installation's where it is attested.

    Who named no client_id when taking an offer up is known by its key alone.
    """
    is_same = not grant.client_id or hmac.compare_digest(grant.client_id.encode(), asking.client_id.encode())
    return is_same and grant.instance_thumbprint == asking.instance_thumbprint


def _is_usable(code: Code, grant: Grant, sent: Sent) -> bool:
    return code.expires_at > _moment(sent) and grant.ended_at is None


def _moment(sent: Sent) -> datetime:
    return datetime.fromtimestamp(sent.now, UTC)


def _is_forgiven(used: Token, at: datetime) -> bool:
    """Whether a refresh token may come again: used just now, and no later one of its grant was used since."""
    if used.used_at is None or at - used.used_at > lifetimes.REFRESH_AGAIN:
        return False
    return not Token.objects.filter(grant_id=used.grant_id, used_at__gt=used.used_at).exists()


def _use_up(token: Token, at: datetime) -> None:
    """Note a use of a refresh token, and end what an answer before gave: the pair that was lost with it."""
    if token.used_at is None:
        token.used_at = at
        token.save(update_fields=["used_at"])
    Token.objects.filter(grant=token.grant_id, kind=Token.Kind.REFRESH, used_at=None).update(is_lost=True)
    Token.objects.filter(grant=token.grant_id, kind=Token.Kind.ACCESS).delete()


def _replayed(grant: Grant) -> OAuthProblem:
    """What one code or refresh token opened ends when it is shown again (RFC 6749 4.1.2, RFC 9700 4.14.2)."""
    if grant.ended_at is None:
        end_all(grant, Grant.End.REPLAY)
        by = principal_behind(grant)
        record_act("authorization.end_replayed", by=by, on=("wallet_grant", grant.pk), person_id=grant.person_id)
    return invalid_grant(_UNKNOWN)


def end_all(grant: Grant, end: Grant.End) -> None:
    """End a grant with every token of it. Within the caller's transaction."""
    grant.ended_at, grant.end = timezone.now(), end
    grant.save(update_fields=["ended_at", "end"])
    Token.objects.filter(grant=grant, kind=Token.Kind.ACCESS).delete()


def _wrong_tx_code(code: Code, tx_code: str) -> OAuthProblem | None:
    """Count a try. The last wrong one closes the offer: the right code no longer helps then (OpenID4VCI 13.6.2)."""
    if code.tx_code_hash is None:
        return invalid_request("This offer has no tx_code") if tx_code else None
    if not tx_code:
        return invalid_request("tx_code is missing")
    is_right = hmac.compare_digest(bytes(code.tx_code_hash), hash_of_tx_code(tx_code, bytes(code.secret_hash)))
    if code.tries_left > 0 and is_right:
        return None
    if code.tries_left > 0:
        code.tries_left -= 1
        code.save(update_fields=["tries_left"])
    return invalid_grant("The tx_code is wrong, or was wrong too often")


def _bind(grant: Grant, asking: Asking, asked: Wanted, proof: Proof | None) -> None:
    """Note who took an offer up: until then it was nobody's."""
    grant.client_id, grant.client_name = asking.client_id, asking.client_name
    grant.instance_thumbprint = asking.instance_thumbprint
    grant.dpop_thumbprint = proof.thumbprint if proof is not None else ""
    grant.has_details = asked.has_details
    if asked.configuration_ids:
        grant.configuration_ids = list(asked.configuration_ids)


def _begin(code: Code, grant: Grant, proof: Proof | None) -> Answer:
    """Give the first tokens of a grant, and tell that a client has it from now on (`authorization.granted`)."""
    code.used_at = grant.begun_at = timezone.now()
    code.save(update_fields=["used_at"])
    by = principal_behind(grant)
    on = ("wallet_grant", grant.pk)
    record_act("authorization.redeem", by=by, on=on, person_id=grant.person_id)
    publish("authorization.granted", on=on, person_id=grant.person_id, facts={"client_id": grant.client_id})
    return _give(grant, proof)


def _give(grant: Grant, proof: Proof | None) -> Answer:
    """Give out an access token, and to who has shown a key a refresh token: without one anybody could use it."""
    grant.renewed_at = timezone.now()
    grant.save(update_fields=_TAKEN_UP)
    answer: Answer = {
        "access_token": _new_token(grant, Token.Kind.ACCESS),
        "token_type": "DPoP" if proof is not None else "Bearer",
        "expires_in": int(lifetimes.ACCESS.total_seconds()),
    }
    if proof is not None:
        answer["refresh_token"] = _new_token(grant, Token.Kind.REFRESH)
    if grant.scope:
        answer["scope"] = grant.scope
    if grant.has_details:
        answer["authorization_details"] = details_of(grant.configuration_ids)
    return answer


def _new_token(grant: Grant, kind: Token.Kind) -> str:
    secret = new_secret()
    lifetime = lifetimes.ACCESS if kind == Token.Kind.ACCESS else lifetimes.REFRESH
    Token.objects.create(secret_hash=hash_of(secret), kind=kind, grant=grant, expires_at=timezone.now() + lifetime)
    return secret
