"""Makers of wallets whom the deployment believes: registered with their public keys or roots by who runs it."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import BasicConstraints, Certificate, ExtensionNotFound, load_pem_x509_certificates
from django.db.models import QuerySet

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Invalid, NotFound
from yizhengtong.verification.authorization.jwts import BadToken, public_key
from yizhengtong.verification.authorization.models import WalletProvider
from yizhengtong.verification.authorization.redirects import is_allowed


@use_case
def register_provider(
    *, issuer: str, name: str, by: Principal, jwks: Mapping[str, Any] | None = None, roots: bytes = b"",
    redirect_uris: Sequence[str] = (),
) -> WalletProvider:  # fmt: skip
    """Believe a maker from now on, by what is given alone: registered again, it is put in the place of the old.

    `issuer`: as its attestations say it. `roots`: PEM, of authorities that certify this maker's signers and nobody
    else's. `redirect_uris`: where its wallets go back to, letter by letter; none: wherever they say. Raises Invalid
    `authorization.keys_wrong` unless every key of the set is a public one of P-256 with a `kid` of its own, and where
    there is neither; `authorization.roots_wrong` for what are no authorities' certificates,
    `authorization.redirect_uri_wrong` for addresses that no wallet may name.
    """
    if not all(is_allowed(each, None) for each in redirect_uris):
        raise Invalid("authorization.redirect_uri_wrong")
    if jwks is None and not roots:
        raise Invalid("authorization.keys_wrong")
    keys, certificates = _public(jwks) if jwks is not None else [], _authorities(roots) if roots else []
    believed = {"jwks": {"keys": keys}, "roots": certificates, "redirect_uris": list(redirect_uris)}
    provider, is_new = WalletProvider.objects.update_or_create(
        issuer=issuer, defaults={"name": name, "is_active": True, **believed}
    )
    action = "authorization.register_provider" if is_new else "authorization.change_provider"
    record_act(action, by=by, on=("wallet_provider", provider.pk), person_id=None)
    return provider


@use_case
def close_provider(*, issuer: str, by: Principal) -> None:
    """Believe a maker no longer: its wallets exchange no code and renew no token. Raises NotFound."""
    provider = WalletProvider.objects.select_for_update().filter(issuer=issuer).first()
    if provider is None:
        raise NotFound("not_found")
    provider.is_active = False
    provider.save(update_fields=["is_active"])
    record_act("authorization.close_provider", by=by, on=("wallet_provider", provider.pk), person_id=None)


def providers() -> QuerySet[WalletProvider]:
    """Return every maker, closed ones too."""
    return WalletProvider.objects.order_by("name", "issuer")


def _public(jwks: Mapping[str, Any]) -> list[dict[str, str]]:
    keys = jwks.get("keys")
    found = [_key(each) for each in keys] if isinstance(keys, list) else []
    if not found or len({key["kid"] for key in found}) != len(found):
        raise Invalid("authorization.keys_wrong")
    return found


def _key(jwk: Any) -> dict[str, str]:
    """Return what is kept of a key, and nothing besides."""
    try:
        key = public_key(jwk).as_dict(private=False)
    except BadToken as bad:
        raise Invalid("authorization.keys_wrong") from bad
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not kid:
        raise Invalid("authorization.keys_wrong")
    return {"kid": kid, "alg": "ES256", **{name: str(key[name]) for name in ("kty", "crv", "x", "y")}}


def _authorities(pem: bytes) -> list[str]:
    """Return certificates of authorities as they stand in `x5c`, and nothing else that a file holds."""
    try:
        found = load_pem_x509_certificates(pem)
    except ValueError as error:
        raise Invalid("authorization.roots_wrong") from error
    if not all(_is_authority(each) for each in found):
        raise Invalid("authorization.roots_wrong")
    return [b64encode(each.public_bytes(Encoding.DER)).decode() for each in found]


def _is_authority(certificate: Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(BasicConstraints).value.ca
    except (ExtensionNotFound, ValueError):
        return False
