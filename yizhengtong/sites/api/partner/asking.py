"""Who asks the relying parties' API: what of a request proves it, as the room of relying parties takes it."""

from ipaddress import ip_address
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from yizhengtong.verification.relying_parties.assertions import NotProven
from yizhengtong.verification.relying_parties.authenticating import audience_of_api, caller_of
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.requests import Sent

CERTIFICATE = "X-Client-Certificate"
"""Header in which our proxy hands over the certificate it was shown: PEM, percent-encoded (nginx writes it so)."""


def caller_of_request(request: HttpRequest) -> Caller | None:
    """Return the relying party that sent a request, or None; `settings.YZT_PARTNER_OF` names this function."""
    is_proving = any(name in request.headers for name in ("Authorization", "Signature-Input"))
    certificate = _certificate(request)
    if not is_proving and not certificate:
        return None
    sent = Sent(
        method=request.method or "",
        uri=f"{settings.YZT_ADDRESS}{request.get_full_path()}",
        headers={name.lower(): value for name, value in request.headers.items()},
        body=lambda: _body(request),
        certificate=certificate,
    )
    return caller_of(sent, audience=audience_of_api())


def caller_here(request: HttpRequest) -> Caller:
    """Return who was let in to a route of this API."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return caller


def _certificate(request: HttpRequest) -> str:
    """Return what the proxy handed over. Written by anybody else it proves nothing and is not looked at."""
    written = request.headers.get(CERTIFICATE, "")
    if not written or not settings.YZT_CERTIFICATES_FROM:
        return ""
    try:
        neighbour = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return ""
    return unquote(written) if any(neighbour in each for each in settings.YZT_CERTIFICATES_FROM) else ""


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig as error:
        raise NotProven("its body is too large to be signed") from error
