"""Whether issuer keys are as they should be: what an operator is told, before somebody's credential is refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from cryptography import x509
from django.conf import settings
from django.utils import timezone

from yizhengtong.credentials.keys import certificates
from yizhengtong.credentials.keys.authority import CERTIFIED, authority_in_use
from yizhengtong.credentials.keys.holding import checker_for, signer_for
from yizhengtong.credentials.keys.models import Algorithm, Certificate, IssuerKey, KeyState, RevocationList, Use
from yizhengtong.credentials.keys.suites import algorithms
from yizhengtong.kernel.errors import Problem

ROTATED_AFTER = timedelta(days=365)
"""Ours: how long a key signs before somebody is reminded."""
_ENDS_SOON = timedelta(days=30)
_TRIED = b"yizhengtong issuer-keys check"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something about a key, or a use: a code (texts.yaml) and its facts. `is_urgent`: something is refused already."""

    code: str
    facts: dict[str, object]
    is_urgent: bool = True


def faults() -> list[Fault]:
    """Return everything that is wrong, and what is soon."""
    return [*_of_uses(), *_of_keys(), *_of_authority()]


def _of_uses() -> Iterator[Fault]:
    active = set(IssuerKey.objects.filter(state=KeyState.ACTIVE).values_list("use", "algorithm"))
    for use in Use:
        for algorithm in algorithms():
            if (use.value, algorithm) not in active:
                yield Fault("keys.none", {"use": use.value})


def _of_keys() -> Iterator[Fault]:
    for key in IssuerKey.objects.filter(state__in=IssuerKey.SIGNING).order_by("use", "algorithm", "made_at"):
        yield from _of_signing(key)
        if key.active_from and key.active_from < timezone.now() - ROTATED_AFTER:
            yield Fault("keys.is_old", {"use": key.use, "algorithm": key.algorithm}, is_urgent=False)
        if key.algorithm == Algorithm.ES256 and key.use in CERTIFIED:
            yield from _of_certificate(key)


def _of_signing(key: IssuerKey) -> Iterator[Fault]:
    try:
        if not checker_for(key).check(_TRIED, signer_for(key).sign(_TRIED)):
            yield Fault("keys.does_not_fit", {"key": key.key_id, "use": key.use})
    except Problem as problem:
        yield Fault(problem.code, dict(problem.facts))


def _of_certificate(key: IssuerKey) -> Iterator[Fault]:
    newest = Certificate.objects.filter(key=key, revoked_at=None).order_by("-made_at", "-pk").first()
    left = newest.valid_until - timezone.now() if newest else timedelta()
    if newest is None or left < _ENDS_SOON:
        yield Fault("keys.certificate_ends", {"use": key.use, "days": max(left.days, 0)}, is_urgent=left <= timedelta())
    elif certificates.address_of(x509.load_der_x509_certificate(bytes(newest.content))) != settings.YZT_ADDRESS:
        yield Fault("keys.certificate_elsewhere", {"use": key.use})


def _of_authority() -> Iterator[Fault]:
    authority = authority_in_use()
    if authority is None:
        if Algorithm.ES256 in algorithms():
            yield Fault("keys.no_authority", {})
        return
    if not RevocationList.objects.filter(authority=authority, next_at__gt=timezone.now()).exists():
        yield Fault("keys.list_ended", {})
