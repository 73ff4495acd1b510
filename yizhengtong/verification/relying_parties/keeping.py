"""Keys of an organisation: made or registered by a member, several at once so that they rotate, revoked at once.

A key makes no key: what has leaked opens no further way. It may revoke keys of its own environment, though; who finds
that a key leaked stops it from wherever they are.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from django.db import IntegrityError, transaction

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.exchange.keys import PublicKey, public_jwk, public_key, thumbprint
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, NotFound
from yizhengtong.kernel.ids import public_id
from yizhengtong.verification.relying_parties.assertions import NotProven, ensure_good, read_assertion
from yizhengtong.verification.relying_parties.authenticating import PARTY
from yizhengtong.verification.relying_parties.bounds import (
    KEY_LASTS,
    KEYS_AT_ONCE,
    LONGEST_KEY_NAME,
    LONGEST_LABEL,
    LONGEST_OVERLAP,
    MOST_CERTIFICATE,
)
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.keys import hash_of, new_key
from yizhengtong.verification.relying_parties.models import Environment, RelyingParty, RelyingPartyKey
from yizhengtong.verification.relying_parties.policies import own_party

_Kind = RelyingPartyKey.Kind
_REASONS = frozenset({"replaced", "leaked"})


@use_case
def make_secret(*, environment: str, label: str, by: Principal, at: datetime) -> tuple[RelyingPartyKey, str]:
    """Return a new secret of the caller's organisation, shown this once.

    Raises Invalid, Conflict `relying_parties.not_approved`, `relying_parties.too_many_keys`.
    """
    party = _may_have_one_more(environment, label, by, at)
    secret = new_key()
    made = RelyingPartyKey(kind=_Kind.SECRET, fingerprint=hash_of(secret))
    return _keep(made, party, environment, label, by, at), secret


@use_case
def register_jwk(
    *, environment: str, label: str, jwk: Mapping[str, Any], proof: str, audience: str, by: Principal, at: datetime
) -> RelyingPartyKey:
    """Register a public key, Ed25519 or on P-256, for assertions and signed requests.

    `proof`: an assertion of the organisation signed by this very key: nobody registers another's. Raises Invalid
    `relying_parties.key_wrong`, Conflict as `make_secret` and `relying_parties.key_there`.
    """
    party = _may_have_one_more(environment, label, by, at)
    if {"d", "k", "p", "q"} & jwk.keys():
        raise _wrong("jwk", "relying_parties.key_is_private")
    try:
        key = public_key(jwk)
        name = str(jwk.get("kid") or thumbprint(jwk))
    except ValueError as error:
        raise _wrong("jwk", "relying_parties.key_wrong") from error
    if len(name) > LONGEST_KEY_NAME or not name.isprintable():
        raise _wrong("jwk", "relying_parties.key_wrong")
    _ensure_proven(proof, key, party, audience, at)
    plain = public_jwk(key.key)
    made = RelyingPartyKey(kind=_Kind.JWK, name=name, public=plain, fingerprint=_thumbprint_bytes(plain))
    return _keep(made, party, environment, label, by, at)


@use_case
def register_certificate(
    *, environment: str, label: str, pem: str, proof: str, audience: str, by: Principal, at: datetime
) -> RelyingPartyKey:
    """Register the certificate, of an Ed25519 key or one on P-256, by which our proxy will know the organisation.

    Self-signed is good: what counts is this very certificate. It ends when the certificate does. `proof` and what is
    raised as with `register_jwk`.
    """
    party = _may_have_one_more(environment, label, by, at)
    certificate, key = _certificate(pem)
    _ensure_proven(proof, key, party, audience, at)
    made = RelyingPartyKey(kind=_Kind.CERTIFICATE, fingerprint=certificate.fingerprint(SHA256()))
    made.not_after = certificate.not_valid_after_utc
    if made.not_after <= at:
        raise _wrong("pem", "relying_parties.key_over")
    return _keep(made, party, environment, label, by, at)


@use_case
def rotate_secret(*, key_id: UUID, ends_at: datetime, by: Principal, at: datetime) -> tuple[RelyingPartyKey, str]:
    """Return a new secret in place of one that goes on until `ends_at`.

    Raises as `make_secret` and `end_key`; Conflict `relying_parties.key_is_no_secret` for a key of another kind.
    """
    old = _own(key_id, by)
    if old.kind != _Kind.SECRET:
        raise Conflict("relying_parties.key_is_no_secret")
    made, secret = make_secret(environment=old.environment, label=old.label, by=by, at=at)
    end_key(key_id=key_id, ends_at=ends_at, by=by, at=at)
    return made, secret


@use_case
def end_key(*, key_id: UUID, ends_at: datetime, by: Principal, at: datetime) -> RelyingPartyKey:
    """Let a key go on only until an instant soon: another follows it. Never longer than it would have.

    Raises NotFound, Invalid `relying_parties.overlap_wrong`.
    """
    key = _own(key_id, by)
    if not at < ends_at <= at + LONGEST_OVERLAP:
        raise _wrong("ends_at", "relying_parties.overlap_wrong")
    key.not_after = min(key.not_after, ends_at)
    key.save(update_fields=["not_after"])
    record_act("relying_parties.end_key", by=by, on=("relying_party_key", key.pk), person_id=None)
    return key


@use_case
def revoke_key(*, key_id: UUID, because: str, by: Principal, at: datetime) -> RelyingPartyKey:
    """Stop a key at once and for good. `because`: replaced or leaked. Raises NotFound, Invalid."""
    return _revoke(_own(key_id, by), because, by, at)


@use_case
def revoke_as_caller(*, key_id: UUID, because: str, caller: Caller, at: datetime) -> RelyingPartyKey:
    """Stop a key of the caller's own environment, also the one it came by. Raises NotFound, Invalid."""
    environment = Environment.TEST if caller.is_test else Environment.PRODUCTION
    found = RelyingPartyKey.objects.filter(relying_party=caller.party, environment=environment, pk=key_id).first()
    if found is None:
        raise NotFound("not_found")
    return _revoke(found, because, caller.by, at)


