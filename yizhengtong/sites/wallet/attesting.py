"""Key attestations by wallet providers whom the deployment trusts (OpenID4VCI 1.0, appendix D)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from yizhengtong.credentials.formats.jwk import ES256Checker, checker_of
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.signing import ES256, Checker
from yizhengtong.verification.authorization.attesters import keys_named
from yizhengtong.verification.authorization.models import WalletProvider


@dataclass(frozen=True, slots=True)
class _AnyOf:
    """Keys of which one must have signed: two providers may call theirs alike."""

    keys: Sequence[ES256Checker]
    key_id: str
    algorithm: str = ES256

    def check(self, data: bytes, signature: bytes) -> bool:
        return any(each.check(data, signature) for each in self.keys)


def has_attesters() -> bool:
    """Whether some provider is trusted."""
    return WalletProvider.objects.filter(is_active=True).exists()


def attester_of(header: Mapping[str, Any]) -> Checker:
    """Return what checks a key attestation: a trusted provider's key, named by `kid` or certified by `x5c`.

    Raises FormatProblem `proof.attester_unknown`.
    """
    keys = [checker_of(each) for each in keys_named(header, at=timezone.now())]
    if not keys:
        raise FormatProblem("proof.attester_unknown")
    return _AnyOf(keys, keys[0].key_id)
