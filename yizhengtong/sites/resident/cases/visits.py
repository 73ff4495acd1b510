"""Booking a visit: free times by day, free of charge, one a person; and giving it back."""

from datetime import date, datetime, timedelta

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.foundation.texts import day_in_words
from yizhengtong.kernel.dates import CHINA
from yizhengtong.kernel.errors import Problem
from yizhengtong.permitting.casework.appointments import free_times
from yizhengtong.permitting.casework.models import Appointment, AppointmentState
from yizhengtong.permitting.casework.services.reception import book_appointment, cancel_appointment
from yizhengtong.sites.resident.cases.reading import CaseView, case_of

_DAYS_SHOWN = 8


class TimeForm(PageForm):
    words = "cases.appointment."
    starts_at = forms.ChoiceField(widget=Radios)


@page("own person or ward", who=PrincipalKind.RESIDENT)
def appointment(request: HttpRequest, case_id: str) -> HttpResponse:
    """Choose a day, then a free time at the case's service point."""
    view = case_of(request, case_id)
    days = _days(view)
    day = _day(request, view, days)
    form = _form(request, view, day)
    is_sent = request.method == "POST"
    is_there = is_sent and _is_booked_then(view, request.POST.get("starts_at", ""))
    if is_there or (is_sent and form.is_valid() and _booked(view, form)):
        return HttpResponseRedirect(view.address("case-appointment"))
    context = {
        "view": view, "case": view.case, "draft": view.draft, "form": form, "day": day,
        "days": [(each.isoformat(), _weekday(view, each), each == day) for each in days],
        "appointment": view.appointment if view.has_booked else None,
    }  # fmt: skip
    return render_page(
        request, "resident/cases/appointment.html", context, title="cases.appointment.title", back=view.address(),
        status=422 if is_sent else 200,
    )  # fmt: skip


@page("own person or ward", who=PrincipalKind.RESIDENT)
def cancel(request: HttpRequest, case_id: str) -> HttpResponse:
    """Give the booked time back, so that somebody else can have it; sent twice it is given back once."""
    view = case_of(request, case_id)
    if request.method == "POST" and view.has_booked and view.appointment is not None:
        cancel_appointment(appointment_id=view.appointment.pk, acting=view.draft.acting, on=view.draft.on, by=view.by)
    return HttpResponseRedirect(view.address("case-appointment"))


def _days(view: CaseView) -> list[date]:
    """Return the next working days within the horizon of booking."""
    calendar, found = view.draft.law.calendar, []
    for ahead in range(1, settings.YZT_BOOKING_HORIZON_DAYS + 1):
        day = view.draft.on + timedelta(days=ahead)
        if calendar.is_working_day(day):
            found.append(day)
        if len(found) == _DAYS_SHOWN:
            break
    return found


def _day(request: HttpRequest, view: CaseView, days: list[date]) -> date | None:
    """Return the day that was asked for, else the first with a free time."""
    asked = request.GET.get("day", "")
    chosen = next((day for day in days if day.isoformat() == asked), None)
    if chosen is not None or request.method == "POST" or not view.may_book:
        return chosen
    return next((day for day in days if free_times(view.case.office_id, day, view.draft.law.calendar)), None)


def _form(request: HttpRequest, view: CaseView, day: date | None) -> TimeForm:
    form = TimeForm(request.POST if request.method == "POST" else None, reader=view.draft.reader)
    times = free_times(view.case.office_id, day, view.draft.law.calendar) if day else []
    form.fields["starts_at"].choices = [  # type: ignore[attr-defined]
        (at.isoformat(), f"{timezone.localtime(at, CHINA):%H:%M}") for at in times
    ]
    return form


def _booked(view: CaseView, form: TimeForm) -> bool:
    starts_at = datetime.fromisoformat(form.cleaned_data["starts_at"])
    try:
        with transaction.atomic():
            book_appointment(
                case_id=view.case.pk, starts_at=starts_at, acting=view.draft.acting, on=view.draft.on, by=view.by
            )
    except Problem as problem:
        form.add_problem(problem)
        return False
    return True


def _is_booked_then(view: CaseView, sent: str) -> bool:
    """Whether this very time is booked for this case already: the same form, sent twice."""
    try:
        starts_at = datetime.fromisoformat(sent)
    except ValueError:
        return False
    if starts_at.tzinfo is None:
        return False
    booked = Appointment.objects.filter(case=view.case, state=AppointmentState.BOOKED, starts_at=starts_at)
    return booked.exists()


def _weekday(view: CaseView, day: date) -> str:
    return f"{day_in_words(day, view.draft.reader.language)} {view.draft.say(f'cases.weekday_{day.isoweekday()}')}"
