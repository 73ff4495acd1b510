"""Signing out at a relying party's wish: it is asked for by anybody, and done by the resident alone.

Whoever sends a browser here ends nothing: the page says who asks, and a form of ours with its token does it.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from yizhengtong.foundation.pages.entering.doors import RESIDENTS
from yizhengtong.foundation.pages.entering.passing import leave
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.kernel.errors import Invalid
from yizhengtong.sites.openid.authorize import SentBack
from yizhengtong.sites.openid.sessions import resident_of
from yizhengtong.verification.authorization.redirects import source_of
from yizhengtong.verification.openid.leaving import Leaving, leaving

_FIELDS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@csrf_exempt  # parties may send their users here by a form; it ends nothing
@page("public")
def logout(request: HttpRequest) -> HttpResponse:
    """Show who asks the resident to sign out (OpenID Connect RP-Initiated Logout 1.0, 2)."""
    sent, asked = _asked(request)
    if resident_of(request) is None:
        return SentBack(asked.back or "/")
    response = render_page(
        request,
        "openid/logout.html",
        {"party": asked.party.name if asked.party else "", "sent": [(name, sent[name]) for name in _FIELDS]},
        title="openid.logout.title",
    )
    if asked.back:
        response._csp_update = {"form-action": [source_of(asked.back)]}  # type: ignore[attr-defined]
    return response


@page("public", is_one=False)
def logout_now(request: HttpRequest) -> HttpResponse:
    """Sign the resident out, tell everybody whom they had signed in to, and go where the party said."""
    _sent, asked = _asked(request)
    response = leave(request, RESIDENTS) if resident_of(request) is not None else SentBack("/")
    if request.method == "POST" and asked.back:
        response["Location"] = asked.back
    return response


def _asked(request: HttpRequest) -> tuple[dict[str, str], Leaving]:
    data = request.POST if request.method == "POST" else request.GET
    if any(len(data.getlist(name)) > 1 for name in _FIELDS):
        raise Invalid("openid.logout_wrong")
    sent = {name: data.get(name, "") for name in _FIELDS}
    asked = leaving(
        id_token_hint=sent["id_token_hint"], client_id=sent["client_id"], back=sent["post_logout_redirect_uri"],
        state=sent["state"],
    )  # fmt: skip
    return sent, asked
