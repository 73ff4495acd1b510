"""Where everybody finds our public keys, our root certificates and the lists of what a root took back.

Who may ask: anybody. Of whom: of nobody. How often: as they like, it is one small query; every cache may keep it for a
minute, so that a key that was lost is believed no longer than that by who asks. There is nothing to lie about.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from yizhengtong.credentials.keys import publication
from yizhengtong.credentials.keys.queries import Use, published_jwks
from yizhengtong.verification.authorization.answering import for_clients, told

_KEPT = "public, max-age=60"


@for_clients("GET", "HEAD")
def vc_issuer(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 as every view
    """Tell with which keys SD-JWT VCs are signed, for who goes by metadata and not by x5c (SD-JWT VC, section 4)."""
    return _kept(told({"issuer": settings.YZT_ADDRESS, "jwks": _key_set(published_jwks(Use.SD_JWT))}))


@for_clients("GET", "HEAD")
def key_set(request: HttpRequest, use: str) -> HttpResponse:  # noqa: ARG001
    """Serve the keys of a use as a JSON Web Key Set (RFC 7517 5), newest first."""
    if use not in Use.values:
        return _nothing()
    return _as_key_set(published_jwks(Use(use)))


@for_clients("GET", "HEAD")
def every_key(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Serve the keys of every use as one set."""
    return _as_key_set([jwk for use in Use for jwk in published_jwks(use)])


@for_clients("GET", "HEAD")
def roots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Serve the root certificates that are believed, the one in use first (PEM, RFC 7468)."""
    found = (x509.load_der_x509_certificate(root.certificate) for root in publication.roots())
    content = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in found)
    return _kept(HttpResponse(content, content_type="application/pem-certificate-chain"))


@for_clients("GET", "HEAD")
def revocation_list(request: HttpRequest, root: str) -> HttpResponse:  # noqa: ARG001
    """Serve what a root took back (RFC 5280 5; RFC 2585 for the media type)."""
    found = publication.revocation_list(root) if root.isprintable() else None
    if found is None:
        return _nothing()
    content, next_at = found
    response = _kept(HttpResponse(content, content_type="application/pkix-crl"))
    response["Expires"] = http_date(next_at.timestamp())
    return response


def _as_key_set(jwks: list[dict[str, str]]) -> HttpResponse:
    response = told(_key_set(jwks))
    response["Content-Type"] = "application/jwk-set+json"
    return _kept(response)


def _key_set(jwks: list[dict[str, str]]) -> Mapping[str, Any]:
    return {"keys": jwks}


def _kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = _KEPT
    return response


def _nothing() -> HttpResponse:
    return HttpResponse(status=HTTPStatus.NOT_FOUND, content_type="text/plain")
