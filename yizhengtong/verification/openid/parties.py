"""Which relying party asks, and where its answers may go. Names, keys and addresses are registered with the party.

A `client_id` is the party's public id. It proves itself by a signed assertion (private_key_jwt) or by a secret.
"""

import binascii
from base64 import b64decode
from urllib.parse import unquote_plus

from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.verification.authorization.clients import ASSERTION_TYPE
from yizhengtong.verification.authorization.problems import OAuthProblem, invalid_client, invalid_request
from yizhengtong.verification.authorization.sent import Sent
from yizhengtong.verification.openid.issuer import issuer
from yizhengtong.verification.relying_parties.authenticating import PARTY, caller_of_assertion, caller_of_secret
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import RelyingParty, RelyingPartyAddress
from yizhengtong.verification.relying_parties.queries import addresses_of, is_registered

METHODS = ("private_key_jwt", "client_secret_basic", "client_secret_post")
_Kind = RelyingPartyAddress.Kind


def client_id_of(party: RelyingParty) -> str:
    """Return what a party is called in this protocol."""
    return public_id(PARTY, party.pk)


def party_named(client_id: str) -> RelyingParty | None:
    """Return the party of a client_id, if it is let in now."""
    try:
        key = parse_public_id(PARTY, client_id)
    except NotFound:
        return None
    return RelyingParty.objects.filter(pk=key, is_active=True, state=RelyingParty.State.APPROVED).first()


def is_redirect_of(party: RelyingParty, uri: str) -> bool:
    """Whether an answer may be sent there: registered letter by letter (RFC 9700 2.1)."""
    return is_registered(party, _Kind.REDIRECT, uri)


def logout_address_of(party: RelyingParty) -> str:
    """Return where a party wants to be told that somebody signed out; empty where it did not say."""
    return next(iter(addresses_of(party, _Kind.LOGOUT)), "")


def authenticate(sent: Sent) -> RelyingParty:
    """Return the party of a request to the token, PAR or revocation endpoint.

    Raises invalid_client for none, for one that is closed, and for a key of the sandbox: real residents sign in here.
    """
    caller = _caller(sent)
    if caller is None:
        raise _unproven(sent, "The client does not prove who it is")
    if caller.is_test:
        raise _unproven(sent, "A test key signs no resident in")
    named = sent.parameters.get("client_id", "")
    if named and named != client_id_of(caller.party):
        raise _unproven(sent, "The proof is another client's")
    return caller.party


def _unproven(sent: Sent, description: str) -> OAuthProblem:
    """RFC 6749 5.2: who came by a scheme of HTTP is challenged by it."""
    problem = invalid_client(description)
    if sent.headers.get("Authorization", ""):
        problem.header = 'Basic realm="openid", charset="UTF-8"'
    return problem


def _caller(sent: Sent) -> Caller | None:
    """RFC 6749 2.3: a client uses one way a request."""
    scheme, _, basic = sent.headers.get("Authorization", "").partition(" ")
    ways = [bool(scheme), "client_secret" in sent.parameters, "client_assertion" in sent.parameters]
    if sum(ways) > 1:
        raise invalid_request("More than one way of proving who the client is")
    if "client_assertion" in sent.parameters:
        if sent.parameters.get("client_assertion_type") != ASSERTION_TYPE:
            raise invalid_client("This type of client assertion is not supported")
        return caller_of_assertion(sent.parameters["client_assertion"], audience=issuer())
    if scheme:
        return _of_basic(basic) if scheme.lower() == "basic" else None
    return _of_secret(sent.needed("client_id"), sent.parameters.get("client_secret", ""))


def _of_basic(basic: str) -> Caller | None:
    """RFC 6749 2.3.1: name and secret are form-encoded within."""
    try:
        name, _, secret = b64decode(basic, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return _of_secret(unquote_plus(name), unquote_plus(secret))


def _of_secret(client_id: str, secret: str) -> Caller | None:
    caller = caller_of_secret(secret)
    return caller if caller is not None and client_id_of(caller.party) == client_id else None
