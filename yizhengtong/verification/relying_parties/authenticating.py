"""Finding the relying party behind a request: by a secret, a signed assertion, a signed request, or a certificate.

`Authorization` and a signature in one request are none. A certificate counts where neither is there: a party's own
connections may bring one always. Whatever does not prove itself is nobody: the caller is not told what was wrong with
it. Fails closed: without the database nobody is known.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from django.db import connection
from django.utils import timezone

from yizhengtong.foundation.accounts.bearers import ALONG, ask
from yizhengtong.foundation.exchange.keys import PublicKey, public_key
from yizhengtong.foundation.exchange.signatures import (
    Message,
    NotSigned,
    is_digest_of,
    key_named,
    nonce_of,
    verify,
)
from yizhengtong.foundation.postgresql.readers import is_local, naming, read_as_partner
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.verification.relying_parties.assertions import Assertion, NotProven, ensure_good, read_assertion
from yizhengtong.verification.relying_parties.bounds import MOST_CERTIFICATE, USE_NOTED_EVERY
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.keys import hash_of
from yizhengtong.verification.relying_parties.models import Environment, RelyingParty, RelyingPartyKey
from yizhengtong.verification.relying_parties.requests import Sent

TAG = "yzt-partner"
"""The `tag` of a request that a relying party signs (RFC 9421, 2.3)."""
COVERED = ("@method", "@target-uri")
COVERED_OF_BODY = (*COVERED, "content-digest", "content-type")
PARTY, KEY = "rpa", "rpk"
"""Prefixes of public ids: `client_id`, `iss` and `sub` are a party's, `keyid` is a key's."""
_Kind = RelyingPartyKey.Kind


@dataclass(frozen=True, slots=True)
class _Proof:
    """A key that was proven; `spend`: what may not be shown again with it, and until when (Unix seconds)."""

    key: RelyingPartyKey
    spend: tuple[str, float] | None = None


def audience_of_api() -> str:
    """Return what an assertion for our API, and the proof of a new key, name as their audience."""
    return f"{settings.YZT_ADDRESS}/api/partner"


def caller_of(sent: Sent, *, audience: str, at: datetime | None = None) -> Caller | None:
    """Return who sent a request, or None. From then on the connection reads as that one.

    `audience`: what an assertion must be for.
    """
    now = at or timezone.now()
    try:
        proof = _proof(sent, audience, now)
    except (NotProven, NotSigned):
        return None
    return _let_in(proof, now)


def caller_of_assertion(token: str, *, audience: str, at: datetime | None = None) -> Caller | None:
    """Return who signed an assertion for an audience of ours, such as a token endpoint, or None. Good once."""
    now = at or timezone.now()
    try:
        proof = _asserted(token, audience, now)
    except NotProven:
        return None
    return _let_in(proof, now)


def caller_of_secret(secret: str, *, at: datetime | None = None) -> Caller | None:
    """Return whose secret this is, or None."""
    now = at or timezone.now()
    key = _key_shown(now, _Kind.SECRET, hash_of(secret)) if secret else None
    return _let_in(_Proof(key), now) if key else None


def fingerprint_of_certificate(pem: str) -> bytes:
    """Return the SHA-256 of a certificate's DER form. Raises NotProven for what is none."""
    if not 0 < len(pem) <= MOST_CERTIFICATE:
        raise NotProven("it is no certificate")
    try:
        return x509.load_pem_x509_certificate(pem.encode()).fingerprint(SHA256())
    except ValueError as error:
        raise NotProven("it is no certificate") from error


def _proof(sent: Sent, audience: str, now: datetime) -> _Proof:
    scheme, _, token = sent.headers.get("authorization", "").partition(" ")
    is_signed = "signature-input" in sent.headers
    if bool(scheme) + is_signed > 1:
        raise NotProven("it comes in two ways")
    if is_signed:
        return _signed(sent, now)
    if scheme.lower() == "bearer" and token.count("."):  # a secret has no dot
        return _asserted(token, audience, now)
    if scheme:
        found = _key_shown(now, _Kind.SECRET, hash_of(token)) if scheme.lower() == "bearer" else None
    else:
        found = _key_shown(now, _Kind.CERTIFICATE, fingerprint_of_certificate(sent.certificate))
    if found is None:
        raise NotProven("its key is not known")
    return _Proof(found)


def _asserted(token: str, audience: str, now: datetime) -> _Proof:
    assertion = read_assertion(token)
    key, party = _key_of(assertion, now)
    jti, expires = ensure_good(assertion, _public(key), party=party, audience=audience, now=now.timestamp())
    return _Proof(key, (jti, expires))


