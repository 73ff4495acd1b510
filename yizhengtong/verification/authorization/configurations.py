"""What a client may ask for: credentials of the catalogue, by scope or by authorization details (OpenID4VCI 1.0 5.1).

A scope is the id of a credential configuration; there is no other scope.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from yizhengtong.credentials.catalogue.queries import credential_types
from yizhengtong.verification.authorization.problems import OAuthProblem

DETAILS_TYPE = "openid_credential"
_MOST = 20
_MEMBERS = {"type", "credential_configuration_id", "locations", "claims"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Credential configurations, the scope as it was asked, and whether authorization details asked for them."""

    configuration_ids: tuple[str, ...]
    scope: str = ""
    has_details: bool = False


def known_configurations() -> Collection[str]:
    """Return the ids of the credentials that can be collected here."""
    return credential_types().keys()


def wanted_of(scope: str, details: str) -> Wanted:
    """Return what a request asks for, maybe nothing. Raises invalid_scope, invalid_authorization_details."""
    scopes = _scopes(scope) if scope else ()
    detailed = _details(details) if details else ()
    return Wanted(tuple(dict.fromkeys((*scopes, *detailed))), " ".join(scopes), bool(detailed))


def details_of(configuration_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return the authorization details of a token answer (OpenID4VCI 1.0 6.2).

    A person has one set of data a configuration, so its identifier is the configuration's id.
    """
    return [
        {"type": DETAILS_TYPE, "credential_configuration_id": each, "credential_identifiers": [each]}
        for each in configuration_ids
    ]


def _scopes(scope: str) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(scope.split(" ")))
    if len(asked) > _MOST or not set(asked) <= set(known_configurations()):
        raise OAuthProblem("invalid_scope", "The scope names a credential that is not issued here")
    return asked


def _details(details: str) -> tuple[str, ...]:
    try:
        asked = json.loads(details)
    except (ValueError, RecursionError) as error:
        raise _invalid_details("authorization_details is no JSON") from error
    if not isinstance(asked, list) or not 0 < len(asked) <= _MOST:
        raise _invalid_details("authorization_details is no list of some")
    return tuple(dict.fromkeys(_configuration_of(each) for each in asked))


def _configuration_of(detail: object) -> str:
    if not isinstance(detail, dict) or detail.get("type") != DETAILS_TYPE:
        raise _invalid_details("This type of authorization details is not known here")
    if not detail.keys() <= _MEMBERS:  # RFC 9396 5: what is not understood is refused
        raise _invalid_details("The authorization details have members that are not known here")
    asked = detail.get("credential_configuration_id")
    if not isinstance(asked, str) or asked not in known_configurations():
        raise _invalid_details("The authorization details name a credential that is not issued here")
    if detail.get("locations", [settings.YZT_ADDRESS]) != [settings.YZT_ADDRESS]:
        raise _invalid_details("The authorization details are for another issuer")
    return asked


def _invalid_details(description: str) -> OAuthProblem:
    return OAuthProblem("invalid_authorization_details", description)