def _revoke(key: RelyingPartyKey, because: str, by: Principal, at: datetime) -> RelyingPartyKey:
    if because not in _REASONS:
        raise _wrong("because", "relying_parties.because_wrong")
    if key.revoked_at is None:
        key.revoked_at, key.revoked_because = at, because
        key.save(update_fields=["revoked_at", "revoked_because"])
        record_act("relying_parties.revoke_key", by=by, on=("relying_party_key", key.pk), person_id=None,
                   fields=[because])  # fmt: skip
    return key


def _own(key_id: UUID, by: Principal) -> RelyingPartyKey:
    found = RelyingPartyKey.objects.filter(relying_party=own_party(by), pk=key_id).first()
    if found is None:
        raise NotFound("not_found")
    return found


def _may_have_one_more(environment: str, label: str, by: Principal, at: datetime) -> RelyingParty:
    """Return the caller's organisation if it may have one more key of an environment."""
    party = own_party(by)
    if environment not in Environment.values:
        raise _wrong("environment", "web.field_wrong")
    if len(label) > LONGEST_LABEL:
        raise _wrong("label", "web.field_wrong")
    if environment == Environment.PRODUCTION and party.state != RelyingParty.State.APPROVED:
        raise Conflict("relying_parties.not_approved")
    good = RelyingPartyKey.objects.filter(
        relying_party=party, environment=environment, revoked_at=None, not_after__gt=at
    ).count()
    if good >= KEYS_AT_ONCE:
        raise Conflict("relying_parties.too_many_keys", most=KEYS_AT_ONCE)
    return party


def _keep(
    made: RelyingPartyKey, party: RelyingParty, environment: str, label: str, by: Principal, at: datetime
) -> RelyingPartyKey:
    made.relying_party, made.environment, made.label, made.not_before = party, environment, label.strip(), at
    made.not_after = min(made.not_after, at + KEY_LASTS) if made.not_after else at + KEY_LASTS
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("relying_parties.key_there") from error
    record_act("relying_parties.make_key", by=by, on=("relying_party_key", made.pk), person_id=None,
               fields=[made.kind, environment])  # fmt: skip
    return made


def _ensure_proven(proof: str, key: PublicKey, party: RelyingParty, audience: str, at: datetime) -> None:
    try:
        ensure_good(read_assertion(proof), key, party=public_id(PARTY, party.pk), audience=audience, now=at.timestamp())
    except NotProven as error:
        raise _wrong("proof", "relying_parties.proof_wrong") from error


def _certificate(pem: str) -> tuple[x509.Certificate, PublicKey]:
    """Return a certificate and its key. Raises Invalid for what is none, or a key of another kind."""
    try:
        certificate = x509.load_pem_x509_certificate(pem[:MOST_CERTIFICATE].encode())
        public = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _wrong("pem", "relying_parties.key_wrong") from error
    is_on_p256 = isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1)
    if not isinstance(public, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey) or not (
        is_on_p256 or isinstance(public, ed25519.Ed25519PublicKey)
    ):
        raise _wrong("pem", "relying_parties.key_wrong")
    return certificate, public_key(public_jwk(public))


def _thumbprint_bytes(jwk: Mapping[str, str]) -> bytes:
    return hash_of(thumbprint(jwk))


def _wrong(field: str, code: str) -> Invalid:
    return Invalid("relying_parties.key_invalid", errors=[FieldError(field, code)])
