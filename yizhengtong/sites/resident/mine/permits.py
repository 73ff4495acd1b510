"""My permits: state, endorsement, what they entitle to, history, loss and recovery."""

from dataclasses import dataclass, field
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import signed_in
from yizhengtong.foundation.texts import base_of
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.kernel.regions import name_of
from yizhengtong.law.law import Law
from yizhengtong.permitting.permits import services
from yizhengtong.permitting.permits.kinds import HMT, SETTLEMENT
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import endorsement_of, law_of_permit, next_of, place_of, standing
from yizhengtong.permitting.permits.states import LIVING, STEPS, PermitState
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.rights.entitlements.queries import Owed, entitlements_at, service_points_at
from yizhengtong.sites.resident.acting import acting_for, own_person
from yizhengtong.sites.resident.apply.drafts import item_title
from yizhengtong.sites.resident.mine.asking import note, own_page, today
from yizhengtong.sites.resident.mine.travel import warning_of

NO_END = date(9999, 12, 31)
_MOST = 100


@dataclass(frozen=True, slots=True)
class PermitCard:
    """A permit as a card shows it: its name by the holder's region (S1-031), state in words and colour."""

    permit: Permit
    address: str
    name: str
    state: str
    tag: str
    last_valid_day: date | None
    countdown: str = ""
    countdown_tag: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """A line of a permit's history."""

    on: date
    words: str
    facts: dict[str, object] = field(default_factory=dict)


def permit_name(kind: str, region: str, reader: Reader) -> str:
    """Return what a permit is called: of Hong Kong and Macao residents, of Taiwan residents, or of Zhejiang."""
    if kind in {HMT, SETTLEMENT}:
        return reader.say(f"mine.permit_{kind}_{'TW' if region == 'TW' else 'HK'}")
    return reader.say(f"mine.permit_{kind}")


def permit_card(permit: Permit, reader: Reader, region: str, on: date) -> PermitCard:
    """Return a permit as a card shows it on a day."""
    now = standing(permit, on)
    words, tag = _state_words(permit, reader, is_valid=now.is_valid, reason=now.reason)
    countdown, countdown_tag = _countdown(permit, reader, on)
    return PermitCard(
        permit=permit,
        address=reverse("resident-permit", args=[public_id("pmt", permit.pk)]),
        name=permit_name(permit.kind, region, reader),
        state=words,
        tag=tag,
        last_valid_day=permit.last_valid_day if permit.last_valid_day != NO_END else None,
        countdown=countdown,
        countdown_tag=countdown_tag,
    )


def _state_words(permit: Permit, reader: Reader, *, is_valid: bool, reason: str) -> tuple[str, str]:
    if is_valid:
        code = "mine.valid" if permit.state == PermitState.HELD else f"mine.valid_{permit.state}"
        return reader.say(code), "good"
    code = f"mine.invalid_{reason}"
    words = reader.say(code)
    return (
        reader.say("permits.state_ended") if words == code else words
    ), "warn" if reason == "not_yet_valid" else "bad"


def _countdown(permit: Permit, reader: Reader, on: date) -> tuple[str, str]:
    found = endorsement_of(permit, on) if permit.endorsed_until and permit.state in LIVING else None
    if found is None:
        return "", ""
    if found.days_left < 0:
        return reader.say("mine.endorse_late", day=found.endorsed_until, days=-found.days_left), "bad"
    if found.is_open:
        return reader.say("mine.endorse_open", day=found.endorsed_until, days=found.days_left), "warn"
    return reader.say("mine.endorse_later", day=found.window_from, days=found.days_until_open), ""


@own_page
def list_permits(request: HttpRequest) -> HttpResponse:
    """Show every permit that somebody has had, the newest first."""
    person = acting_for(request)
    note(request, "permits.read", person)
    reader, on = reader_of(request), today()
    found = person.permits.order_by("-issued_at")[:_MOST]
    cards = [permit_card(each, reader, person.region, on) for each in found]
    return render_page(
        request, "resident/mine/permits.html", {"permits": cards}, title="mine.permits", back=reverse("resident-home")
    )


