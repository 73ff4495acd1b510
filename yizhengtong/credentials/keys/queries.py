"""What others ask of issuer keys: who signs, who checks, and what is published."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import ProgrammingError

from yizhengtong.credentials.formats.signing import Checker, Signer
from yizhengtong.credentials.keys.errors import KeyProblem
from yizhengtong.credentials.keys.models import Use
from yizhengtong.credentials.keys.ring import Ring, ring
from yizhengtong.credentials.keys.suites import algorithms
from yizhengtong.kernel.errors import Problem

__all__ = ["Use", "checkers", "published_jwks", "signer", "signers"]


def signer(use: Use) -> Signer:
    """Return the active key of a use in the deployment's first algorithm.

    A deployment without keys gets them now, unless it is in production. Raises KeyProblem `keys.none`, or why the key
    cannot be used.
    """
    return _signer(_with_keys(use), use, algorithms()[0])


def signers(use: Use) -> tuple[Signer, ...]:
    """Return the active keys of a use, one of each of the deployment's algorithms: ES256 first where it signs by both.

    Raises KeyProblem `keys.none`.
    """
    found = _with_keys(use)
    return tuple(_signer(found, use, algorithm) for algorithm in algorithms())


def checkers(use: Use) -> Mapping[str, Checker]:
    """Return every key that signs, signed or is about to sign for a use and is not lost, by its id."""
    return ring().checkers_of(use)


def published_jwks(use: Use) -> list[dict[str, str]]:
    """Return the public keys of `checkers(use)` as JSON Web Keys, newest first."""
    return [dict(jwk) for jwk in ring().published.get(use, ())]


def _with_keys(use: Use) -> Ring:
    found = ring()
    if settings.YZT_PRODUCTION or all((use, algorithm) in found.signers for algorithm in algorithms()):
        return found
    from yizhengtong.credentials.keys.services import found_keys  # above it; only before a deployment has keys
    from yizhengtong.foundation.accounts.principals import SYSTEM

    try:
        found_keys(by=SYSTEM)
    except ProgrammingError:  # the web's role reads keys and makes none: `yzt prepare` does
        raise KeyProblem("keys.none", use=str(use)) from None
    return ring()


def _signer(found: Ring, use: Use, algorithm: str) -> Signer:
    signer = found.signers.get((use, algorithm))
    if signer is None:
        raise KeyProblem("keys.none", use=str(use))
    if isinstance(signer, Problem):  # a new one: the ring's own would gather the traces of every request
        facts: dict[str, Any] = dict(signer.facts)
        raise KeyProblem(signer.code, **facts)
    return signer
