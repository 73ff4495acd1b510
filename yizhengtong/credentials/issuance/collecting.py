"""A wallet collects: at once, or later what could not be made yet; and tells what became of it."""

import hashlib
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from yizhengtong.credentials.catalogue.queries import CredentialType, credential_types
from yizhengtong.credentials.formats.strict import decode_base64url
from yizhengtong.credentials.issuance import nonces
from yizhengtong.credentials.issuance.copies import Made, Readiness, make_copies, permit_for, readiness
from yizhengtong.credentials.issuance.ending import end_batches
from yizhengtong.credentials.issuance.models import Batch, Deferral
from yizhengtong.credentials.issuance.policies import may_collect
from yizhengtong.credentials.issuance.problems import Fault, IssuanceProblem, NotAuthorized
from yizhengtong.credentials.issuance.proofs import Attesters, Expected, HolderKey, prove
from yizhengtong.credentials.issuance.requests import (
    Notification,
    read_credential_request,
    read_notification,
    read_transaction_id,
)
from yizhengtong.credentials.issuance.secret_ids import hash_of, new_secret
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act, record_read
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits.models import Permit

INTERVAL_SECONDS = 3600
"""How long a wallet waits before it asks again; ours: a card takes days."""
DEFERRAL_LASTS = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who bears an access token: for which person, by whose leave, for which forms, bound to which key.

    `key_thumbprint`: RFC 7638 in base64url of the key that the token is bound to; empty for a bearer token, which
    `grant_id` then tells apart. `client_id`, `name`: of the wallet, empty where it did not say or is not known.
    `uses_identifiers`: the token was given authorization details.
    """

    person_id: UUID
    by: Principal
    configuration_ids: Collection[str]
    grant_id: UUID
    client_id: str = ""
    name: str = ""
    key_thumbprint: str = ""
    uses_identifiers: bool = False

    @property
    def wallet(self) -> bytes:
        """What the wallet is known by, 32 bytes."""
        if self.key_thumbprint:
            return decode_base64url(self.key_thumbprint, "jwk.malformed")
        return hashlib.sha256(f"grant {self.grant_id}".encode()).digest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a wallet is told: 200 with copies, or 202 where it must ask again."""

    status: int
    body: Mapping[str, Any] = field(repr=False)


@use_case
def collect(*, payload: Mapping[str, Any], bearer: Bearer, on: date, attesters: Attesters | None = None) -> Answer:
    """Answer a credential request (OpenID4VCI 8). Raises IssuanceProblem, NotAuthorized for another token's form."""
    kinds = credential_types()
    wanted = read_credential_request(payload, kinds)
    if ("credential_identifier" in payload) != bearer.uses_identifiers:
        raise IssuanceProblem(Fault.INVALID_REQUEST, "name the credential as the token response did")
    if wanted.configuration_id not in bearer.configuration_ids:
        raise NotAuthorized("the access token is not for this credential")
    expected = Expected(settings.YZT_ADDRESS, bearer.client_id, time.time(), settings.YZT_CREDENTIAL_BATCH, attesters)
    proven = prove(wanted.proofs, expected)
    for nonce in sorted(proven.nonces):
        nonces.spend(nonce)
    permit, kind, ready = _found(bearer, wanted.configuration_id, on)
    if ready is Readiness.LATER:
        return _defer(permit, kind, proven.keys, bearer)
    return _issue(permit, kind, proven.keys, bearer, on, has_notification=True)


@use_case
def collect_deferred(*, payload: Mapping[str, Any], bearer: Bearer, on: date) -> Answer:
    """Answer a deferred credential request (OpenID4VCI 9). Raises IssuanceProblem, NotAuthorized as `collect`."""
    secret = read_transaction_id(payload)
    asked = Deferral.objects.select_for_update().filter(
        transaction_hash=hash_of(secret), person_id=bearer.person_id, wallet_thumbprint=bearer.wallet,
        expires_at__gt=timezone.now(),
    ).first()  # fmt: skip
    if asked is None:
        raise IssuanceProblem(Fault.INVALID_TRANSACTION, "no such transaction")
    if asked.configuration_id not in bearer.configuration_ids:
        raise NotAuthorized("the access token is not for this credential")
    permit, kind, ready = _found(bearer, asked.configuration_id, on)
    if ready is Readiness.LATER:
        return Answer(202, {"transaction_id": secret, "interval": INTERVAL_SECONDS})
    keys = [HolderKey(each["jwk"], bytes.fromhex(each["thumbprint"])) for each in asked.keys]
    asked.delete()
    # Without a notification id, which is optional here: wallets in use read an answer that has one as malformed.
    return _issue(permit, kind, keys, bearer, on, has_notification=False)


@use_case
def take_notification(*, payload: Mapping[str, Any], bearer: Bearer) -> None:
    """Note what became of copies (OpenID4VCI 11). What the wallet does not hold is ended. Raises IssuanceProblem."""
    told: Notification = read_notification(payload)
    batch = (
        Batch.objects.select_for_update(of=("self",))
        .filter(notification_hash=hash_of(told.notification_id), person_id=bearer.person_id)
        .filter(wallet__key_thumbprint=bearer.wallet)
        .select_related("permit")
        .first()
    )
    if batch is None:
        raise IssuanceProblem(Fault.INVALID_NOTIFICATION_ID, "no such notification id")
    if batch.event == told.event or batch.ended_at is not None:
        return
    batch.event, batch.event_at = told.event, timezone.now()
    batch.save(update_fields=["event", "event_at"])
    if told.event != Batch.Event.ACCEPTED:
        end_batches([batch])
    record_act("issuance.notify", by=bearer.by, on=("wallet", batch.wallet_id), person_id=batch.person_id,
               fields=[told.event])  # fmt: skip


