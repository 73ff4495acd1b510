"""Guides: what there is to apply for at a place, and a page for each."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.kernel.dates import legal_day
from yizhengtong.law.law import Law
from yizhengtong.law.queries import places_with_own_law
from yizhengtong.permitting.casework.guiding.items import IDENTITY_CARD, SUBJECTS, Guide, guide_of, guides_of
from yizhengtong.permitting.casework.guiding.queries import guide_at, law_at, laws_at
from yizhengtong.sites.resident.guide.places import Asked, full_name, place_or_here
from yizhengtong.sites.resident.guide.showing import shown_guide, title_of

_THREE = ("hmt.first_issue", "settlement.approval", IDENTITY_CARD)
"""S0-T05: three documents of Taiwan residents, each with a guide of its own."""
_OF_TAIWAN = ("hmt", "settlement")


@page("public")
def guides(request: HttpRequest) -> HttpResponse:
    """List what there is to apply for at a place, by whose law it is."""
    reader, place = reader_of(request), place_or_here(request.GET.get("place", ""))
    laws = laws_at(place.code, legal_day(timezone.now())) if place.code else []
    context = {
        **place_context(request, place),
        "groups": [(law.subject, f"guiding.group_{law.subject}", _links(law, place, reader)) for law in laws],
        "has_zhejiang": any(law.subject == "floating" for law in laws),
    }
    return render_page(
        request, "resident/guide/guides.html", context, title="guiding.title", back=reverse("front-page")
    )


def _links(law: Law, place: Asked, reader: Reader) -> list[tuple[str, str]]:
    found = [guide_of(law, code) for code in guides_of(law)]
    return [(title_of(each, reader), guide_address(each.code, place.code)) for each in found]


@page("public")
def guide(request: HttpRequest, code: str) -> HttpResponse:
    """Show one guide by the law in force at the place chosen, or say that it does not exist there."""
    reader, place = reader_of(request), place_or_here(request.GET.get("place", ""))
    back = f"{reverse('guides')}?{urlencode({'place': place.code})}" if place.code else reverse("guides")
    if not place.code:
        return render_page(
            request, "resident/guide/place.html", place_context(request, place), title="guiding.which_place", back=back
        )
    found = guide_at(code, place.code, legal_day(timezone.now()))
    shown = shown_guide(found, reader)
    context = {
        **place_context(request, place),
        "guide": shown,
        "item": found.item,
        "form_name": found.item.form if found.item else "",
        "three": _three(found, place, reader),
        "in_time": found.code in ("hmt.first_issue", "floating.first_issue", "floating.conversion_registrations"),
    }
    return render_page(request, "resident/guide/guide.html", context, title=shown.title, back=back)


def _three(found: Guide, place: Asked, reader: Reader) -> list[tuple[str, str, bool]]:
    """Return the three documents with their addresses where the guide is of one of them, and which one it is."""
    if found.law.subject not in _OF_TAIWAN:
        return []
    here = found.code if found.code in _THREE else _THREE[0]
    return [
        (reader.say(f"guiding.three_{code.replace('.', '_')}"), guide_address(code, place.code), code == here)
        for code in _THREE
        if law_at(place.code, code.partition(".")[0], legal_day(timezone.now())) is not None
    ]


def guide_address(code: str, place: str) -> str:
    """Return the address of a guide at a place."""
    return f"{reverse('guide', args=[code])}?{urlencode({'place': place})}"


def place_context(request: HttpRequest, place: Asked) -> dict[str, object]:
    """Return what the chooser of places shows: the place, what may have been meant, places with rules of their own."""
    known = [] if place.candidates else places_with_own_law(SUBJECTS)
    return {
        "place": place,
        "place_missing": bool(place.words) and not place.code and not place.candidates,
        "choices": [
            (full_name(code), f"?{urlencode({**_kept(request), 'place': code})}")
            for code in ([each.code for each in place.candidates] or known)
        ],
        "kept": _kept(request),
    }


def _kept(request: HttpRequest) -> dict[str, str]:
    """Return the rest of the query, which a change of place keeps."""
    return {name: str(request.GET[name]) for name in ("kind", "of") if name in request.GET}
