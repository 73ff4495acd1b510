"""Asking: a relying party names a purpose, and gets the link that opens a wallet. No more is asked than is granted."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from yizhengtong.credentials.catalogue.queries import credential_types
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Forbidden, Invalid
from yizhengtong.verification.authorization.redirects import is_allowed
from yizhengtong.verification.presentations import lifetimes
from yizhengtong.verification.presentations.carried import Wanted, is_carried, wanted_of
from yizhengtong.verification.presentations.models import Presentation
from yizhengtong.verification.presentations.requests import client_id_of, link_to, reader
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import RelyingPartyAddress
from yizhengtong.verification.relying_parties.queries import claims_of, is_registered


@dataclass(frozen=True, slots=True)
class Started:
    """`link`: what opens a wallet on this device, or is drawn as a QR code for another."""

    presentation: Presentation
    link: str


@use_case
def start_presentation(
    *, caller: Caller, purpose: str, claims: Sequence[str] = (), redirect_uri: str = "", is_encrypted: bool = True
) -> Started:
    """Ask a wallet for one purpose. `claims`: fewer than are granted; none named: all that wallets carry of them.

    `redirect_uri`: where the wallet on the same device sends the browser afterwards, one of the party's own; empty for
    another device. Raises Forbidden `relying_parties.purpose_not_registered`, `presentations.more_than_granted`,
    `presentations.redirect_unknown`; Invalid `presentations.not_carried`; Conflict `presentations.not_offered`.
    """
    asked = _claims(caller, purpose, claims)
    if redirect_uri and not _may_redirect(caller, redirect_uri):
        raise Forbidden("presentations.redirect_unknown")
    now = timezone.now()
    presentation = Presentation(
        relying_party=caller.party, is_test=caller.is_test, purpose=purpose, claims=list(asked), made_at=now,
        configuration_ids=[each.type.configuration_id for each in wanted(asked)], redirect_uri=redirect_uri,
        client_id=client_id_of(reader()), is_encrypted=is_encrypted, expires_at=now + lifetimes.OPEN,
    )  # fmt: skip
    presentation.save(force_insert=True)
    record_act("presentations.ask", by=caller.by, on=("presentation", presentation.pk), person_id=None,
               purpose=purpose, fields=list(asked))  # fmt: skip
    return Started(presentation, link_to(presentation))


def wanted(claims: Sequence[str], configuration_ids: Sequence[str] | None = None) -> list[Wanted]:
    """Return what is asked of each type of credential that says all of it; of those named, where some are."""
    types = credential_types()
    found = (wanted_of(kind, claims) for name, kind in types.items() if name in (configuration_ids or types))
    return [each for each in found if each is not None]


def _claims(caller: Caller, purpose: str, claims: Sequence[str]) -> tuple[str, ...]:
    """Return what is told at most, in the order of the purpose."""
    most = caller.require(purpose).claims
    granted = most if caller.is_test else claims_of(caller.party, purpose)
    if not set(claims) <= set(granted):
        raise Forbidden("presentations.more_than_granted")
    asked = tuple(claim for claim in granted if (claim in claims if claims else is_carried(claim)))
    if not asked or not all(map(is_carried, asked)) or not wanted(asked):
        raise Invalid("presentations.not_carried")
    return asked


def _may_redirect(caller: Caller, uri: str) -> bool:
    """Registered letter by letter; in the sandbox any address of an app or a page."""
    if caller.is_test:
        return is_allowed(uri, None)
    return is_registered(caller.party, RelyingPartyAddress.Kind.REDIRECT, uri)