def _found(bearer: Bearer, configuration_id: str, on: date) -> tuple[Permit, CredentialType, Readiness]:
    """Return the permit a form is of. Raises IssuanceProblem where there is none that is good, or none for who asks."""
    found = permit_for(bearer.person_id, configuration_id)
    if found is None or not may_collect(found[0].person, bearer.by, on):
        raise IssuanceProblem(Fault.DENIED, "there is no such permit")
    ready = readiness(found[0], on)
    if ready is Readiness.NEVER:
        raise IssuanceProblem(Fault.DENIED, "the permit is not valid")
    return (*found, ready)


def _defer(permit: Permit, kind: CredentialType, keys: Sequence[HolderKey], bearer: Bearer) -> Answer:
    secret, now = new_secret(), timezone.now()
    asked = Deferral(
        transaction_hash=hash_of(secret), person_id=permit.person_id, wallet_thumbprint=bearer.wallet,
        configuration_id=kind.configuration_id, asked_at=now, expires_at=now + DEFERRAL_LASTS,
        keys=[{"jwk": dict(key.jwk), "thumbprint": key.thumbprint.hex()} for key in keys],
    )  # fmt: skip
    asked.save(force_insert=True)
    record_act("issuance.defer", by=bearer.by, on=("permit", permit.pk), person_id=permit.person_id,
               fields=[kind.configuration_id])  # fmt: skip
    return Answer(202, {"transaction_id": secret, "interval": INTERVAL_SECONDS})


def _issue(
    permit: Permit, kind: CredentialType, keys: Sequence[HolderKey], bearer: Bearer, on: date, *, has_notification: bool
) -> Answer:
    notification = new_secret() if has_notification else ""
    wallet_id, is_new, is_due = _wallet(bearer)
    if is_due:
        _renew(wallet_id, permit, kind)
    made = make_copies(permit, kind, keys, on)
    hashed = hash_of(notification) if notification else None
    _keep(permit, kind, keys, made, wallet_id=wallet_id, account_id=bearer.by.id, notification_hash=hashed)
    record_read("issuance.collect", by=bearer.by, on=("permit", permit.pk), person_id=permit.person_id,
                purpose="wallet", fields=[kind.configuration_id, f"copies:{len(keys)}"])  # fmt: skip
    if is_new:
        publish("wallets.collected", on=("permit", permit.pk), person_id=permit.person_id,
                facts={"wallet": str(wallet_id)})  # fmt: skip
    body: dict[str, Any] = {"credentials": [{"credential": each} for each in made.credentials]}
    return Answer(200, {**body, "notification_id": notification} if notification else body)


def _wallet(bearer: Bearer) -> tuple[UUID, bool, bool]:
    """Return the wallet's row, whether it begins now, being new or ended before, and whether it is to collect anew."""
    now = timezone.now()
    with connection.cursor() as cursor:
        known_by: list[Any] = [bearer.person_id, bearer.wallet, bearer.name[:120], bearer.grant_id]
        cursor.execute(_WALLET, [new_id(), *known_by, now, now])
        row = cursor.fetchone()
    return row[0], row[1], row[2]


def _renew(wallet_id: UUID, permit: Permit, kind: CredentialType) -> None:
    """Note that what this wallet was to collect anew is collected."""
    due = Batch.objects.filter(
        wallet_id=wallet_id, permit=permit, configuration_id=kind.configuration_id, due_at__isnull=False,
        renewed_at=None,
    )  # fmt: skip
    due.update(renewed_at=timezone.now())


def _keep(
    permit: Permit, kind: CredentialType, keys: Sequence[HolderKey], made: Made, *, wallet_id: UUID,
    account_id: UUID | None, notification_hash: bytes | None,
) -> None:  # fmt: skip
    """Write down which copies there are, in one statement; not what they say."""
    whose: list[Any] = [new_id(), permit.person_id, permit.pk, wallet_id, account_id]
    batch: list[Any] = [*whose, kind.configuration_id, made.key_id, len(keys)]
    rows = [
        (new_id(), key.thumbprint, status.uri, status.index) for key, status in zip(keys, made.statuses, strict=True)
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [*batch, made.expires_on, notification_hash, timezone.now(), *columns])


_WALLET = """
    INSERT INTO issuance_wallet AS wallet (id, person_id, key_thumbprint, name, grant_id, first_at)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (person_id, key_thumbprint) DO UPDATE SET ended_at = NULL, grant_id = excluded.grant_id,
        first_at = CASE WHEN wallet.ended_at IS NULL THEN wallet.first_at ELSE excluded.first_at END,
        name = CASE WHEN excluded.name = '' THEN wallet.name ELSE excluded.name END
    RETURNING id, first_at = %s, EXISTS (
        SELECT FROM issuance_batch due
        WHERE due.wallet_id = wallet.id AND due.due_at IS NOT NULL AND due.renewed_at IS NULL
    )
"""
_KEEP = """
    WITH batch AS (
        INSERT INTO issuance_batch (id, person_id, permit_id, wallet_id, account_id, configuration_id, key_id, copies,
            expires_on, notification_hash, collected_at, event)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '')
        RETURNING id, person_id
    )
    INSERT INTO issuance_issuedcredential (id, batch_id, person_id, key_thumbprint, status_uri, status_index)
    SELECT copy.id, batch.id, batch.person_id, copy.key_thumbprint, copy.status_uri, copy.status_index
    FROM batch, unnest(%s::uuid[], %s::bytea[], %s::varchar[], %s::int[])
        AS copy (id, key_thumbprint, status_uri, status_index)
"""
"""Written out, as the two statements before: they are said with every request."""
