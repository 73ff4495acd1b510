"""The resident's answer to a pushed request: which wallet asks for what, yes or no, and where the browser goes then."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Invalid, NotFound
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for, person_of
from yizhengtong.verification.authorization import lifetimes
from yizhengtong.verification.authorization.models import Code, Grant, PushedRequest
from yizhengtong.verification.authorization.pushing import URN
from yizhengtong.verification.authorization.redirects import answered
from yizhengtong.verification.authorization.secret_texts import hash_of, new_secret


@use_case
def open_request(*, client_id: str, request_uri: str, by: Principal | None) -> PushedRequest:
    """Return a pushed request for the resident who opens it; from then on nobody else answers it.

    `by` None: nobody has signed in yet. Raises Invalid `authorization.request_over` for one that is unknown, over,
    answered, another client's, or opened by another account: a browser is sent nowhere then.
    """
    request = _locked(client_id, request_uri, by.id if by is not None else None)
    if by is not None and request.account_id is None:
        request.account_id = by.id
        request.save(update_fields=["account_id"])
    return request


@use_case
def allow(
    *, client_id: str, request_uri: str, person: Person, configuration_ids: Collection[str], by: Principal
) -> str:
    """Let the client collect what it asked for, of a person the resident may act for. Returns where the browser goes.

    `configuration_ids`: of what was asked for, what the person has. Raises Invalid as `open_request`, and
    `authorization.unknown_configuration` for what was not asked for; NotFound for a stranger.
    """
    request = _locked(client_id, request_uri, by.id)
    allowed = [each for each in request.configuration_ids if each in configuration_ids]
    if not allowed or len(allowed) != len(set(configuration_ids)):
        raise Invalid("authorization.unknown_configuration")
    acting = person_of(by.id) if by.id is not None else None
    if by.id is None or acting is None or not may_act_for(acting, person, legal_day(timezone.now())):
        raise NotFound("not_found")
    grant = Grant.objects.create(
        person=person, account_id=by.id, kind=Grant.Kind.CODE, client_id=request.client_id,
        client_name=request.client_name, instance_thumbprint=request.instance_thumbprint,
        dpop_thumbprint=request.dpop_thumbprint, configuration_ids=allowed, has_details=request.has_details,
        scope=" ".join(each for each in request.scope.split(" ") if each in allowed),
    )  # fmt: skip
    secret = new_secret()
    Code.objects.create(
        secret_hash=hash_of(secret), grant=grant, redirect_uri=request.redirect_uri, challenge=request.challenge,
        expires_at=timezone.now() + lifetimes.CODE,
    )  # fmt: skip
    record_act("authorization.allow", by=by, on=("wallet_grant", grant.pk), person_id=person.pk)
    return _answer(request, {"code": secret})


@use_case
def refuse(*, client_id: str, request_uri: str, by: Principal) -> str:
    """Refuse a request. Returns where the browser goes; raises Invalid as `open_request`."""
    request = _locked(client_id, request_uri, by.id)
    record_act("authorization.refuse", by=by, on=("wallet_request", None), person_id=None)
    return _answer(request, {"error": "access_denied", "error_description": "The resident said no"})


def _locked(client_id: str, request_uri: str, account_id: UUID | None) -> PushedRequest:
    secret = request_uri.removeprefix(URN) if request_uri.startswith(URN) else ""
    request = PushedRequest.objects.select_for_update().filter(secret_hash=hash_of(secret)).first()
    is_open = request is not None and request.answered_at is None and request.expires_at > timezone.now()
    if request is None or not is_open or request.client_id != client_id:
        raise Invalid("authorization.request_over")
    if request.account_id is not None and request.account_id != account_id:
        raise Invalid("authorization.request_over")
    return request


def _answer(request: PushedRequest, parameters: Mapping[str, str]) -> str:
    """Close the request and return the address of the answer, with who gives it (RFC 9207)."""
    request.answered_at = timezone.now()
    request.save(update_fields=["answered_at"])
    return answered(request.redirect_uri, {**parameters, "state": request.state, "iss": settings.YZT_ADDRESS})
