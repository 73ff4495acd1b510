"""Who asks, as far as it can be told before a request is read: an account, a relying party, a network address."""

from ipaddress import IPv6Network, ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from yizhengtong.foundation.accounts.principals import principal_of

_PARTNER = "_yzt_partner"
_OF_PARTNERS = "/api/partner/"
_IPV6_PREFIX = 64  # what one household or office is given


def caller_of(request: HttpRequest) -> str:
    """Return `resident:ID`, `staff:ID`, `partner:ID` or `sandbox:ID` for known credentials, else nothing."""
    partner = partner_of(request)
    if partner is not None:  # first: a session that is none would have the connection read as nobody
        return str(partner.named)
    principal = principal_of(request)
    return f"{principal.kind}:{principal.id}" if principal is not None else ""


def partner_of(request: HttpRequest) -> Any | None:
    """Return the relying party that proves to have sent a request, by `settings.YZT_PARTNER_OF`; asked once a request.

    Asked where relying parties have business alone: a proof that may be shown once is not spent elsewhere.
    """
    if not hasattr(request, _PARTNER):
        is_theirs = request.path_info.startswith(_OF_PARTNERS)
        setattr(request, _PARTNER, import_string(settings.YZT_PARTNER_OF)(request) if is_theirs else None)
    return getattr(request, _PARTNER)


def address_of(request: HttpRequest) -> str:
    """Return the network address a request comes from; of IPv6 the network.

    Each of our `trusted_proxies` has added the address it saw to X-Forwarded-For: what stands further left was written
    by the client and proves nothing.
    """
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")] if proxies else []
    address = seen[-proxies] if len(seen) >= proxies > 0 else request.META.get("REMOTE_ADDR", "")
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 6:
        return str(parsed.ipv4_mapped or IPv6Network((parsed, _IPV6_PREFIX), strict=False).network_address)
    return str(parsed)
