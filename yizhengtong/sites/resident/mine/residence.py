"""Where I lived: each period with its source, what it adds up to, a certificate, and how to dispute it (Q5)."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import signed_in
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import public_id
from yizhengtong.kernel.regions import ancestors, name_of
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.duties import MAINLAND, counted_stays, value_of
from yizhengtong.registry.residence.models import Registration, Report
from yizhengtong.registry.residence.queries import registrations_of, reports_about, stays_of
from yizhengtong.registry.residence.rules import Stay
from yizhengtong.registry.residence.timeline import Timeline, timeline
from yizhengtong.registry.residence.vouchers import Voucher, vouchers_of
from yizhengtong.sites.resident.acting import acting_for
from yizhengtong.sites.resident.mine.asking import own_page, today

MOST_PLACES = 6
_SOURCES = {"manager": "property_manager", "rescue": "rescue_station"}
"""The column of a stay is narrow; its words are those of the kind of reporter."""


@dataclass(frozen=True, slots=True)
class Period:
    """One registered stay as its person sees it. `report`: whose word it rests on, where it can be disputed."""

    stay: Registration
    id: str
    where: str
    source: str
    is_own: bool
    report: Report | None
    report_id: str
    can_dispute: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """What the stays add up to at a place, under that place's own measure."""

    place: str
    measure: str
    source: object
    line: Timeline
    met_on: date | None
    is_met: bool


@own_page
def show_residence(request: HttpRequest) -> HttpResponse:
    """Show every period with its source, what others reported, and what it adds up to."""
    person, reader = acting_for(request), reader_of(request)
    stays = registrations_of(person, signed_in(request), "own data")
    reports = reports_about(person, signed_in(request), "own data")
    return render_page(
        request,
        "resident/mine/residence.html",
        {
            "periods": periods_of(stays, reports, reader),
            "reports": [_report_row(each, reader) for each in reports if each.registration_id is None
                        or each.state != Report.State.MATCHED],
            "sums": sums_of(request, person, reader),
            "is_open": any(stay.until is None for stay in stays),
        },
        title="mine.residence",
        back=reverse("resident-home"),
    )  # fmt: skip


@own_page
def certificate(request: HttpRequest) -> HttpResponse:
    """Show a certificate of residence made for printing: who, where, from when to when, by whose word."""
    person, reader = acting_for(request), reader_of(request)
    stays = registrations_of(person, signed_in(request), "own data")
    return render_page(
        request,
        "resident/mine/certificate.html",
        {
            "person": person,
            "periods": periods_of(stays, (), reader),
            "sums": sums_of(request, person, reader),
            "vouchers": _vouchers(request, person),
            "today": today(),
        },
        title="mine.certificate",
        back=reverse("resident-residence"),
    )


def periods_of(stays: tuple[Registration, ...], reports: tuple[Report, ...], reader: Reader) -> list[Period]:
    """Return registered stays, the newest first, each with its source and the report it can be disputed by."""
    about = {each.registration_id: each for each in reversed(reports) if each.registration_id}
    return [_period(stay, about.get(stay.pk), reader) for stay in sorted(stays, key=lambda each: each.start)[::-1]]


def sums_of(request: HttpRequest, person: Person, reader: Reader) -> list[Sum]:
    """Return what the stays add up to under each place's own measure, this deployment's place first."""
    stays = stays_of(person, signed_in(request), "own data")
    places = [stay.region for stay in reversed(stays)] or [settings.YZT_REGION]
    found: dict[tuple[str, str], Sum] = {}
    for place in list(dict.fromkeys(places))[:MOST_PLACES]:
        worked = _sum(person, stays, place, reader)
        if worked is not None:
            found.setdefault((worked.place, worked.measure), worked)
    return list(found.values())


def place_words(region: str) -> str:
    """Return a county with the divisions above it: 山东省济南市历下区."""
    names = [name_of(code) for code in reversed(ancestors(region)) if code != "000000"]
    return "".join(name for name in [*names, name_of(region) or region] if name)


def where_words(region: str, address: str) -> str:
    """Return an address with its county before it, once: people often write both."""
    place = place_words(region)
    return address if address.startswith(place) else f"{place}{address}"


def _period(stay: Registration, report: Report | None, reader: Reader) -> Period:
    source = stay.reported_by
    kind = f"residence.reporter_{_SOURCES.get(source, source)}"
    is_own = source == "self"
    return Period(
        stay=stay,
        id=public_id("sty", stay.pk),
        where=where_words(stay.region, stay.address),
        source=reader.say("mine.source_self") if is_own else reader.say("mine.source_reported", who=reader.say(kind)),
        is_own=is_own,
        report=report,
        report_id=public_id("rep", report.pk) if report else "",
        can_dispute=report is not None and report.state in {Report.State.RECEIVED, Report.State.MATCHED},
    )


def _report_row(report: Report, reader: Reader) -> dict[str, object]:
    State = Report.State  # noqa: N806 as the model's other users name it
    return {
        "id": public_id("rep", report.pk),
        "report": report,
        "where": where_words(report.region, report.address),
        "by": reader.say(f"residence.reporter_{report.reporter_kind}"),
        "about": reader.say(f"mine.report_{report.about}"),
        "state": reader.say(f"residence.report_{report.state}"),
        "waits": reader.say(f"residence.waits_{report.waits_for}") if report.waits_for else "",
        "tag": {State.RECEIVED: "warn", State.DISPUTED: "warn", State.DISMISSED: "bad"}.get(
            State(report.state), "good"
        ),
        "can_confirm": report.state == State.RECEIVED,
        "can_dispute": report.state in {State.RECEIVED, State.MATCHED},
    }


def _sum(person: Person, stays: tuple[Stay, ...], place: str, reader: Reader) -> Sum | None:
    law = _law(person, place)
    if law is None or "residence.requirement" not in law:
        return None
    measure = law.value("residence.requirement")
    counted = counted_stays(
        stays, place,
        from_declaration=value_of(law, "residence.counts_from") == "declaration",
        districts_are_one=bool(value_of(law, "residence.districts_are_one")),
    )  # fmt: skip
    gap = value_of(law, "residence.gap_tolerance_days") or 0
    line = timeline(counted, measure, place, today(), gap_tolerance_days=gap)
    words = reader.say(
        f"mine.measure_{measure.measure}", n=measure.n, area=reader.say(f"residence.area_{measure.scope}")
    )
    return Sum(
        place=name_of(place) or place,
        measure=words,
        source=law["residence.requirement"].source,
        line=line,
        met_on=line.met_on,
        is_met=line.met_on is not None and line.met_on <= today(),
    )


def _law(person: Person, place: str) -> Law | None:
    """Return the law of a place for a person: of the floating population, or of HMT residents (D14)."""
    try:
        return law_in_force(place, "floating" if person.region == MAINLAND else "hmt", today())
    except NotFound:
        return None


def _vouchers(request: HttpRequest, person: Person) -> list[Voucher]:
    return list(vouchers_of(person, signed_in(request), "own data")) if person.region == MAINLAND else []
