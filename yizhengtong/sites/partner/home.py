"""The first page: what there is for whom, and how to begin."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.sites.partner.own import MEMBER, party_or_none


@page("public")
def show(request: HttpRequest) -> HttpResponse:
    """Say what there is; who has an account goes on from here."""
    reader, party = reader_of(request), party_or_none(request)
    kind = reader.principal.kind if reader.principal is not None else None
    context = {
        "party": party,
        "state": f"relying_parties.state_{party.state}" if party else "",
        "may_begin": kind == PrincipalKind.RESIDENT,
        "is_elses": kind is not None and party is None and kind != PrincipalKind.RESIDENT,
        "is_reporter": kind == MEMBER,
    }
    return render_page(request, "partner/home.html", context, title="partner.title", back=reverse("check"))
