"""Which key of a believed maker an attestation names: one of its keys by `kid`, or a certificate by `x5c`.

Client attestations (draft-ietf-oauth-attestation-based-client-auth-07) and key attestations (OpenID4VCI 1.0, appendix
D) alike. HAIP 1.0 (4.4.1, 4.5.1) asks wallets for `x5c`: the signer's certificate first, its issuers after it, without
the root, which the maker registered here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from yizhengtong.credentials.formats.chains import certificates_of, check_chain, checker_of_certificate
from yizhengtong.credentials.formats.jwk import jwk_of
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.verification.authorization.jwts import BadToken, Claims, key_of_set, text_of
from yizhengtong.verification.authorization.models import WalletProvider

LONGEST_ISSUER = 255


def attester_of(header: Mapping[str, Any], claims: Claims, *, at: datetime) -> tuple[WalletProvider, Mapping[str, Any]]:
    """Return the maker who attests a client, and its public key, as a JWK. Raises BadToken. Nothing is checked yet.

    The maker is whom `iss` names. Who brings certificates may leave `iss` out, as later drafts do: the root tells.
    """
    if "iss" in claims or "x5c" not in header:
        found = list(_believed().filter(issuer=text_of(claims, "iss", LONGEST_ISSUER)))
        if not found:
            raise BadToken("its issuer is not known")
    else:
        found = list(_believed())
    certified = [(each, jwk) for each in found for jwk in _certified(each, header, at)]
    if len(certified) == 1:
        return certified[0]
    if "iss" not in claims:
        raise BadToken("its certificates lead to no maker, or to several")
    return found[0], key_of_set(found[0].jwks, header).as_dict(private=False)


def keys_named(header: Mapping[str, Any], *, at: datetime) -> Sequence[Mapping[str, Any]]:
    """Return every public key of a believed maker that a header names, as JWKs: two makers may call a key alike."""
    kid, found = header.get("kid"), list(_believed())
    named = [jwk for each in found for jwk in each.jwks.get("keys", []) if isinstance(kid, str) and jwk["kid"] == kid]
    return [*named, *(jwk for each in found for jwk in _certified(each, header, at))]


def _believed() -> QuerySet[WalletProvider]:
    return WalletProvider.objects.filter(is_active=True).order_by("pk")


def _certified(provider: WalletProvider, header: Mapping[str, Any], at: datetime) -> list[Mapping[str, Any]]:
    """Return the key of the first certificate in a header, where it leads to a root of this maker's."""
    if "x5c" not in header or not provider.roots:
        return []
    try:
        roots = certificates_of({"x5c": provider.roots})
        return [jwk_of(checker_of_certificate(check_chain(certificates_of(header), roots, at=at)).key)]
    except FormatProblem:
        return []
