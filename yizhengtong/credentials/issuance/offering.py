"""Offers: what a holder's own wallet is told by a QR code or a link, and what the holder reads while it is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from yizhengtong.credentials.issuance.copies import Readiness, offered_types, readiness
from yizhengtong.credentials.issuance.models import Offer
from yizhengtong.credentials.issuance.policies import ensure_may_offer
from yizhengtong.credentials.issuance.secret_ids import hash_of, new_secret
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.vault.fields import Sealed
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.permitting.permits.models import Permit

PRE_AUTHORIZED_CODE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
AUTHORIZATION_CODE = "authorization_code"
SCHEME = "openid-credential-offer://"
PATH = "/wallet/offers/"


@dataclass(frozen=True, slots=True)
class Granted:
    """What the authorization server gave for an offer: a code that is good once, and what the holder types."""

    code: str = field(repr=False)
    tx_code: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """An offer as its maker sees it. `link`: what a QR code holds and a wallet on the same phone opens."""

    id: UUID
    link: str = field(repr=False)
    tx_code: str = field(repr=False)
    made_at: datetime
    expires_at: datetime


@use_case
def offer(
    *,
    permit: Permit,
    configuration_ids: Sequence[str],
    grant: Callable[[Sequence[str]], Granted],
    description: str,
    by: Principal,
) -> MadeOffer:
    """Offer forms of a permit to a wallet of its holder; offers made before by the same account end.

    `grant`: asks the authorization server for a code, once everything else is found to be in order. `description`:
    what the wallet says beside the field of the transaction code, at most 300 characters. Raises NotFound for a
    stranger's permit, Conflict `issuance.not_offered`, Invalid `issuance.unknown_form`.
    """
    ensure_may_offer(permit, by)
    forms = {each.configuration_id for each in offered_types(permit)}
    if not forms or by.id is None or readiness(permit, legal_day(timezone.now())) is Readiness.NEVER:
        raise Conflict("issuance.not_offered")
    if not configuration_ids or not forms.issuperset(configuration_ids):
        raise Invalid("issuance.unknown_form")
    Offer.objects.filter(person_id=permit.person_id, made_by=by.id).delete()
    granted, secret = grant(configuration_ids), new_secret()
    made = Offer(
        reference_hash=hash_of(secret), person_id=permit.person_id, permit=permit, made_by=by.id,
        expires_at=granted.expires_at, content=_content(configuration_ids, granted, secret, description),
    )  # fmt: skip
    made.save(force_insert=True)
    record_act("issuance.offer", by=by, on=("permit", permit.pk), person_id=permit.person_id,
               fields=list(configuration_ids))  # fmt: skip
    return _shown(made)


def open_offer(permit: Permit, by: Principal) -> MadeOffer | None:
    """Return the offer that an account made of a permit and that has not ended; None where there is none."""
    made = Offer.objects.filter(permit=permit, person_id=permit.person_id, expires_at__gt=timezone.now())
    found = made.filter(made_by=by.id).order_by("-id").first() if by.id is not None else None
    return _shown(found) if found else None


def offered(secret: str) -> Mapping[str, Any]:
    """Return the offer at an address, for whoever knows the address. Raises NotFound."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM issuance_offered(%s)", [hash_of(secret)])
        row = cursor.fetchone()
    if row is None:
        raise NotFound("not_found")
    content: dict[str, Any] = Offer(pk=row[0], content=Sealed(bytes(row[1]))).content
    told: Mapping[str, Any] = content["offer"]
    return told


def _content(
    configuration_ids: Sequence[str], granted: Granted, secret: str, description: str
) -> dict[str, Any]:  # fmt: skip
    """Return what is sealed: the offer as a wallet reads it (OpenID4VCI 4.1.1), and what only its maker is shown."""
    code = {"length": len(granted.tx_code), "input_mode": "numeric", "description": description[:300]}
    told = {
        "credential_issuer": settings.YZT_ADDRESS,
        "credential_configuration_ids": list(configuration_ids),
        "grants": {
            PRE_AUTHORIZED_CODE: {"pre-authorized_code": granted.code, "tx_code": code},
            AUTHORIZATION_CODE: {"issuer_state": new_secret()},
        },
    }
    return {"offer": told, "secret": secret, "tx_code": granted.tx_code}


def _shown(made: Offer) -> MadeOffer:
    address = quote(f"{settings.YZT_ADDRESS}{PATH}{made.content['secret']}", safe="")
    link = f"{SCHEME}?credential_offer_uri={address}"
    return MadeOffer(made.pk, link, made.content["tx_code"], made.made_at, made.expires_at)
