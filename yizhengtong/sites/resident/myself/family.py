"""My family: for whom I may act by the rules of the place, and for whom I act now."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.entering.doors import wanted_address
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.registry.people.models import Person, Representation
from yizhengtong.registry.people.queries import living_representations
from yizhengtong.registry.people.representations import end_representation
from yizhengtong.sites.resident.acting import choose_person, chosen_id, own_person


@page("own person", who=PrincipalKind.RESIDENT)
def family(request: HttpRequest) -> HttpResponse:
    """Show whom I may act for, and until when."""
    own, by = own_person(request), signed_in(request)
    held = _held(own).select_related("represented").order_by("since", "pk")
    rows = []
    for each in held:
        ward = each.represented
        record_read("people.read", by=by, on=("person", ward.pk), person_id=ward.pk, purpose="acting for")
        relation = f"people.relation_{each.relation}"
        rows.append({"id": public_id("per", ward.pk), "name": ward.name, "relation": relation, "until": each.until,
                     "is_chosen": chosen_id(request) == ward.pk})  # fmt: skip
    return render_page(
        request,
        "resident/myself/family.html",
        {"rows": rows, "own_name": own.name, "acts_for_self": chosen_id(request) is None},
        title="myself.family_title",
        back=reverse("resident-home"),
    )


@page("own person or ward", who=PrincipalKind.RESIDENT)
def act_for(request: HttpRequest) -> HttpResponse:
    """Act for somebody from now on, or for oneself again. Only a sent form changes it."""
    if request.method == "POST":
        named = request.POST.get("person", "")
        choose_person(request, _ward(named) if named else None)
    return HttpResponseRedirect(wanted_address(request) or reverse("resident-home"))


@page("own person", who=PrincipalKind.RESIDENT)
def end(request: HttpRequest, person_id: str) -> HttpResponse:
    """Ask once more, then act no longer for somebody."""
    own, ward = own_person(request), _ward(person_id)
    representation = _held(own).filter(represented=ward).first()
    if representation is None:
        raise NotFound("not_found")
    if request.method == "POST":
        end_representation(representation=representation, on=legal_day(timezone.now()), by=signed_in(request))
        if chosen_id(request) == ward.pk:
            choose_person(request, None)
        return HttpResponseRedirect(reverse("resident-family"))
    return render_page(
        request,
        "resident/myself/end.html",
        {"name": ward.name},
        title="myself.end_title",
        back=reverse("resident-family"),
    )


def _held(own: Person) -> QuerySet[Representation]:
    return living_representations(legal_day(timezone.now())).filter(representative=own)


def _ward(named: str) -> Person:
    person = Person.objects.filter(pk=parse_public_id("per", named)).first()
    if person is None:
        raise NotFound("not_found")
    return person
