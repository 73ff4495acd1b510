"""The identity services of this deployment, as it is configured. One of each a process: keys are kept for a while."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from yizhengtong.foundation.accounts.identity.contract import IdentityService
from yizhengtong.foundation.accounts.identity.oidc import OpenIDService
from yizhengtong.foundation.accounts.identity.tickets import TicketService
from yizhengtong.kernel.errors import NotFound

_made: dict[str, IdentityService] = {}


def offered(language: str) -> list[tuple[str, str]]:
    """Return code and name of each service that is configured."""
    given: Mapping[str, Mapping[str, Any]] = settings.YZT_IDENTITY_SERVICES
    return [(code, each["name"].get(language) or each["name"].get("zh-Hans") or code) for code, each in given.items()]


def service_of(code: str) -> IdentityService:
    """Return a service. Raises NotFound `not_found` for one that is not configured."""
    given: Mapping[str, Any] | None = settings.YZT_IDENTITY_SERVICES.get(code)
    if given is None:
        raise NotFound("not_found")
    if code not in _made:
        _made[code] = _make(code, given)
    return _made[code]


def forget_services() -> None:
    """Make them anew when they are asked for next."""
    _made.clear()


def _make(code: str, given: Mapping[str, Any]) -> IdentityService:
    known = {"client_id": given["client_id"], "client_secret": given["client_secret"], "levels": given["levels"]}
    networks = settings.YZT_PRIVATE_NETWORKS
    if given["kind"] == "openid":
        return OpenIDService(code, issuer=given["address"], scope=given["scope"], private_networks=networks, **known)
    return TicketService(code, address=given["address"], private_networks=networks, **known)
