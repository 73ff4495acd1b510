"""Asking what credentials there are and what they say of a permit."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from django.conf import settings

from yizhengtong.credentials.catalogue.claims import Claims, claims_for
from yizhengtong.credentials.catalogue.schema import shipped_types
from yizhengtong.credentials.catalogue.types import CredentialType, Format, build
from yizhengtong.permitting.permits.models import Permit

__all__ = ["Claims", "CredentialType", "Format", "claims_of", "credential_types", "types_of"]


def credential_types() -> Mapping[str, CredentialType]:
    """Return every credential type by configuration id, such as `zhejiang_permit_sd_jwt`."""
    return _types(settings.YZT_ADDRESS)


def types_of(permit: Permit) -> tuple[CredentialType, ...]:
    """Return the types a permit can be issued as, whatever its state."""
    return tuple(each for each in credential_types().values() if permit.kind in each.kinds)


def claims_of(permit: Permit, on: date) -> Claims:
    """Return what credentials say of a permit, ages and law as of `on`; the photograph included where there is one.

    It opens personal data: the caller asks who may, and records the read. Opening the photograph records itself.
    """
    return claims_for(permit, types_of(permit), on)


@lru_cache(maxsize=4)
def _types(address: str) -> Mapping[str, CredentialType]:
    return build(shipped_types(), address)
