"""The day at a window: appointments and tickets, calling, and one visit as a list of what is to be done."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.texts import base_of
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Forbidden, Problem
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.applications.services import is_handed_over, item_of
from yizhengtong.permitting.casework.examination import Examination, examine
from yizhengtong.permitting.casework.models import Appointment, AppointmentState, Case
from yizhengtong.permitting.casework.possible import steps_of
from yizhengtong.permitting.casework.services.calling import appointments_of, call_next, own_office
from yizhengtong.permitting.casework.services.reception import print_form, receive_visitor
from yizhengtong.permitting.casework.states import UNDECIDED
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.settlement.policies import keeps_households
from yizhengtong.sites.desk.cases.asking import attempt, case_asked, today
from yizhengtong.sites.desk.cases.rows import item_name, number_of

_SHOWN = 200
_CAPTURED = {
    "photo": ("photo", "desk-window-photo"),
    "fingerprints": ("fingerprints", "desk-window-fingerprints"),
    "signature": ("signed_form", "desk-window-signed-form"),
}
"""What an item captures → the field of the case and the page that captures it."""


@page("officer", who=PrincipalKind.STAFF)
def today_here(request: HttpRequest) -> HttpResponse:
    """Show who comes today to this officer's own office, and who waits."""
    return _show_day(request)


@page("clerk", who=PrincipalKind.STAFF)
def call(request: HttpRequest) -> HttpResponse:
    """Call the next visitor and go to the visit."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("desk-window"))
    called: list[Appointment] = []
    problem = attempt(lambda: called.append(call_next(on=today(), by=signed_in(request))))
    if isinstance(problem, Forbidden):
        raise problem
    if problem is not None:
        return _show_day(request, problem)
    return HttpResponseRedirect(
        f"{reverse('desk-window-case', args=[public_id('cas', called[0].case_id)])}?done=called"
    )


def _show_day(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    by, reader = signed_in(request), reader_of(request)
    found = list(appointments_of(by=by, on=today())[:_SHOWN])
    record_read("casework.read_day", by=by, on=("office", by.office_id), person_id=None, purpose="casework")
    context = {
        "visits": [_visit_row(each, reader) for each in found],
        "waiting": sum(each.state == AppointmentState.ARRIVED and each.called_at is None for each in found),
        "office": Office.objects.filter(pk=own_office(by)).values_list("name", flat=True).first(),
        "on": today(),
        "may_work": Role.CLERK in by.roles,
        "keeps_households": keeps_households(by),
        "problem": reader.say(problem.code, **problem.facts) if problem else "",
    }
    return render_page(
        request,
        "desk/window/today.html",
        context,
        title="desk.window.title",
        status=STATUSES[problem.kind] if problem else 200,
    )


def _visit_row(visit: Appointment, reader: Reader) -> dict[str, Any]:
    state = "called" if visit.called_at else visit.state
    return {
        "at": visit.starts_at,
        "ticket": visit.ticket_number,
        "state": reader.say(f"desk.visit.{state}"),
        "tone": {"arrived": "warn", "called": "good"}.get(state, ""),
        "number": number_of(visit.case),
        "item": item_name(visit.case.item, reader),
        "case_id": public_id("cas", visit.case_id),
        "is_expected": visit.state == AppointmentState.BOOKED,
    }


@page("officer of the area", who=PrincipalKind.STAFF)
def visit(request: HttpRequest, case_id: str) -> HttpResponse:
    """Show what is to be done with this visitor, in its order."""
    return show_visit(request, case_asked(request, case_id))


@page("clerk of the area", who=PrincipalKind.STAFF)
def arrive(request: HttpRequest, case_id: str) -> HttpResponse:
    """Note that the applicant is here: by appointment, or with a ticket drawn now."""
    return _done(request, case_id, "receive_visitor")


@page("clerk of the area", who=PrincipalKind.STAFF)
def form_printed(request: HttpRequest, case_id: str) -> HttpResponse:
    """Note that the form was printed for checking and signing."""
    return _done(request, case_id, "print_form")


_DONE = {"receive_visitor": receive_visitor, "print_form": print_form}


def _done(request: HttpRequest, case_id: str, what: str) -> HttpResponse:
    case = case_asked(request, case_id)
    if request.method == "POST":
        problem = attempt(lambda: _DONE[what](case_id=case.pk, by=signed_in(request)))
        if isinstance(problem, Forbidden):
            raise problem
        if problem is not None:
            return show_visit(request, case, problem)
    return HttpResponseRedirect(f"{reverse('desk-window-case', args=[case_id])}?done={what}")


def show_visit(request: HttpRequest, case: Case, problem: Problem | None = None) -> HttpResponse:
    """Return the page of one visit."""
    reader, by, case_id = reader_of(request), signed_in(request), public_id("cas", case.pk)
    examination = examine(case, today())
    visits = list(case.appointments.exclude(state=AppointmentState.CANCELLED).order_by("-starts_at")[:1])
    done = request.GET.get("done", "")
    context = {
        "case": case,
        "case_id": case_id,
        "number": number_of(case),
        "person": case.person,
        "state_words": reader.say(f"casework.state_{case.state}"),
        "visit": _visit_row(visits[0], reader) if visits else None,
        "is_undecided": case.state in UNDECIDED,
        "may_work": Role.CLERK in by.roles,
        "captures": _captures(case, case_id, examination),
        "documents": _documents(case, case_id, examination, reader),
        "steps": [
            (
                each,
                reader.say(f"desk.act.{each.action}"),
                reader.say(each.why_not, **each.facts) if each.why_not else "",
            )
            for each in steps_of(case, by, examination)
            if each.is_mine
        ],
        "permit": Permit.objects.filter(pk=case.permit_id).first() if case.permit_id else None,
        "has_card": is_handed_over(item_of(examination.law, case.item)),
        "done": reader.say(f"desk.done.{done}")
        if done in ("called", "receive_visitor", "print_form", "capture", "apply")
        else "",
        "problem": reader.say(problem.code, **problem.facts) if problem else "",
    }
    return render_page(
        request,
        "desk/window/visit.html",
        context,
        title=item_name(case.item, reader),
        status=STATUSES[problem.kind] if problem else 200,
        back=reverse("desk-window"),
    )


def _captures(case: Case, case_id: str, examination: Examination) -> list[dict[str, Any]]:
    return [
        {
            "title": f"desk.paper.{field}",
            "is_done": getattr(case, f"{field}_id") is not None or (field == "photo" and case.photo_from == "receipt"),
            "address": reverse(name, args=[case_id]),
        }
        for field, name in (
            _CAPTURED[each] for each in item_of(examination.law, case.item).captures if each in _CAPTURED
        )
    ]


def _documents(case: Case, case_id: str, examination: Examination, reader: Reader) -> list[dict[str, Any]]:
    asked = {line.code: line for line in examination.lines if line.target == "document"}
    return [
        {
            "title": document.name.in_language(base_of(reader.language)),
            "is_done": bool(asked[document.code].found),
            "address": reverse("desk-window-paper", args=[case_id, document.code]),
        }
        for document in item_of(examination.law, case.item).documents
        if document.code in asked
    ]
