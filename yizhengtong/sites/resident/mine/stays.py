"""Registering a stay, saying that one moved out, putting a period right, answering what others reported."""

from typing import cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.pages.forms import Day, PageForm, Radios
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import signed_in
from yizhengtong.kernel.errors import NotFound, Problem
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.kernel.regions import Region, children, region
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.registry.residence.answering import LONGEST_WORDS, confirm_report, dispute_report
from yizhengtong.registry.residence.models import LONGEST_ADDRESS, Registration, Report
from yizhengtong.registry.residence.services import CorrectionReason, correct_stay, declare_stay, end_stay
from yizhengtong.sites.resident.acting import acting_for, own_person
from yizhengtong.sites.resident.guide.places import full_name, place_asked
from yizhengtong.sites.resident.mine.asking import own_page, today
from yizhengtong.sites.resident.mine.residence import place_words, where_words

_SAID_BY_ONESELF = (CorrectionReason.WRONG_DATES, CorrectionReason.WRONG_PLACE)


class StayForm(PageForm):
    """A stay: the county, the address, the first day, and the day it was over."""

    words = "mine.stay."
    region = forms.CharField(max_length=60, widget=forms.TextInput({"list": "regions"}))
    address = forms.CharField(max_length=LONGEST_ADDRESS, widget=forms.TextInput({"autocomplete": "street-address"}))
    start = forms.DateField(widget=Day())
    until = forms.DateField(widget=Day(), required=False)

    def clean_region(self) -> str:
        """Return the county's code, of a code or of a name as people write it: 历下区, 歷下, 山东省济南市历下区."""
        typed = "".join(str(self.cleaned_data["region"]).split())
        if typed.isdigit():
            return typed
        asked = place_asked(typed, counties_only=True)
        if asked.candidates:
            meant = "、".join(full_name(each.code) for each in asked.candidates)
            raise forms.ValidationError(self.reader.say("mine.stay.region_many", places=meant))
        if not asked.code:
            raise forms.ValidationError(self.reader.say("mine.stay.region_wrong"))
        return asked.code


class CorrectionForm(StayForm):
    """A stay as it should have been written, and what was wrong."""

    reason = forms.ChoiceField(widget=Radios())

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # as PageForm takes them
        chosen = [(str(code), self.reader.say(f"mine.stay.reason_{code}")) for code in _SAID_BY_ONESELF]
        cast(forms.ChoiceField, self.fields["reason"]).choices = chosen


class EndForm(PageForm):
    """The first day on which one no longer lives there."""

    words = "mine.stay."
    until = forms.DateField(widget=Day())


class DisputeForm(PageForm):
    """What is wrong about a report."""

    words = "mine.dispute."
    text = forms.CharField(max_length=LONGEST_WORDS, widget=forms.Textarea())


@own_page
def register_stay(request: HttpRequest) -> HttpResponse:
    """Register where one lives or lived."""
    person = acting_for(request)
    form = StayForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                declare_stay(
                    person=person, reported_by="self", declared_on=today(), workplace="", by=signed_in(request),
                    **form.cleaned_data,
                )  # fmt: skip
            return HttpResponseRedirect(reverse("resident-residence"))
        except Problem as problem:
            form.add_problem(problem)
    return _form_page(request, form, "mine.stay_new")


@own_page
def end_of_stay(request: HttpRequest, stay_id: str) -> HttpResponse:
    """Say that one moved out."""
    stay = _own_stay(request, stay_id)
    form = EndForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                end_stay(registration=stay, by=signed_in(request), version=stay.version, **form.cleaned_data)
            return HttpResponseRedirect(reverse("resident-residence"))
        except Problem as problem:
            form.add_problem(problem)
    return _form_page(request, form, "mine.stay_end", stay=stay)


@own_page
def put_right(request: HttpRequest, stay_id: str) -> HttpResponse:
    """Put right what one said oneself; what stood before stays on file."""
    stay = _own_stay(request, stay_id)
    known = {"region": place_words(stay.region), "address": stay.address, "start": stay.start, "until": stay.until}
    form = CorrectionForm(request.POST or None, reader=reader_of(request), initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                correct_stay(
                    registration=stay, reported_by=stay.reported_by, on=today(), by=signed_in(request),
                    version=stay.version, **form.cleaned_data,
                )  # fmt: skip
            return HttpResponseRedirect(reverse("resident-residence"))
        except Problem as problem:
            form.add_problem(problem)
    return _form_page(request, form, "mine.stay_correct", stay=stay)


@own_page
def confirm(request: HttpRequest, report_id: str) -> HttpResponse:
    """Say that what was reported is right."""
    report = _own_report(request, report_id)
    if request.method == "POST":
        confirm_report(
            report_id=report.pk, acting=own_person(request), version=report.version, on=today(), by=signed_in(request)
        )
        return HttpResponseRedirect(reverse("resident-residence"))
    return _report_page(request, report, None, "mine.report_confirm")


@own_page
def dispute(request: HttpRequest, report_id: str) -> HttpResponse:
    """Say that a period is wrong: an office answers, by a day that is named (Q5)."""
    report = _own_report(request, report_id)
    form = DisputeForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                dispute_report(
                    report_id=report.pk, words=form.cleaned_data["text"], acting=own_person(request),
                    version=report.version, on=today(), by=signed_in(request),
                )  # fmt: skip
            return HttpResponseRedirect(reverse("resident-residence"))
        except Problem as problem:
            form.add_problem(problem, {"words": "text"})
    return _report_page(request, report, form, "mine.report_dispute")


def _form_page(request: HttpRequest, form: PageForm, title: str, stay: Registration | None = None) -> HttpResponse:
    regions = [place_words(each.code) for each in _near()] if "region" in form.fields else []
    return render_page(
        request,
        "resident/mine/stay.html",
        {"form": form, "regions": regions, "stay": stay,
         "where": where_words(stay.region, stay.address) if stay else ""},
        title=title,
        back=reverse("resident-residence"),
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _near() -> tuple[Region, ...]:
    """Return the counties that are offered by name: those of this deployment's city."""
    here = region(settings.YZT_REGION)
    city = here.code if here is not None and here.level == "city" else here.parent if here is not None else ""
    return children(city)


def _report_page(request: HttpRequest, report: Report, form: PageForm | None, title: str) -> HttpResponse:
    return render_page(
        request,
        "resident/mine/report.html",
        {"form": form, "report": report, "where": where_words(report.region, report.address),
         "by": reader_of(request).say(f"residence.reporter_{report.reporter_kind}")},
        title=title,
        back=reverse("resident-residence"),
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _own_stay(request: HttpRequest, stay_id: str) -> Registration:
    key: UUID = parse_public_id("sty", stay_id)
    stay = Registration.objects.select_related("person").filter(pk=key).first()
    if stay is None or not may_act_for(own_person(request), stay.person, today()):
        raise NotFound("not_found")
    return stay


def _own_report(request: HttpRequest, report_id: str) -> Report:
    key = parse_public_id("rep", report_id)
    report = Report.objects.select_related("person").filter(pk=key, person__isnull=False).first()
    if report is None or report.person is None or not may_act_for(own_person(request), report.person, today()):
        raise NotFound("not_found")
    return report
