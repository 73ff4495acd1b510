"""The yearly endorsement by one tap: what was said last time is used, registers are asked, nothing is typed."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import SeeOther, page, signed_in
from yizhengtong.kernel.errors import Conflict, NotFound, Problem
from yizhengtong.permitting.applications import services
from yizhengtong.permitting.applications.models import Application, ApplicationState
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.offering import Offer, offers_at, places_offered
from yizhengtong.permitting.casework.promising import promise_of
from yizhengtong.permitting.casework.services.promises import make_promise
from yizhengtong.permitting.casework.services.reception import receive_application
from yizhengtong.permitting.permits.kinds import ZHEJIANG_CARD
from yizhengtong.permitting.permits.queries import living_in_family, place_of
from yizhengtong.registry.people.models import Person
from yizhengtong.sites.resident.acting import acting_for, own_person
from yizhengtong.sites.resident.apply.drafts import Draft, case_address, place_in_words, today
from yizhengtong.sites.resident.apply.forms import points_of
from yizhengtong.sites.resident.apply.mending import mended
from yizhengtong.sites.resident.apply.steps import missing_of
from yizhengtong.sites.resident.apply.telling import TellingForm

_USED_AGAIN = ("residence_address", "phone", "service_point", "delivery", "delivery_address")
_OUTCOME = "endorsement"


@page("own person or ward", who=PrincipalKind.RESIDENT)
def endorse(request: HttpRequest) -> HttpResponse:
    """Show what will be used and what is promised; one button endorses, or leads to what is still missing."""
    person = acting_for(request)
    place = request.GET.get("place", "") or _place_of_permit(person)
    offer = _offer(request, person, place)
    form = TellingForm(request.POST if request.method == "POST" else None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid() and not offer.against:
        return HttpResponseRedirect(_endorsed(request, person, offer, place))
    draft = _draft(request, Application(person=person, filled_by=person, item=offer.item.code, place=place))
    answers, claims = said_before(person, draft)
    told = promise_of(offer.law, offer.item)
    context = {
        "form": form, "offer": offer, "place": place_in_words(place), "answers": answers,
        "against": [mended(finding, draft) for finding in offer.against], "told": told, "promises": _promises(draft),
        "point": _point(draft, answers), "claims": [f"applications.claim_{claim}" for claim in claims],
        "by_hand": f"{reverse('apply-begin')}?{urlencode({'place': place, 'item': offer.item.code})}",
    }  # fmt: skip
    return render_page(
        request, "resident/apply/endorsement.html", context, title="apply.endorsement.title",
        back=f"{reverse('apply-items')}?{urlencode({'place': place})}",
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def said_before(person: Person, draft: Draft) -> tuple[dict[str, Any], list[str]]:
    """Return answers and claims of the newest application in the same county that are used again."""
    before = Application.objects.filter(
        person=person, place=draft.application.place, state=ApplicationState.SUBMITTED,
        item__startswith=f"{draft.law.subject}.",
    ).order_by("-submitted_at").first()  # fmt: skip
    if before is None:
        return {}, []
    answers = {name: before.answers[name] for name in _USED_AGAIN if before.answers.get(name)}
    return answers, list(before.claims)


def _place_of_permit(person: Person) -> str:
    """Return the place of the permit that is to be endorsed; whoever has none chooses a place first."""
    permit = living_in_family(person, ZHEJIANG_CARD).first()
    if permit is None or place_of(permit) not in places_offered():
        raise SeeOther(reverse("apply"))
    return place_of(permit)


def _offer(request: HttpRequest, person: Person, place: str) -> Offer:
    if place not in places_offered():
        raise NotFound("apply.place_unknown")
    for offer in offers_at(person=person, acting=own_person(request), place=place, on=today()):
        if offer.item.outcome == _OUTCOME:
            return offer
    raise NotFound("applications.item_unknown")


def _endorsed(request: HttpRequest, person: Person, offer: Offer, place: str) -> str:
    """Begin, fill in, ask the registers, submit; return the confirmation, or the draft where something is missing."""
    draft = _begun(request, person, offer, place)
    answers, claims = said_before(person, draft)
    draft = _filled(request, draft, answers, claims)
    if missing_of(draft):
        return draft.address("application")
    try:
        with transaction.atomic():
            receive_application(
                application_id=draft.application.pk, acting=draft.acting, version=draft.application.version,
                on=draft.on, by=draft.by, confirms={"declares_true": True, "declares_own_will": True},
            )  # fmt: skip
    except Problem:
        return draft.address("application-check")
    return case_address(draft.application, done=True)


def _begun(request: HttpRequest, person: Person, offer: Offer, place: str) -> Draft:
    try:
        with transaction.atomic():
            application = services.start_application(
                person=person, acting=own_person(request), item=offer.item.code, place=place, law=offer.law,
                on=today(), by=signed_in(request),
            )  # fmt: skip
    except Conflict:
        application = Application.objects.select_related("person").get(
            person=person, item=offer.item.code, state=ApplicationState.DRAFT
        )
    return _draft(request, application)


def _filled(request: HttpRequest, draft: Draft, answers: dict[str, Any], claims: list[str]) -> Draft:
    application = services.save_answers(
        application_id=draft.application.pk, answers={**answers, "facts_checked": True}, claims=claims or None,
        acting=draft.acting, version=draft.application.version, on=draft.on, by=draft.by,
    )  # fmt: skip
    if _promises(draft):
        application = make_promise(
            application_id=application.pk, text_hash=promise_of(draft.law, draft.item).hash, acting=draft.acting,
            version=application.version, on=draft.on, by=draft.by,
        )  # fmt: skip
    law = law_for(application.item, application.place, draft.on)
    services.ask_registers(
        application_id=application.pk, law=law, kinds=None, acting=draft.acting, on=draft.on, by=draft.by
    )
    return _draft(request, application)


def _promises(draft: Draft) -> bool:
    return draft.is_online and "promise" in (draft.law.values.get("application.steps") or ())


def _point(draft: Draft, answers: dict[str, Any]) -> str:
    return dict(points_of(draft)).get(answers.get("service_point", ""), "")


def _draft(request: HttpRequest, application: Application) -> Draft:
    return Draft(application, reader_of(request), own_person(request), today())
