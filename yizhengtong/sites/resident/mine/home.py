"""What is to be done now, what one has, and every door of the residents' site."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yizhengtong.foundation.notifications.queries import inbox
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.applications.models import Application, ApplicationState
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Appointment, AppointmentState, Case, Notice
from yizhengtong.permitting.casework.queries import cases_of
from yizhengtong.permitting.casework.states import OPEN
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import endorsement_of
from yizhengtong.permitting.permits.states import LIVING
from yizhengtong.registry.people.models import Person
from yizhengtong.sites.resident.acting import acting_for
from yizhengtong.sites.resident.apply.drafts import item_title
from yizhengtong.sites.resident.mine.asking import note, own_page, today
from yizhengtong.sites.resident.mine.permits import permit_card
from yizhengtong.sites.resident.mine.travel import warning_of

SHOWN = 20
"""Cases, drafts and permits on the first page; the rest stands on their own pages."""


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits: a code with words, where it is done, how urgent it is (bad, warn, good or empty)."""

    code: str
    address: str
    tag: str
    facts: dict[str, object]


_DOORS = (
    ("permits", "/permits"), ("cases", "/cases"), ("apply", "/apply"), ("appointments", "/service-points"),
    ("residence", "/residence"), ("checks", "/data-use/checks"), ("data_use", "/data-use"), ("messages", "/messages"),
    ("family", "/family"), ("guide", "/guide"), ("qualify", "/when"), ("account", "/security"),
)  # fmt: skip


@own_page
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits, permits, cases, and the doors to everything else."""
    person = acting_for(request)
    for action in ("permits.read", "casework.read"):
        note(request, action, person)
    reader, on = reader_of(request), today()
    permits = list(person.permits.order_by("-issued_at")[:SHOWN])
    cases = cases_of(person, before=None, limit=SHOWN)
    waits = [*_of_cases(cases), *_drafts(person, reader.language, on), *_of_permits(permits, on),
             *_travel(person, on), *_messages(person)]  # fmt: skip
    return render_page(
        request,
        "resident/home.html",
        {
            "todos": [(todo, reader.say(f"mine.todo_{todo.code}", **todo.facts)) for todo in waits],
            "permits": [permit_card(each, reader, person.region, on) for each in permits if each.state in LIVING],
            "cases": [_case_row(each, reader.language, person.region, on) for each in cases],
            "doors": [(name, address) for name, address in _DOORS],
            "person": person,
        },
        title="mine.home",
    )


def _of_cases(cases: list[Case]) -> Iterator[Todo]:
    keys = [case.pk for case in cases if case.state in OPEN]
    asked = dict(Notice.objects.filter(case_id__in=keys, kind="supplement", answered_on=None)
                 .values_list("case_id", "issued_on"))  # fmt: skip
    booked = {each.case_id: each for each in Appointment.objects.filter(
        case_id__in=keys, state=AppointmentState.BOOKED).select_related("office")}  # fmt: skip
    for case in cases:
        address = f"/cases/{public_id('cas', case.pk)}"
        if case.pk in asked:
            facts: dict[str, object] = {"day": asked[case.pk]}
            yield Todo("supplement_due" if case.due_on else "supplement", address, "bad",
                       {**facts, "due": case.due_on or ""})  # fmt: skip
        if case.pk in booked:
            at = booked[case.pk]
            yield Todo("appointment", address, "", {"at": at.starts_at, "place": at.office.name})


def _drafts(person: Person, language: str, on: date) -> Iterator[Todo]:
    for draft in Application.objects.filter(person=person, state=ApplicationState.DRAFT).order_by("-id")[:SHOWN]:
        address = f"/applications/{public_id('apl', draft.pk)}"
        yield Todo("draft", address, "", {"item": item_name(draft.item, draft.place, on, language, person.region)})


def _of_permits(permits: list[Permit], on: date) -> Iterator[Todo]:
    for permit in permits:
        found = endorsement_of(permit, on) if permit.state in LIVING and permit.endorsed_until else None
        if found is None or not found.is_open:
            continue
        address = reverse("resident-permit", args=[public_id("pmt", permit.pk)])
        if found.days_left < 0:
            yield Todo("endorse_late", address, "bad", {"day": found.endorsed_until})
        else:
            yield Todo("endorse", address, "warn", {"days": found.days_left, "day": found.endorsed_until})


def _travel(person: Person, on: date) -> Iterator[Todo]:
    document = warning_of(person, on)
    if document is not None and document["tag"]:
        code = "travel_over" if document["tag"] == "bad" else "travel"
        yield Todo(code, "/me/documents/new", str(document["tag"]), {"day": document["day"]})


def _messages(person: Person) -> Iterator[Todo]:
    unread = inbox(person.pk, unread_only=True).count()
    if unread:
        yield Todo("messages", reverse("resident-messages"), "", {"n": unread})


def item_name(item: str, place: str, on: date, language: str, region: str) -> str:
    """Return what an item is called at its place, by who is from `region`; its code where no law of it is in force."""
    try:
        law = law_for(item, place, on)
    except NotFound:
        return item
    return item_title(law.items[item], language, region) if item in law.items else item


def _case_row(case: Case, language: str, region: str, on: date) -> dict[str, object]:
    return {
        "address": f"/cases/{public_id('cas', case.pk)}",
        "item": item_name(case.item, case.application.place, on, language, region),
        "state": f"casework.state_{case.state}",
        "tag": {"refused": "bad", "completed": "good", "approved": "good", "made": "good"}.get(case.state, ""),
        "due_on": case.due_on if case.state in OPEN and case.decided_on is None else None,
        "is_provisional": case.is_due_provisional,
        "awaits_supplement": case.awaits_supplement,
    }
