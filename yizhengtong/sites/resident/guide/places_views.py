"""Where permits are applied for, and what they entitle to: by place."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.regions import area_around, name_of
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServicePoint
from yizhengtong.permitting.casework.guiding.queries import law_at, laws_at
from yizhengtong.permitting.casework.guiding.sayings import told
from yizhengtong.rights.entitlements.queries import Owed, entitlements_at
from yizhengtong.sites.resident.guide.places import place_or_here
from yizhengtong.sites.resident.guide.showing import Line, Why, line_of, named
from yizhengtong.sites.resident.guide.views import place_context

_SUBJECTS = ("hmt", "floating")


@page("public")
def service_points(request: HttpRequest) -> HttpResponse:
    """List the points of the city around a place: its own district first, each as of the day of its source."""
    reader, place = reader_of(request), place_or_here(request.GET.get("place", ""))
    on = legal_day(timezone.now())
    city = area_around(place.code, "city") if place.code else ""
    laws = laws_at(city, on) if city else []
    kind = request.GET.get("kind", "")
    points = [point for law in laws for point in law.service_points]
    context = {
        **place_context(request, place),
        "districts": _by_district([each for each in points if kind in ("", each.kind)], place.code, reader),
        "kinds": sorted({point.kind for point in points}),
        "kind": kind,
        "as_of": max((point.as_of for point in points if point.as_of), default=None),
        "sources": sorted({str(point.source.text) for point in points}),
        "elsewhere": [
            (f"guiding.group_{law.subject}", line_of(found, reader))
            for law in (laws_at(place.code, on) if place.code else [])
            if not law.service_points and (found := told(law, "acceptance.kinds")) is not None
        ],
    }
    return render_page(
        request, "resident/guide/service_points.html", context, title="guiding.points_title", back=reverse("front-page")
    )


def _by_district(points: list[ServicePoint], place: str, reader: Reader) -> list[tuple[str, list[ServicePoint]]]:
    """Return the points by district: that of the place first, then the functional zones, which serve all."""

    def order(point: ServicePoint) -> tuple[bool, bool, str]:
        return point.region != place, point.region is not None, point.region or point.zone or ""

    grouped = groupby(sorted(points, key=order), key=lambda point: point.region or point.zone or "")
    return [(name_of(code) or f"{code} {reader.say('guiding.zone')}", list(each)) for code, each in grouped]


@page("public")
def entitlements(request: HttpRequest) -> HttpResponse:
    """List what a permit entitles to at a place, with who owes it."""
    reader, place = reader_of(request), place_or_here(request.GET.get("place", ""))
    on = legal_day(timezone.now())
    laws = [law for subject in _SUBJECTS if place.code and (law := law_at(place.code, subject, on)) is not None]
    laws = [law for law in laws if law.entitlements]
    asked = request.GET.get("of", "")
    law = next((each for each in laws if each.subject == asked), laws[0] if laws else None)
    context = {
        **place_context(request, place),
        "of": law.subject if law else "",
        "permits": [(each.subject, f"guiding.group_{each.subject}") for each in laws],
        "kinds": _by_kind(law, reader) if law else [],
    }
    return render_page(
        request, "resident/guide/entitlements.html", context,
        title="guiding.entitlements_title", back=reverse("front-page"),
    )  # fmt: skip


def _by_kind(law: Law, reader: Reader) -> list[tuple[str, list[tuple[Line, Owed]]]]:
    owed = entitlements_at(law)
    return [
        (f"guiding.kind_{kind}", [(_line(each, reader), each) for each in owed if each.entitlement.kind == kind])
        for kind in ("right", "service", "convenience")
    ]


def _line(owed: Owed, reader: Reader) -> Line:
    entitlement = owed.entitlement
    granted = tuple(Why(source, "C") for source in entitlement.granted_by)
    return Line(named(entitlement.name, reader), (Why(entitlement.source, entitlement.certainty), *granted))
