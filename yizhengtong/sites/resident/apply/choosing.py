"""The first pages: where one lives, what can be applied for there and why the rest cannot, and beginning a draft."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import SeeOther, page, signed_in
from yizhengtong.foundation.texts import base_of
from yizhengtong.kernel.errors import Conflict, NotFound, Problem
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.applications.models import Application, ApplicationState
from yizhengtong.permitting.applications.rules.settlement import name_of_ground
from yizhengtong.permitting.applications.services import start_application
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.offering import Offer, offers_at, places_offered
from yizhengtong.permitting.casework.states import UNDECIDED
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.queries import stays_of
from yizhengtong.sites.resident.acting import acting_for, own_person
from yizhengtong.sites.resident.apply.drafts import Draft, item_title, place_in_words, today
from yizhengtong.sites.resident.apply.filling import ground_code
from yizhengtong.sites.resident.apply.mending import Mended, mended

_ENDORSEMENT = "endorsement"


class PlaceForm(PageForm):
    words = "apply.where."
    place = forms.ChoiceField(widget=Radios)


class BeginForm(PageForm):
    """The ground, where the item asks for one."""

    words = "apply.begin."
    ground = forms.ChoiceField(widget=Radios)


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as it is offered: its name, its page, what stands against it, a draft or a case that is there."""

    code: str
    title: str
    address: str
    against: tuple[Mended, ...]
    draft: str = ""
    case: str = ""


@page("own person or ward", who=PrincipalKind.RESIDENT)
def where(request: HttpRequest) -> HttpResponse:
    """Ask in which county one lives; the one of the last stay is chosen already."""
    person, reader = acting_for(request), reader_of(request)
    places = places_offered()
    stays = stays_of(person, signed_in(request), "own data")
    lived = [stay.region for stay in stays if stay.region in places]
    form = PlaceForm(request.GET if "place" in request.GET else None, reader=reader,
                     initial={"place": lived[-1] if lived else ""})  # fmt: skip
    form.fields["place"].choices = [(code, place_in_words(code)) for code in places]  # type: ignore[attr-defined]
    item = request.GET.get("item", "")
    if form.is_bound and form.is_valid():
        return HttpResponseRedirect(_onward(form.cleaned_data["place"], item))
    return render_page(request, "resident/apply/where.html", {"form": form, "person": person, "item": item},
                       title="apply.where.title", back=reverse("resident-home"))  # fmt: skip


@page("own person or ward", who=PrincipalKind.RESIDENT)
def items(request: HttpRequest) -> HttpResponse:
    """Show what can be applied for in the county, and why the rest cannot: by article, with what to do."""
    person, place = acting_for(request), _place(request)
    shown = [_shown(request, offer, person, place) for offer in _offers(request, person, place)]
    context = {
        "person": person,
        "place": place_in_words(place),
        "offered": [each for each in shown if not each.against],
        "others": [each for each in shown if each.against],
    }
    return render_page(request, "resident/apply/items.html", context, title="apply.items.title",
                       back=reverse("apply"))  # fmt: skip


@page("own person or ward", who=PrincipalKind.RESIDENT)
def begin(request: HttpRequest) -> HttpResponse:
    """Say what the item needs, ask for the ground where there are several, and open the draft."""
    person, place = acting_for(request), _place(request)
    offer = _offer(request, person, place)
    shown = _shown(request, offer, person, place)
    form = _begin_form(request, offer)
    is_sent = request.method == "POST"
    if is_sent and (form is None or form.is_valid()):
        address = shown.draft or _begun(request, offer, place, form)
        if address:
            return HttpResponseRedirect(address)
    context = {
        "form": form, "shown": shown, "offer": offer, "place": place_in_words(place), "person": person,
        "papers": [(each.name.in_language(_base(request)), each.source) for each in offer.item.documents
                   if each.when == "always"],
        "limit": offer.law[offer.item.limit], "fee": offer.law[offer.item.fee],
        "one_tap": f"{reverse('apply-endorsement')}?{urlencode({'place': place})}"
        if offer.item.outcome == _ENDORSEMENT else "",
    }  # fmt: skip
    return render_page(request, "resident/apply/begin.html", context, title=shown.title,
                       back=f"{reverse('apply-items')}?{urlencode({'place': place})}",
                       status=422 if is_sent else 200)  # fmt: skip


