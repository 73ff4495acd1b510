"""What a relying party asks, looked at before anybody is: pushed by itself, or brought by a browser.

Either way it is kept as it came, and the page of consent opens what was kept: nothing can be changed on the way from
there, not the purpose, not the address for the answer.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.verification.authorization.jwts import BadToken
from yizhengtong.verification.authorization.models import THUMBPRINT
from yizhengtong.verification.authorization.pkce import METHOD, is_challenge
from yizhengtong.verification.authorization.problems import OAuthProblem, invalid_dpop_proof, invalid_request
from yizhengtong.verification.authorization.pushing import URN, Pushed
from yizhengtong.verification.authorization.secret_texts import hash_of, new_secret
from yizhengtong.verification.authorization.sent import Sent
from yizhengtong.verification.openid import bounds, lifetimes
from yizhengtong.verification.openid.claims import IN_EVERY_TOKEN, OURS, SUBJECT, allowed_for
from yizhengtong.verification.openid.issuer import opened
from yizhengtong.verification.openid.models import SignInRequest
from yizhengtong.verification.openid.parties import authenticate, client_id_of, is_redirect_of
from yizhengtong.verification.openid.rules import are_prompts_possible, essential_of, scope_of
from yizhengtong.verification.relying_parties.models import RelyingParty

Parameters = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Wanted:
    purpose: str
    claims: tuple[str, ...]
    essential: tuple[str, ...]
    hinted: str


def push(sent: Sent) -> Pushed:
    """Take a pushed request (RFC 9126). Raises OAuthProblem."""
    if "request_uri" in sent.parameters:
        raise invalid_request("A pushed request holds its parameters itself")
    party = authenticate(sent)
    if not is_redirect_of(party, sent.needed("redirect_uri")):
        raise invalid_request("This redirect_uri is not registered")
    proof, named = sent.proof(), sent.parameters.get("dpop_jkt", "")
    if proof is not None and named and named != proof.thumbprint:
        raise invalid_dpop_proof("dpop_jkt names another key than the proof")
    return keep(party, sent.parameters, key=proof.thumbprint if proof is not None else named)


def keep(party: RelyingParty, asked: Parameters, *, key: str) -> Pushed:
    """Keep a request whose party and address for the answer are known, under a name nobody can guess.

    `key`: thumbprint to which the code is bound, or empty. Raises OAuthProblem (OpenID Connect Core 1.0, 3.1.2.6).
    """
    _ensure_form(asked, key)
    wanted = _wanted(party, asked)
    return _keep(party, asked, wanted, key)


@use_case
def _keep(party: RelyingParty, asked: Parameters, wanted: _Wanted, key: str) -> Pushed:
    secret, now = new_secret(), timezone.now()
    SignInRequest.objects.create(
        secret_hash=hash_of(secret),
        relying_party=party,
        redirect_uri=asked["redirect_uri"],
        state=asked.get("state", ""),
        nonce=asked.get("nonce", ""),
        challenge=asked["code_challenge"],
        dpop_thumbprint=key,
        scope=asked["scope"],
        purpose=wanted.purpose,
        claims=list(wanted.claims),
        essential=list(wanted.essential),
        prompt=asked.get("prompt", "").split(),
        hinted=wanted.hinted,
        max_age=int(asked["max_age"]) if "max_age" in asked else None,
        asked_at=now,
        expires_at=now + lifetimes.REQUEST,
    )
    return Pushed(f"{URN}{secret}", int(lifetimes.REQUEST.total_seconds()))


def _ensure_form(asked: Parameters, key: str) -> None:
    if "request" in asked:
        raise OAuthProblem("request_not_supported", "A request is pushed, not signed")
    if "registration" in asked:
        raise OAuthProblem("registration_not_supported", "Applications are registered beforehand")
    if "response_type" not in asked:
        raise invalid_request("response_type is missing")
    if asked["response_type"] != "code":
        raise OAuthProblem("unsupported_response_type", "Only the response type code is supported")
    if asked.get("response_mode", "query") != "query":
        raise invalid_request("Only the response mode query is supported")
    if asked.get("code_challenge_method", "plain") != METHOD or not is_challenge(asked.get("code_challenge", "")):
        raise invalid_request("A code_challenge by S256 is needed")
    if key and len(key) != THUMBPRINT:
        raise invalid_request("dpop_jkt is malformed")
    _ensure_bounded(asked)


def _ensure_bounded(asked: Parameters) -> None:
    for name, most in bounds.LONGEST.items():
        if len(asked.get(name, "")) > most or not asked.get(name, "").isprintable():
            raise invalid_request(f"{name} is too long, or not printable")
    if not are_prompts_possible(asked.get("prompt", "").split()):
        raise invalid_request("prompt is not supported so")
    age = asked.get("max_age", "0")
    if not (age.isascii() and age.isdigit() and len(age) <= bounds.LONGEST_MAX_AGE):
        raise invalid_request("max_age is no number of seconds")


def _wanted(party: RelyingParty, asked: Parameters) -> _Wanted:
    """Return purpose and claims, and of whom. A purpose fixes the most that may be asked; more is refused whole."""
    scope = scope_of(asked.get("scope", ""), asked.get("purpose", ""))
    if not scope.is_openid or not scope.is_known or not scope.purpose:
        raise OAuthProblem("invalid_scope", "The scope must be openid and one purpose")
    try:
        most = allowed_for(party, scope.purpose)
    except Forbidden as problem:
        raise OAuthProblem("invalid_scope", "This purpose is not registered for the application") from problem
    members = _members(asked["claims"]) if "claims" in asked else None
    hinted = _hinted(party, asked["id_token_hint"]) if "id_token_hint" in asked else ""
    if members is None:
        return _Wanted(scope.purpose, most, (), hinted)
    named = tuple(OURS.get(name, name) for name in members)
    if not set(named) <= set(most):
        raise OAuthProblem("invalid_scope", "The purpose does not hold all of these claims")
    essential = tuple(OURS[name] for name in essential_of(members))
    return _Wanted(scope.purpose, named, essential, hinted)


def _hinted(party: RelyingParty, id_token: str) -> str:
    """Return whom a party means, by an ID token of ours, over or not (OpenID Connect Core 1.0, 3.1.2.1)."""
    try:
        claims = opened(id_token)
    except BadToken as bad:
        raise invalid_request("The id_token_hint is none of ours") from bad
    if claims.get("aud") != client_id_of(party):
        raise invalid_request("The id_token_hint is another client's")
    return str(claims["sub"])


def _members(claims: str) -> Mapping[str, object] | None:
    """Return what the parameter `claims` asks of userinfo (OpenID Connect Core 1.0, 5.5); None where it says nothing.

    Of an ID token may be asked what stands in each one. Members that nobody knows are ignored, as the standard has it;
    not so a value that a claim must have: who asks for one would take the answer for it.
    """
    try:
        found = json.loads(claims)
        asked, of_token = ({} if found.get(name) is None else found[name] for name in ("userinfo", "id_token"))
        is_form = all(how is None or not {"value", "values"} & how.keys() for how in (asked | of_token).values())
    except (ValueError, RecursionError, TypeError, AttributeError) as error:
        raise invalid_request("claims must be JSON as the standard has it") from error
    if not is_form:
        raise invalid_request("A claim is asked for by null, or by whether it is essential")
    if not of_token.keys() <= IN_EVERY_TOKEN:
        raise invalid_request("Claims are told by userinfo alone")
    return {name: how for name, how in asked.items() if name != SUBJECT} if "userinfo" in found else None
