"""The authorization endpoint: a request is kept as it came, and the browser goes on to the page of consent.

Where no page may be shown (`prompt=none`) it is answered at once. A browser is sent nowhere but to an address that the
named party registered; whatever else is wrong is told in a page of ours. No address in a request is ever fetched.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt

from yizhengtong.foundation.pages.serving import page
from yizhengtong.foundation.web.callers import address_of
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.errors import Invalid
from yizhengtong.registry.people.queries import person_of
from yizhengtong.sites.openid.sessions import resident_of, session_of
from yizhengtong.verification.authorization.problems import OAuthProblem
from yizhengtong.verification.authorization.pushing import URN
from yizhengtong.verification.openid.asking import Parameters, keep
from yizhengtong.verification.openid.deciding import allow_again, is_meant, open_request, refuse, returned
from yizhengtong.verification.openid.parties import is_redirect_of, party_named

WRONG = "openid.request_wrong"
_SILENT = ["none"]


class SentBack(HttpResponseRedirect):
    """A redirect to an address that a party registered: by GET, whatever came (RFC 9700 4.12)."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.status_code = HTTPStatus.SEE_OTHER


@csrf_exempt  # parties may send their users here by a form; nothing is answered but by the page of consent
@page("public")
def authorize(request: HttpRequest) -> HttpResponse:
    """Take a request, pushed or brought by the browser (OpenID Connect Core 1.0, 3.1.2.1)."""
    charge([Charge("openid_requests", f"address:{address_of(request)}")])
    asked = _parameters(request)
    if "request_uri" in asked:
        if not asked["request_uri"].startswith(URN):
            raise Invalid(WRONG)
        return _go_on(request, asked.get("client_id", ""), asked["request_uri"])
    party = party_named(asked.get("client_id", ""))
    if party is None or not is_redirect_of(party, asked.get("redirect_uri", "")):
        raise Invalid(WRONG)
    try:
        kept = keep(party, asked, key=asked.get("dpop_jkt", ""))
    except OAuthProblem as problem:
        return SentBack(returned(asked["redirect_uri"], problem.as_document(), _state(asked)))
    return _go_on(request, asked["client_id"], kept.request_uri)


def _parameters(request: HttpRequest) -> Parameters:
    """Return what was sent, each once. Raises Invalid for what could be read in two ways."""
    sent = request.POST if request.method == "POST" else request.GET
    if any(len(values) > 1 for _name, values in sent.lists()):
        raise Invalid(WRONG)
    return {str(name): str(value) for name, value in sent.items() if value}


def _state(asked: Parameters) -> str:
    state = asked.get("state", "")
    return state if state.isprintable() else ""


def _go_on(request: HttpRequest, client_id: str, request_uri: str) -> HttpResponse:
    by, session = resident_of(request), session_of(request)
    asked, is_proved = open_request(client_id=client_id, request_uri=request_uri, by=by, session=session)
    if asked.prompt != _SILENT:
        query = urlencode({"client_id": client_id, "request_uri": request_uri})
        return SentBack(f"{reverse('openid-consent')}?{query}")
    named = {"client_id": client_id, "request_uri": request_uri}
    if by is None or by.id is None or session is None or not is_proved:
        return SentBack(refuse(**named, error="login_required", by=by))
    person = person_of(by.id)
    if person is None:
        return SentBack(refuse(**named, error="interaction_required", by=by))
    if not is_meant(asked, person):
        return SentBack(refuse(**named, error="login_required", by=by))
    answer = allow_again(**named, person=person, session=session, by=by)
    return SentBack(answer or refuse(**named, error="consent_required", by=by))
