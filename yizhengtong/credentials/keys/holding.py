"""Where private parts are: sealed in the row, or in a token and named there (`settings.YZT_SIGNING_KEYS`)."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType

from django.conf import settings

from yizhengtong.credentials.formats import jwk
from yizhengtong.credentials.formats.signing import Checker, Signer
from yizhengtong.credentials.keys import sm2, software
from yizhengtong.credentials.keys.errors import KeyProblem
from yizhengtong.credentials.keys.models import Algorithm, Authority, IssuerKey

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made: what signs with it, and its private part for the row (`secret`) or its name in the token."""

    signer: Signer
    secret: str | None = field(default=None, repr=False)
    label: str = ""

    @property
    def public(self) -> Mapping[str, str]:
        return self.signer.public_jwk


def new_key(algorithm: str) -> NewKey:
    """Make a key where this deployment keeps those of an algorithm. Raises KeyProblem."""
    if algorithm == Algorithm.SM2:
        national = sm2.new_signer()
        return NewKey(national, secret=national.secret())
    if settings.YZT_SIGNING_KEYS:
        kept = _tokens().new_signer(settings.YZT_SIGNING_KEYS)
        return NewKey(kept, label=kept.label)
    made = software.new_signer()
    return NewKey(made, secret=made.secret())


def signer_for(row: IssuerKey | Authority, certificates: tuple[bytes, ...] = ()) -> Signer:
    """Return what signs with a row's private part. Raises KeyProblem `keys.signs_no_more`, `keys.token_not_set`."""
    if row.label:
        if not settings.YZT_SIGNING_KEYS:
            raise KeyProblem("keys.token_not_set", key=row.key_id)
        signer: Signer = _tokens().TokenSigner(row.public, settings.YZT_SIGNING_KEYS, row.label, certificates)
        return signer
    if row.secret is None:
        raise KeyProblem("keys.signs_no_more", key=row.key_id)
    if row.public["alg"] == Algorithm.SM2:
        return sm2.signer_of(row.secret)
    return software.signer_of(row.secret, certificates)


def checker_for(row: IssuerKey) -> Checker:
    """Return what checks with a row's public part. Raises KeyProblem where libcrypto is missing."""
    return sm2.checker_of(row.public) if row.algorithm == Algorithm.SM2 else jwk.checker_of(row.public)


def destroy_private(label: str) -> None:
    """Remove a private part from its token, if it is there. A token that cannot be asked keeps it: that is logged."""
    if not label or not settings.YZT_SIGNING_KEYS:
        return
    try:
        _tokens().destroy(settings.YZT_SIGNING_KEYS, label)
    except KeyProblem as problem:
        log.error("keys.stays_in_token label=%s code=%s", label, problem.code)


def _tokens() -> ModuleType:
    try:
        from yizhengtong.credentials.keys import tokens  # its library is an extra (requirements/pkcs11.in)
    except ImportError:
        raise KeyProblem("keys.token_refused", what="python-pkcs11") from None
    return tokens
