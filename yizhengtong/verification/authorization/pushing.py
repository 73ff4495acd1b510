"""Authorization requests come pushed (RFC 9126), never through the browser: nobody on the way has changed one."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from yizhengtong.foundation.transactions import use_case
from yizhengtong.verification.authorization import lifetimes
from yizhengtong.verification.authorization.clients import Asking, authenticate
from yizhengtong.verification.authorization.configurations import Wanted, wanted_of
from yizhengtong.verification.authorization.models import THUMBPRINT, PushedRequest
from yizhengtong.verification.authorization.pkce import METHOD, is_challenge
from yizhengtong.verification.authorization.problems import (
    OAuthProblem,
    invalid_dpop_proof,
    invalid_request,
)
from yizhengtong.verification.authorization.redirects import is_allowed
from yizhengtong.verification.authorization.secret_texts import hash_of, new_secret
from yizhengtong.verification.authorization.sent import Sent

URN = "urn:ietf:params:oauth:request_uri:"
_LONGEST_STATE = 500
_LONGEST_HINT = 2000


@dataclass(frozen=True, slots=True)
class Pushed:
    """Under which name a request is opened, and for how many seconds."""

    request_uri: str
    expires_in: int


def push_request(sent: Sent) -> Pushed:
    """Take a request and return its name. Raises OAuthProblem (RFC 9126 2.3), before anybody is asked anything."""
    if "request_uri" in sent.parameters or "request" in sent.parameters:
        raise invalid_request("A pushed request holds its parameters itself")
    asking = authenticate(sent)
    _ensure_named(sent, asking)
    _ensure_form(sent, asking)
    wanted = _wanted(sent)
    return _keep(sent, asking, wanted, _key(sent))


@use_case
def _keep(sent: Sent, asking: Asking, wanted: Wanted, key: str) -> Pushed:
    secret = new_secret()
    PushedRequest.objects.create(
        secret_hash=hash_of(secret),
        client_id=asking.client_id,
        client_name=asking.client_name,
        instance_thumbprint=asking.instance_thumbprint,
        dpop_thumbprint=key,
        redirect_uri=sent.parameters["redirect_uri"],
        state=sent.parameters.get("state", ""),
        challenge=sent.parameters["code_challenge"],
        configuration_ids=list(wanted.configuration_ids),
        has_details=wanted.has_details,
        scope=wanted.scope,
        expires_at=timezone.now() + lifetimes.REQUEST,
    )
    return Pushed(f"{URN}{secret}", int(lifetimes.REQUEST.total_seconds()))


def _ensure_named(sent: Sent, asking: Asking) -> None:
    """RFC 9126 2.1: client_id is needed; who is attested or known by a key is named by that."""
    if not asking.client_id:
        sent.needed("client_id")


def _ensure_form(sent: Sent, asking: Asking) -> None:
    """Look at everything that needs no register, so that a browser is never sent to an address nobody vouched for."""
    if not is_allowed(sent.needed("redirect_uri"), asking.redirect_uris):
        raise invalid_request("This redirect_uri cannot be used")
    if sent.needed("response_type") != "code":
        raise OAuthProblem("unsupported_response_type", "Only the response type code is supported")
    if sent.parameters.get("response_mode", "query") != "query":
        raise invalid_request("Only the response mode query is supported")
    if sent.parameters.get("code_challenge_method", "plain") != METHOD:
        raise invalid_request("code_challenge_method must be S256")
    if not is_challenge(sent.needed("code_challenge")):
        raise invalid_request("code_challenge is malformed")
    state = sent.parameters.get("state", "")
    if len(state) > _LONGEST_STATE or not state.isprintable():
        raise invalid_request("state is too long, or not printable")
    if len(sent.parameters.get("issuer_state", "")) > _LONGEST_HINT:
        raise invalid_request("issuer_state is too long")
    if sent.parameters.get("resource", settings.YZT_ADDRESS) != settings.YZT_ADDRESS:
        raise OAuthProblem("invalid_target", "This resource is not served here")


def _wanted(sent: Sent) -> Wanted:
    wanted = wanted_of(sent.parameters.get("scope", ""), sent.parameters.get("authorization_details", ""))
    if not wanted.configuration_ids:
        raise OAuthProblem("invalid_scope", "Neither scope nor authorization_details say what is wanted")
    return wanted


def _key(sent: Sent) -> str:
    """Return the thumbprint that the code will be bound to: of a proof, or as named in dpop_jkt (RFC 9449 10)."""
    proof, named = sent.proof(), sent.parameters.get("dpop_jkt", "")
    if proof is not None and named and named != proof.thumbprint:
        raise invalid_dpop_proof("dpop_jkt names another key than the proof")
    if proof is None and len(named) != THUMBPRINT:
        raise invalid_dpop_proof("A DPoP proof or dpop_jkt is needed")
    return proof.thumbprint if proof is not None else named
