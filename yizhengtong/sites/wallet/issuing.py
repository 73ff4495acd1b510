"""The credential issuer's endpoints (OpenID4VCI 1.0, docs/wallets.md): they turn requests into calls, no more."""

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from yizhengtong.credentials.issuance import collecting, encryption, metadata
from yizhengtong.credentials.issuance.nonces import new_nonce
from yizhengtong.credentials.issuance.offering import offered
from yizhengtong.credentials.issuance.problems import Fault, IssuanceProblem, NotAuthorized
from yizhengtong.credentials.issuance.proofs import copies_asked
from yizhengtong.credentials.issuance.requests import read_body
from yizhengtong.foundation.transactions import whole_request
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden, Invalid, NotFound
from yizhengtong.sites.wallet.attesting import attester_of, has_attesters
from yizhengtong.verification.authorization.answering import for_clients, own_address, told
from yizhengtong.verification.authorization.problems import OAuthProblem
from yizhengtong.verification.authorization.queries import Access, access_token, ensure_living

log = logging.getLogger(__name__)
_KEPT = "public, max-age=300"
_JSON, _JWT = "application/json", "application/jwt"
_MOST_BYTES = 512 * 1024
_LIMIT = "wallet_answers"
View = Callable[[HttpRequest], HttpResponse]


def _told_by_standard(view: View) -> View:
    """Answer what a wallet's request fails with as OpenID4VCI says: 400 and a JSON document, never encrypted."""

    @wraps(view)
    def served(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except IssuanceProblem as problem:
            document = {"error": str(problem.fault), "error_description": problem.description}
            return told(document, HTTPStatus.BAD_REQUEST)
        except (Forbidden, Invalid, NotFound) as problem:  # not this person's any more, or nothing to collect
            document = {"error": str(Fault.DENIED), "error_description": "this cannot be collected"}
            log.warning("wallet.denied code=%s", problem.code)
            return told(document, HTTPStatus.BAD_REQUEST)
        except NotAuthorized as problem:
            challenge = f'DPoP error="insufficient_scope", error_description="{problem}"'
            raise OAuthProblem("insufficient_scope", str(problem), HTTPStatus.FORBIDDEN, header=challenge) from problem

    return served


@for_clients("GET", "HEAD")
def issuer_metadata(request: HttpRequest) -> HttpResponse:
    """Tell what is issued here: as JSON, or signed to who prefers a JWT (section 12.2.2)."""
    document = metadata.issuer_metadata(has_attesters=has_attesters())
    if _prefers_jwt(request):
        response = HttpResponse(metadata.signed_metadata(document), content_type=_JWT)
    else:
        response = told(document)
    response["Cache-Control"], response["Vary"] = _KEPT, "Accept"
    return response


@for_clients("GET", "HEAD")
def offer(request: HttpRequest, secret: str) -> HttpResponse:  # noqa: ARG001 as every view
    """Tell an offer to whoever knows its address (section 4.1.3)."""
    try:
        return told(offered(secret))
    except NotFound:
        return told({"error": "not_found", "error_description": "no such offer, or it has ended"}, HTTPStatus.NOT_FOUND)


@for_clients("POST")
def nonce(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 as every view
    """Give a nonce to anybody (section 7)."""
    return told({"c_nonce": new_nonce()})


@for_clients("POST", limit=_LIMIT)
@_told_by_standard
def credential(request: HttpRequest) -> HttpResponse:
    """Issue copies of a permit (section 8)."""
    access = _access(request)
    payload, recipient = _payload(request)
    _charge_copies(access, payload)
    on = legal_day(timezone.now())
    with whole_request():
        answer = collecting.collect(payload=payload, bearer=_bearer(access), on=on, attesters=attester_of)
        ensure_living(access)
    return _answered(answer, recipient)


@for_clients("POST", limit=_LIMIT)
@_told_by_standard
def deferred(request: HttpRequest) -> HttpResponse:
    """Issue what could not be made before (section 9)."""
    access = _access(request)
    payload, recipient = _payload(request)
    on = legal_day(timezone.now())
    with whole_request():
        answer = collecting.collect_deferred(payload=payload, bearer=_bearer(access), on=on)
        ensure_living(access)
    return _answered(answer, recipient)


@for_clients("POST", limit=_LIMIT)
@_told_by_standard
def notification(request: HttpRequest) -> HttpResponse:
    """Take what became of copies (section 11)."""
    access = _access(request)
    if request.content_type != _JSON:
        raise IssuanceProblem(Fault.INVALID_NOTIFICATION, f"the body must be {_JSON}")
    payload = read_body(request.body[:_MOST_BYTES], Fault.INVALID_NOTIFICATION)
    collecting.take_notification(payload=payload, bearer=_bearer(access))
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _access(request: HttpRequest) -> Access:
    """Return what the token opens. Before any transaction: a proof that was shown has been shown."""
    query = request.META.get("QUERY_STRING", "")
    address = own_address(request.path) + (f"?{query}" if query else "")
    return access_token(request.method or "", address, request.headers)


def _bearer(access: Access) -> collecting.Bearer:
    return collecting.Bearer(
        person_id=access.subject, by=access.by, configuration_ids=access.configuration_ids, grant_id=access.grant_id,
        client_id=access.client_id, name=access.client_name, key_thumbprint=access.dpop_thumbprint,
        uses_identifiers=bool(access.credential_identifiers),
    )  # fmt: skip


def _payload(request: HttpRequest) -> tuple[Mapping[str, Any], encryption.Recipient | None]:
    """Return what was asked, decrypted where it came so, and whom the answer is encrypted to."""
    body = request.body
    if len(body) > _MOST_BYTES:
        raise IssuanceProblem(Fault.INVALID_REQUEST, "the request is too large")
    if request.content_type == _JWT:
        payload = encryption.open_request(body)
        return payload, encryption.read_recipient(payload, was_encrypted=True)
    if request.content_type != _JSON:
        raise IssuanceProblem(Fault.INVALID_REQUEST, f"the body must be {_JSON} or {_JWT}")
    payload = read_body(body)
    return payload, encryption.read_recipient(payload, was_encrypted=False)


def _charge_copies(access: Access, payload: Mapping[str, Any]) -> None:
    """Charge a person for every copy that is asked for: places in a status list are not without end."""
    copies = copies_asked(payload.get("proofs"), settings.YZT_CREDENTIAL_BATCH)
    charge([Charge("wallet_copies", f"person:{access.subject}", copies)])


def _answered(answer: collecting.Answer, recipient: encryption.Recipient | None) -> HttpResponse:
    if recipient is None:
        return told(answer.body, answer.status)
    return HttpResponse(encryption.seal_answer(answer.body, recipient), content_type=_JWT, status=answer.status)


def _prefers_jwt(request: HttpRequest) -> bool:
    """Whether `application/jwt` is asked for, and not less than JSON: unsigned is what is told to who does not care."""
    signed, plain = _quality(request, _JWT), _quality(request, _JSON)
    return signed > 0 and signed >= plain


def _quality(request: HttpRequest, media_type: str) -> float:
    """Return the weight of a type named in Accept (RFC 9110 12.5.1), 0 where it is not named itself."""
    named = [each for each in request.accepted_types if f"{each.main_type}/{each.sub_type}" == media_type]
    return max((each.quality for each in named), default=0.0)
