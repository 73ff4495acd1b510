"""Every address of the platform that a browser may ask for, with the policy that its view declares."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.contract.world import NO_SUCH, World
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.serving import PagePolicy

NO_PAGES: Mapping[str, str] = {
    "api/": "the APIs: tests/contract and tests/security walk them",
    "_allauth/": "the sign-in's own API: closed or limited in tests/security",
    "health": "for machines, says no more than that the process lives",
    "ready": "for machines, says no more than whether it can work",
    "metrics": "for the bearer of the token (sites/operations/tests)",
    "operations": "for the bearer of the token or an administrator (sites/operations/tests)",
    "callbacks/": "what providers call back, signed (sites/callbacks/tests)",
    ".well-known/": "what is published for wallets and checkers, the same for everybody (sites/wallet/tests)",
    "openid/.well-known/": "published, the same for everybody (verification/openid/tests)",
    "openid/jwks": "published, the same for everybody (verification/openid/tests)",
    "openid/par": "for relying parties (verification/openid/tests)",
    "openid/token": "for relying parties (verification/openid/tests)",
    "openid/userinfo": "for relying parties, by an access token (verification/openid/tests)",
    "oauth/par": "for wallets (verification/authorization/tests)",
    "oauth/token": "for wallets (verification/authorization/tests)",
    "oauth/revoke": "for wallets (verification/authorization/tests)",
    "wallet/": "for wallets, by an access token (sites/wallet/tests)",
    "credentials/types/": "published, the same for everybody (sites/wallet/tests)",
    "keys/": "published, the same for everybody (sites/wallet/tests)",
    "status-lists": "published, the same for everybody (sites/wallet/tests)",
}
"""Addresses that are no pages, and who looks at them."""
_PARAMETER = re.compile(r"<(?:(?P<kind>[a-z]+):)?(?P<name>[a-z_]+)>")
PERSONAL = re.compile(r"_id$|^number$")


@dataclass(frozen=True, slots=True)
class Address:
    """A page's address. `policy`: none where the view declares none."""

    route: str
    name: str
    policy: PagePolicy | None

    def __str__(self) -> str:
        return f"/{self.route}"

    @property
    def parameters(self) -> list[str]:
        return [found["name"] for found in _PARAMETER.finditer(self.route)]

    @property
    def is_of_somebody(self) -> bool:
        """Whether the address names a row, which is somebody's."""
        return any(PERSONAL.search(name) for name in self.parameters)

    @property
    def who(self) -> PrincipalKind | None:
        return self.policy.who if self.policy is not None else None

    @property
    def is_unmade(self) -> bool:
        return any(name in UNMADE for name in self.parameters)

    def at(self, ids: Mapping[str, str]) -> str:
        """Return the path with its parameters filled in. Raises KeyError for one that nobody knows a value of."""
        return "/" + _PARAMETER.sub(lambda found: ids[found["name"]], self.route)


def addresses(patterns: list[Any] | None = None, before: str = "") -> Iterator[Address]:
    """Yield every address that is not on the list of those that are no pages."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if route.startswith(tuple(NO_PAGES)):
            continue
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield Address(route, pattern.name or "", getattr(pattern.callback, "policy", None))


OTHERS: Mapping[str, str] = {
    "code": "hmt.first_issue",
    "document_code": "old_permit",
    "name": "contact",
    "step": "name",
    "action": "accept",
    "word": "x",
    "key": "x",
    "channel": "sms",
    "kind": "receipt",
    "reference": "x",
    "service": "x",
    "path": "national/hmt.yaml",
    "purpose": "age",
    "shown": "0000-0000-0000",
    "factor_id": "1",
    "topic": "match",
    "edition_id": "0" * 64,
}
"""Values of parameters that name nobody's row."""
UNMADE: Mapping[str, str] = {
    "rating_id": f"rat_{NO_SUCH}",
    "request_id": f"srq_{NO_SUCH}",
    "member_id": f"stf_{NO_SUCH}",
    "recovery_id": f"rcv_{NO_SUCH}",
    "wallet_id": f"wlt_{NO_SUCH}",
    "check_id": f"chk_{NO_SUCH}",
    "party_id": f"rpa_{NO_SUCH}",
    "ticket_id": f"ctk_{NO_SUCH}",
    "grant_id": f"rpg_{NO_SUCH}",
    "key_id": f"rpk_{NO_SUCH}",
    "address_id": f"rpu_{NO_SUCH}",
    "endpoint_id": f"whk_{NO_SUCH}",
    "consent_id": f"oic_{NO_SUCH}",
}
"""Rows that the world of the guards lacks: asked for as what does not exist. Their rooms test who may see them."""


def ids_of(world: World, address: Address) -> dict[str, str]:
    """Return values for the parameters of an address: rows of the holder and of the child the holder acts for."""
    ids = {**OTHERS, **UNMADE, **world.ids, **_apart(world).get(address.name, {})}
    if address.who == PrincipalKind.STAFF:
        ids["evidence_id"] = world.ids["staff_evidence_id"]
    return ids


def _apart(world: World) -> dict[str, dict[str, str]]:
    """Return which rows and words the addresses of these names are about, where the common ones do not fit."""
    paper = {"code": "old_permit"}
    return {
        **dict.fromkeys(("application-paper", "application-paper-back", "application-registers"), paper),
        "application-paper-file": paper,
        "application-step": {"name": "address"},
        "application-promise": {"application_id": world.ids["zhejiang_application_id"]},
        "application-notice": {"application_id": world.ids["settlement_application_id"]},
        "resident-explanation": {"case_id": world.ids["decided_case_id"]},
        "desk-case-permit": {"case_id": world.ids["decided_case_id"], "action": "void"},
        "desk-window-paper": {"document_code": "travel_document"},
        "resident-register-ward": {"step": "relation"},
        "permit-share-make": {"purpose": "rent"},
        "partner-ask": {"purpose": "rent"},
    }
