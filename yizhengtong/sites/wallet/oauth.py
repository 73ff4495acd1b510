"""The authorization server's endpoints for wallets (docs/authorization.md): they turn requests into calls, no more."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yizhengtong.credentials.formats.status_list import AGGREGATION_METADATA
from yizhengtong.verification.authorization import attestation, configurations
from yizhengtong.verification.authorization.answering import for_clients, own_address, sent_form, told
from yizhengtong.verification.authorization.pkce import METHOD as S256
from yizhengtong.verification.authorization.problems import SIGNING_ALGORITHMS
from yizhengtong.verification.authorization.pushing import push_request
from yizhengtong.verification.authorization.revoking import revoke
from yizhengtong.verification.authorization.tokens import GRANT_TYPES, answer_token_request

_KEPT = "public, max-age=300"


@for_clients("GET", "HEAD")
def metadata(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 as every view
    """Tell what this authorization server can do (RFC 8414)."""
    methods = [attestation.METHOD, "private_key_jwt"]
    open_to_public = [] if settings.YZT_WALLETS["attested_only"] else ["none"]
    algorithms = list(SIGNING_ALGORITHMS)
    response = told({
        "issuer": settings.YZT_ADDRESS,
        "authorization_endpoint": own_address(reverse("wallet-authorize")),
        "pushed_authorization_request_endpoint": own_address(reverse("wallet-par")),
        "require_pushed_authorization_requests": True,
        "token_endpoint": own_address(reverse("wallet-token")),
        "revocation_endpoint": own_address(reverse("wallet-revoke")),
        "scopes_supported": sorted(configurations.known_configurations()),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": [S256],
        "token_endpoint_auth_methods_supported": [*methods, *open_to_public],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": [*methods, *open_to_public],
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "client_attestation_signing_alg_values_supported": algorithms,
        "client_attestation_pop_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": algorithms,
        "authorization_response_iss_parameter_supported": True,
        "authorization_details_types_supported": [configurations.DETAILS_TYPE],
        AGGREGATION_METADATA: own_address(reverse("status-lists")),
        "pre-authorized_grant_anonymous_access_supported": not settings.YZT_WALLETS["attested_only"],
    })  # fmt: skip
    response["Cache-Control"] = _KEPT
    return response


@for_clients("POST", limit="wallet_tokens")
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code or a refresh token (RFC 6749 3.2, OpenID4VCI 1.0 6)."""
    return told(answer_token_request(sent_form(request)))


@for_clients("POST", limit="wallet_requests")
def pushed_request(request: HttpRequest) -> HttpResponse:
    """Take a pushed authorization request (RFC 9126)."""
    pushed = push_request(sent_form(request))
    return told({"request_uri": pushed.request_uri, "expires_in": pushed.expires_in}, HTTPStatus.CREATED)


@for_clients("POST", limit="wallet_tokens")
def revocation(request: HttpRequest) -> HttpResponse:
    """End a token (RFC 7009): 200, whether there was one or not."""
    revoke(sent_form(request))
    return HttpResponse(status=HTTPStatus.OK)