def _onward(place: str, item: str) -> str:
    """Return the page after the place: of the item that was chosen before, else of all items."""
    if item:
        return f"{reverse('apply-begin')}?{urlencode({'place': place, 'item': item})}"
    return f"{reverse('apply-items')}?{urlencode({'place': place})}"


def _place(request: HttpRequest) -> str:
    """Return the place that was chosen; whoever comes without one chooses it first."""
    place = request.GET.get("place", "")
    if not place:
        raise SeeOther(f"{reverse('apply')}?{urlencode({'item': request.GET.get('item', '')})}")
    if place not in places_offered():
        raise NotFound("apply.place_unknown")
    return place


def _offers(request: HttpRequest, person: Person, place: str) -> list[Offer]:
    record_read("applications.read", by=signed_in(request), on=("person", person.pk), person_id=person.pk,
                purpose="own data")  # fmt: skip
    return offers_at(person=person, acting=own_person(request), place=place, on=today())


def _offer(request: HttpRequest, person: Person, place: str) -> Offer:
    item = request.GET.get("item", "")
    for offer in _offers(request, person, place):
        if offer.item.code == item:
            return offer
    raise NotFound("applications.item_unknown")


def _shown(request: HttpRequest, offer: Offer, person: Person, place: str) -> Shown:
    query = urlencode({"place": place, "item": offer.item.code})
    reader = reader_of(request)
    unsaved = Application(person=person, filled_by=person, item=offer.item.code, place=place)
    draft = Draft(unsaved, reader, person, today())
    return Shown(
        code=offer.item.code,
        title=item_title(offer.item, reader.language, person.region),
        address=f"{reverse('apply-begin')}?{query}",
        against=tuple(mended(finding, draft) for finding in offer.against),
        draft=_there(request, person).get(("draft", offer.item.code), ""),
        case=_there(request, person).get(("case", offer.item.code), ""),
    )


def _there(request: HttpRequest, person: Person) -> Mapping[tuple[str, str], str]:
    """Return the address of the draft and of the undecided case of each item, looked up once a request."""
    kept: dict[tuple[str, str], str] | None = getattr(request, "_yzt_begun", None)
    if kept is None:
        drafts = Application.objects.filter(person=person, state=ApplicationState.DRAFT).values_list("item", "pk")
        cases = Case.objects.filter(person=person, state__in=UNDECIDED).values_list("item", "pk")
        kept = {("draft", item): reverse("application", args=[public_id("apl", key)]) for item, key in drafts}
        kept |= {("case", item): reverse("case", args=[public_id("cas", key)]) for item, key in cases}
        request._yzt_begun = kept  # type: ignore[attr-defined]
    return kept


def _begin_form(request: HttpRequest, offer: Offer) -> BeginForm | None:
    if not offer.item.grounds:
        return None
    form = BeginForm(request.POST if request.method == "POST" else None, reader=reader_of(request),
                     initial={"ground": offer.item.grounds[0] if len(offer.item.grounds) == 1 else ""})  # fmt: skip
    form.fields["ground"].choices = [  # type: ignore[attr-defined]
        (ground, form.reader.say(ground_code(offer.item.outcome, ground))) for ground in _grounds(offer)
    ]
    return form


def _grounds(offer: Offer) -> tuple[str, ...]:
    """Return the grounds that the place knows, of those of the item."""
    if offer.item.outcome != "settlement":
        return offer.item.grounds
    known = {name_of_ground(ground) for ground in offer.law.value("settle.grounds")}
    return tuple(ground for ground in offer.item.grounds if ground in known)


def _begun(request: HttpRequest, offer: Offer, place: str, form: BeginForm | None) -> str:
    """Open the draft and return its address; nothing where the form says what stands against it."""
    try:
        with transaction.atomic():
            application = start_application(
                person=acting_for(request), acting=own_person(request), item=offer.item.code, place=place,
                ground=form.cleaned_data["ground"] if form else "", law=offer.law, on=today(), by=signed_in(request),
            )  # fmt: skip
    except Conflict:  # begun a moment ago, by the same button
        found = Application.objects.filter(
            person=acting_for(request), item=offer.item.code, state=ApplicationState.DRAFT
        )
        return reverse("application", args=[public_id("apl", found.values_list("pk", flat=True).get())])
    except Problem as problem:
        if form is None:
            raise
        form.add_problem(problem)
        return ""
    return reverse("application", args=[public_id("apl", application.pk)])


def _base(request: HttpRequest) -> str:
    return base_of(reader_of(request).language)
