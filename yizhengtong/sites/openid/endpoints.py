"""What relying parties ask of the provider (docs/openid.md): requests become calls, no more.

Who may ask: whoever brings a key of a party, a code, or a token. With whose data: of the one sign-in that these name.
How often: `openid_requests` and `openid_tokens` of the settings. What if they lie: nothing is believed but a secret.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yizhengtong.verification.authorization.answering import for_clients, own_address, sent_form, told
from yizhengtong.verification.authorization.pkce import METHOD as S256
from yizhengtong.verification.authorization.problems import SIGNING_ALGORITHMS
from yizhengtong.verification.openid.asking import push
from yizhengtong.verification.openid.claims import OURS
from yizhengtong.verification.openid.deciding import LEVELS
from yizhengtong.verification.openid.issuer import is_offered, issuer, jwks
from yizhengtong.verification.openid.parties import METHODS
from yizhengtong.verification.openid.rules import OPENID, PROMPTS, PURPOSE
from yizhengtong.verification.openid.tokens import GRANT_TYPE, acr_of, answer_token_request
from yizhengtong.verification.openid.userinfo import userinfo
from yizhengtong.verification.relying_parties.purposes import purposes

_KEPT = "public, max-age=300"
_KEYS_KEPT = "public, max-age=60"
_JSON, _JWT = "application/json", "application/jwt"


@for_clients("GET", "HEAD")
def metadata(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 as every view
    """Tell what this provider can do (OpenID Connect Discovery 1.0, RFC 8414, RFC 9126, RFC 9449, RFC 9207)."""
    if not is_offered():
        return HttpResponse(status=HTTPStatus.NOT_FOUND, content_type="text/plain")
    algorithms = list(SIGNING_ALGORITHMS)
    response = told({
        "issuer": issuer(),
        "authorization_endpoint": own_address(reverse("openid-authorize")),
        "pushed_authorization_request_endpoint": own_address(reverse("openid-par")),
        "require_pushed_authorization_requests": False,
        "token_endpoint": own_address(reverse("openid-token")),
        "userinfo_endpoint": own_address(reverse("openid-userinfo")),
        "end_session_endpoint": own_address(reverse("openid-logout")),
        "jwks_uri": own_address(reverse("openid-jwks")),
        "scopes_supported": [OPENID, *(f"{PURPOSE}{code}" for code in purposes())],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [GRANT_TYPE],
        "subject_types_supported": ["pairwise"],
        "acr_values_supported": [acr_of(level) for level in LEVELS],
        "id_token_signing_alg_values_supported": algorithms,
        "userinfo_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": list(METHODS),
        "token_endpoint_auth_signing_alg_values_supported": [*algorithms, "EdDSA"],
        "dpop_signing_alg_values_supported": algorithms,
        "code_challenge_methods_supported": [S256],
        "prompt_values_supported": sorted(PROMPTS),
        "claim_types_supported": ["normal"],
        "claims_supported": ["sub", "iss", "auth_time", "acr", "sid", *OURS],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "ui_locales_supported": ["zh-Hans", "zh-Hant", "en"],
    })  # fmt: skip
    response["Cache-Control"] = _KEPT
    return response


@for_clients("GET", "HEAD")
def key_set(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Serve the keys that sign, will sign, or have signed (RFC 7517 5), newest first."""
    response = told({"keys": jwks()})
    response["Content-Type"] = "application/jwk-set+json"
    response["Cache-Control"] = _KEYS_KEPT
    return response


@for_clients("POST", limit="openid_requests")
def pushed_request(request: HttpRequest) -> HttpResponse:
    """Take a pushed authorization request (RFC 9126)."""
    pushed = push(sent_form(request))
    return told({"request_uri": pushed.request_uri, "expires_in": pushed.expires_in}, HTTPStatus.CREATED)


@for_clients("POST", limit="openid_tokens")
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code (OpenID Connect Core 1.0, 3.1.3)."""
    return told(answer_token_request(sent_form(request)))


@for_clients("GET", "POST", limit="openid_tokens")
def userinfo_of(request: HttpRequest) -> HttpResponse:
    """Tell what was agreed to (OpenID Connect Core 1.0, 5.3): signed where only that is accepted."""
    found = userinfo(request.method or "", own_address(request.get_full_path()), request.headers)
    accepted = request.headers.get("Accept", "")
    if _JWT in accepted and _JSON not in accepted:
        return HttpResponse(found.as_jwt(), content_type=_JWT)
    return told(found.claims)