@own_page
def show_permit(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Show one permit: how it stands, what comes next, what it entitles to, what has happened."""
    permit, reader, on = own_permit(request, permit_id), reader_of(request), today()
    _note_permit(request, permit)
    law = _law(permit, on)
    context = {
        "card": permit_card(permit, reader, permit.person.region, on),
        "permit": permit,
        "id": permit_id,
        "place": name_of(place_of(permit)) or place_of(permit),
        "endorsement": endorsement_of(permit, on) if permit.endorsed_until and permit.state in LIVING else None,
        "next": [(each, reader.say(each.code, **each.facts)) for each in next_of(permit, on)],
        "entitlements": _entitlements(law, reader.language) if law and permit.kind != SETTLEMENT else [],
        "counters": service_points_at(law)[:5] if law else [],
        "items": _items(permit, law, reader.language),
        "may_report_loss": (permit.state, "report_loss") in STEPS and permit.delivery != "online",
        "may_report_found": permit.state == PermitState.LOST,
        "history": _history(permit, reader),
        "travel": warning_of(permit.person, on),
    }
    return render_page(
        request, "resident/mine/permit.html", context, title=permit_name(permit.kind, permit.person.region, reader),
        back=reverse("resident-permits"),
    )  # fmt: skip


@own_page
def report_loss(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Ask once, say what it does, then report the card lost."""
    permit = own_permit(request, permit_id)
    here = reverse("resident-permit", args=[permit_id])
    if request.method == "POST":
        services.report_loss(permit_id=permit.pk, by=signed_in(request))
        return HttpResponseRedirect(here)
    return render_page(request, "resident/mine/loss.html", {"here": here}, title="mine.loss_title", back=here)


@own_page
def report_found(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Take a report of loss back, where no new card was issued meanwhile."""
    permit = own_permit(request, permit_id)
    here = reverse("resident-permit", args=[permit_id])
    if request.method == "POST":
        services.report_found(permit_id=permit.pk, by=signed_in(request))
        return HttpResponseRedirect(here)
    return render_page(request, "resident/mine/found.html", {"here": here}, title="mine.found_title", back=here)


def own_permit(request: HttpRequest, permit_id: str) -> Permit:
    """Return a permit of one's own, or of somebody one may act for. Raises NotFound."""
    permit = Permit.objects.select_related("person").filter(pk=parse_public_id("pmt", permit_id)).first()
    if permit is None or not may_act_for(own_person(request), permit.person, today()):
        raise NotFound("not_found")
    return permit


def _note_permit(request: HttpRequest, permit: Permit) -> None:
    record_read(
        "permits.read", by=signed_in(request), on=("permit", permit.pk), person_id=permit.person_id, purpose="own data"
    )


def _law(permit: Permit, on: date) -> Law | None:
    try:
        return law_of_permit(permit, on)
    except NotFound:
        return None


def _entitlements(law: Law, language: str) -> list[tuple[str, list[tuple[str, Owed]]]]:
    """Return kind → its entitlements, each with its name in the reader's language, in the order of the law."""
    groups: dict[str, list[tuple[str, Owed]]] = {}
    for owed in entitlements_at(law):
        groups.setdefault(owed.entitlement.kind, []).append(
            (owed.entitlement.name.in_language(base_of(language)), owed)
        )
    return list(groups.items())


def _items(permit: Permit, law: Law | None, language: str) -> list[tuple[str, str]]:
    """Return what can be applied for about this permit: code of the item, its name."""
    if law is None or permit.kind == SETTLEMENT or permit.state not in LIVING:
        return []
    wanted = ("reissue",) if permit.state == PermitState.LOST else ("endorsement", "replacement", "reissue")
    return [
        (item.code, item_title(item, language, permit.person.region))
        for item in law.items.values()
        if item.code.rpartition(".")[2] in wanted
        and (permit.endorsed_until is not None or not item.code.endswith(".endorsement"))
    ]


def _history(permit: Permit, reader: Reader) -> list[Deed]:
    days = (
        ("issued", permit.valid_from), ("made", permit.made_on), ("handed_over", permit.handed_over_on),
        ("ended", permit.ended_on),
    )  # fmt: skip
    deeds = [Deed(on, reader.say(f"mine.deed_{code}")) for code, on in days if on is not None]
    for each in permit.endorsements.order_by("on"):
        code = f"mine.deed_endorsed_{each.effect}" if each.was_late else "mine.deed_endorsed"
        place = name_of(each.region) or each.region
        deeds.append(Deed(each.on, reader.say(code, place=place, until=each.endorsed_until)))
    return sorted(deeds, key=lambda deed: deed.on, reverse=True)
