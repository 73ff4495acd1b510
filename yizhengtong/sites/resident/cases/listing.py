"""The list of one's applications and cases, those of whom one acts for included."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.applications.models import Application, ApplicationState
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import wards_of
from yizhengtong.sites.resident.acting import own_person
from yizhengtong.sites.resident.apply.drafts import item_title, place_in_words, today
from yizhengtong.sites.resident.cases.reading import COLOURS

_PAGE = 20
_DRAFT, _SUPPLEMENT = "draft", "supplement"


class SearchForm(PageForm):
    """Which of the cases to show."""

    words = "cases.search."
    state = forms.ChoiceField(required=False)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list."""

    title: str
    name: str
    place: str
    state: str
    colour: str
    since: date
    due_on: date | None
    address: str


@page("own person or ward", who=PrincipalKind.RESIDENT)
def list_cases(request: HttpRequest) -> HttpResponse:
    """Show drafts and cases, the newest first, by state."""
    own = own_person(request)
    people = {person.pk: person for person in (own, *wards_of(own, today()))}
    for person in people.values():
        record_read("casework.read", by=signed_in(request), on=("person", person.pk), person_id=person.pk,
                    purpose="own data")  # fmt: skip
    form = _form(request)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    cases = _cases(people, state, request.GET.get("before", "")) if state != _DRAFT else []
    shown, rest = cases[:_PAGE], cases[_PAGE:]
    context = {
        "form": form,
        "own": own,
        "drafts": _drafts(request, people) if state in {"", _DRAFT} else [],
        "cases": [_case_row(request, case, people) for case in shown],
        "more": f"?{urlencode({'state': state, 'before': public_id('cas', shown[-1].pk)})}" if rest else "",
        "has_wards": len(people) > 1,
    }
    return render_page(request, "resident/cases/list.html", context, title="cases.title", back=reverse("resident-home"))


def _form(request: HttpRequest) -> SearchForm:
    reader = reader_of(request)
    form = SearchForm(request.GET, reader=reader)
    form.fields["state"].choices = [  # type: ignore[attr-defined]
        ("", reader.say("cases.search.any")),
        (_DRAFT, reader.say("cases.draft")),
        (_SUPPLEMENT, reader.say("cases.awaits_supplement")),
        *((state.value, reader.say(f"casework.state_{state}")) for state in CaseState),
    ]
    return form


def _cases(people: dict[UUID, Person], state: str, before: str) -> list[Case]:
    found = Case.objects.filter(person_id__in=list(people)).select_related("application", "office").order_by("-pk")
    if state == _SUPPLEMENT:
        found = found.filter(awaits_supplement=True)
    elif state:
        found = found.filter(state=state)
    return list((found.filter(pk__lt=parse_public_id("cas", before)) if before else found)[: _PAGE + 1])


def _drafts(request: HttpRequest, people: dict[UUID, Person]) -> list[Row]:
    found = Application.objects.filter(person_id__in=list(people), state=ApplicationState.DRAFT).order_by("-pk")
    return [
        Row(
            _title(request, each, people[each.person_id]),
            people[each.person_id].name,
            place_in_words(each.place),
            reader_of(request).say("cases.draft"),
            "warn",
            each.created_at.date(),
            None,
            reverse("application", args=[public_id("apl", each.pk)]),
        )
        for each in found[:_PAGE]
    ]


def _case_row(request: HttpRequest, case: Case, people: dict[UUID, Person]) -> Row:
    say = reader_of(request).say
    words = say("cases.awaits_supplement") if case.awaits_supplement else say(f"casework.state_{case.state}")
    return Row(
        _title(request, case.application, people[case.person_id]),
        people[case.person_id].name,
        place_in_words(case.application.place),
        words,
        "warn" if case.awaits_supplement else COLOURS[case.state],
        case.received_on,
        case.due_on if case.decided_on is None else None,
        reverse("case", args=[public_id("cas", case.pk)]),
    )


def _title(request: HttpRequest, application: Application, person: Person) -> str:
    item = law_for(application.item, application.place, today()).items[application.item]
    return item_title(item, reader_of(request).language, person.region)