def _key_of(assertion: Assertion, now: datetime) -> tuple[RelyingPartyKey, str]:
    """Return the key that an assertion names among those of the party it names, unproven. Raises NotProven."""
    party, name = assertion.claims.get("iss"), assertion.header.get("kid")
    if not isinstance(party, str) or not isinstance(name, str):
        raise NotProven("it names no key")
    try:
        party_id = parse_public_id(PARTY, party)
    except NotFound as error:
        raise NotProven("its sender is not known") from error
    key = _key_named(now, "key.relying_party_id = %s AND key.name = %s", party_id, name)
    if key is None:
        raise NotProven("its key is not known")
    return key, party


def _signed(sent: Sent, now: datetime) -> _Proof:
    message = Message(sent.method, sent.uri, sent.headers)
    named = key_named(message, TAG)
    try:
        key = _key_named(now, "key.id = %s", parse_public_id(KEY, named))
    except NotFound as error:
        raise NotProven("its key is not known") from error
    if key is None:
        raise NotProven("its key is not known")
    body = sent.body()  # nothing is read of whom nobody knows
    if body and not is_digest_of(sent.headers.get("content-digest", ""), body):
        raise NotProven("its digest is not its content's")
    verify(message, {named: _public(key)}, now=now.timestamp(), covered=COVERED_OF_BODY if body else COVERED, tag=TAG)
    nonce, expires = nonce_of(message, TAG)
    if not nonce:
        raise NotProven("it has no nonce")
    return _Proof(key, (nonce, float(expires)))


def _key_shown(at: datetime, kind: str, fingerprint: bytes) -> RelyingPartyKey | None:
    """Return the good key that was shown itself, which proves it: the statement names the reader in one go."""
    row = ask(_SHOWN, [*is_local(), at, at, kind, fingerprint])
    return _read(row) if row else None


def _key_named(at: datetime, which: str, *values: Any) -> RelyingPartyKey | None:
    """Return a good key that was named, of which nothing is proven yet: nobody reads by it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} {_GOOD} AND {which}", [at, at, _Kind.JWK, *values])
        row = cursor.fetchone()
    return _read(row) if row else None


def _read(row: Sequence[Any]) -> RelyingPartyKey:
    """Return a key and its party, as Django would make them of the row."""
    key = RelyingPartyKey.from_db(connection.alias, _KEY_FIELDS, row[: len(_KEY_FIELDS)])
    key.public = json.loads(row[_PUBLIC])
    key.relying_party = RelyingParty.from_db(connection.alias, _PARTY_FIELDS, row[len(_KEY_FIELDS) :])
    return key


def _public(key: RelyingPartyKey) -> PublicKey:
    jwk: Mapping[str, object] = key.public
    return public_key(jwk)


def _let_in(proof: _Proof, now: datetime) -> Caller | None:
    """Return the caller once what may be shown only once is spent."""
    key = proof.key
    if proof.spend is not None and not _is_first_shown(key.pk, *proof.spend):
        return None
    read_as_partner(key.relying_party_id)
    if key.last_used_at is None or key.last_used_at <= now - USE_NOTED_EVERY:
        RelyingPartyKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return Caller(key.relying_party, key.pk, key.environment == Environment.TEST)


def _is_first_shown(key_id: UUID, named: str, expires: float) -> bool:
    """Whether this was never shown before with this key; from now on it was."""
    digest = sha256(f"{public_id(KEY, key_id)}\0{named}".encode(errors="replace")).digest()
    # Kept a little longer than it is taken: a signature's end has a leeway of its own.
    kept_until = datetime.fromtimestamp(expires, UTC) + timedelta(minutes=1)
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, [digest, kept_until])
        return bool(cursor.rowcount)


_KEY_FIELDS = [field.attname for field in RelyingPartyKey._meta.concrete_fields]
_PARTY_FIELDS = [field.attname for field in RelyingParty._meta.concrete_fields]
_PUBLIC = _KEY_FIELDS.index("public")
_COLUMNS = ", ".join([*(f"key.{each}" for each in _KEY_FIELDS), *(f"party.{each}" for each in _PARTY_FIELDS)])
_GOOD = """
    FROM relying_parties_relyingpartykey key JOIN relying_parties_relyingparty party ON party.id = key.relying_party_id
    WHERE party.is_active AND (key.environment = 'test' OR party.state = 'approved')
        AND key.revoked_at IS NULL AND key.not_before <= %s AND key.not_after > %s AND key.kind = %s
"""
"""A key that is good at an instant, of a party that is let in."""
_SHOWN = f"""SELECT {ALONG}{_COLUMNS},
        {naming("'partner'", "party.id::text")}
    {_GOOD} AND key.fingerprint = %s
"""
"""Written out: every request of a relying party says it first, and Django's compiler took a fifth of a check."""
_SPEND = "INSERT INTO relying_parties_spentassertion (key, expires_at) VALUES (%s, %s) ON CONFLICT DO NOTHING"
