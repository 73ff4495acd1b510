"""Real-name sign-in: sent to the service, back with an answer, in."""

import time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from yizhengtong.foundation.accounts.identity.choosing import service_of
from yizhengtong.foundation.accounts.identity.contract import Proven, refused
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.entering.doors import RESIDENTS, wanted_address
from yizhengtong.foundation.pages.entering.passing import ensure_recent, pass_on
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.texts import base_of
from yizhengtong.foundation.web.callers import address_of
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.registry.people.queries import person_of
from yizhengtong.registry.people.real_names import enter_by_identity, link_identity
from yizhengtong.sites.resident.myself.registering import PROVEN

_ASKED = "entering_identity"
_GOOD_SECONDS = 600
_REGIONS = {
    DocumentKind.RESIDENT_ID: "CN",
    DocumentKind.MTP_TAIWAN_FIVE_YEAR: "TW",
    DocumentKind.MTP_TAIWAN_ONE_TIME: "TW",
}


@never_cache
@page("public", is_one=False)
def begin(request: HttpRequest, service: str) -> HttpResponse:
    """Send the browser to an identity service."""
    charge([Charge("sign_in", f"address:{address_of(request)}")])
    principal = reader_of(request).principal
    known = principal.id if principal is not None and principal.kind == PrincipalKind.RESIDENT else None
    if known is not None:  # a link is a way in: whoever finds an open session must not make one
        ensure_recent(request, Account.objects.get(pk=known), RESIDENTS)
    asking = service_of(service).ask(back=_back(request, service))
    request.session[_ASKED] = {
        "service": service,
        "kept": dict(asking.kept),
        "at": time.time(),
        "next": wanted_address(request),
        "account": str(known or ""),
    }
    return HttpResponseRedirect(asking.address)


@never_cache
@page("public", is_one=False)
def back(request: HttpRequest, service: str) -> HttpResponse:
    """Take the answer: it is good once, for who was sent, and links the account that was signed in then, if any."""
    charge([Charge("sign_in", f"address:{address_of(request)}")])
    asked: dict[str, Any] = request.session.pop(_ASKED, {})
    if not asked or asked["service"] != service or time.time() - asked["at"] > _GOOD_SECONDS:
        raise refused()
    proven = service_of(service).prove(
        answer={name: request.GET[name] for name in request.GET}, kept=asked["kept"], back=_back(request, service)
    )
    principal = reader_of(request).principal
    if asked["account"]:
        if principal is None or str(principal.id) != asked["account"]:
            raise refused()
        return _link(request, proven)
    account = enter_by_identity(proven=proven, language=base_of(reader_of(request).language))
    response = pass_on(request, account, "identity", RESIDENTS, wanted=asked["next"])
    _keep_proven(request, proven, account.pk)
    return response


def _link(request: HttpRequest, proven: Proven) -> HttpResponse:
    link_identity(proven=proven, by=signed_in(request))
    account_id = signed_in(request).id
    if account_id is not None and person_of(account_id) is None:
        _keep_proven(request, proven, account_id)
    return HttpResponseRedirect(reverse("resident-security"))


def _keep_proven(request: HttpRequest, proven: Proven, account_id: UUID) -> None:
    """Have what was proved stand in the registration of this account, where it cannot be changed."""
    told = parse(DocumentKind(proven.kind), proven.number) if proven.kind and proven.number else None
    born = proven.birth_date or (told.birth_date if told else None)
    request.session[PROVEN] = {
        "account": str(account_id),
        "name": proven.name,
        "kind": proven.kind,
        "number": proven.number,
        "birth_date": born.isoformat() if born else "",
        "region": (told.region or _REGIONS.get(told.kind, "")) if told else "",
        "sex": (told.sex or "") if told else "",
    }


def _back(request: HttpRequest, service: str) -> str:
    return request.build_absolute_uri(reverse("resident-real-name-back", args=[service]))
