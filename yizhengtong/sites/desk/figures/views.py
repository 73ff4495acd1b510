"""The figures of an area as a page and as files."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.oversight.policies import ensure_may_oversee
from yizhengtong.permitting.oversight.queries import figures, most_urgent, office_of_area, offices_of
from yizhengtong.rights.feedback.queries import Counts, counts_by_office
from yizhengtong.sites.desk.figures.parts import Part, months_back, parts_of

_MONTHS_SHOWN = 12
_MOST_MONTHS = 120
_BOM = "\ufeff"
"""So that a spreadsheet takes the file for UTF-8."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An office of the area and a period of whole months."""

    office: Office
    first: date
    last: date

    @property
    def until(self) -> date:
        """The last day of the period."""
        return months_back(self.last, -1) - timedelta(days=1)


class PeriodForm(PageForm):
    """Which office below one's own, from which month to which."""

    words = "desk.figures.ask_"
    office = forms.ChoiceField()
    first = forms.RegexField(r"^20[0-9]{2}-(0[1-9]|1[0-2])$", widget=forms.TextInput({"type": "month"}))
    last = forms.RegexField(r"^20[0-9]{2}-(0[1-9]|1[0-2])$", widget=forms.TextInput({"type": "month"}))


@page("supervisor of the area", who=PrincipalKind.STAFF)
def show(request: HttpRequest) -> HttpResponse:
    """Show the figures of an office and all below it."""
    by = signed_in(request)
    ensure_may_oversee(by.office_path, by)
    offices = offices_of(by)
    form, asked = _asked(request, by, offices)
    found = figures(office=asked.office, first=asked.first, last=asked.last, by=by)
    parts = parts_of(
        reader_of(request), found, asked.office, offices, _ratings(asked, by), lambda code: _address(asked, code)
    )
    return render_page(
        request,
        "desk/figures/show.html",
        {
            "form": form,
            "asked": asked,
            "parts": parts,
            "counted_at": found.counted_at,
            "urgent": most_urgent(by=by),
            "file": f"{reverse('desk-figures-file')}?{_query(asked, asked.office.code)}",
        },
        title="desk.figures.title",
        back=reverse("desk-home"),
        status=422 if form.is_bound and not form.is_valid() else 200,
    )


@page("supervisor of the area", who=PrincipalKind.STAFF)
def export(request: HttpRequest) -> HttpResponse:
    """Give the same tables as one CSV file; what the page does not show is not in it either."""
    by = signed_in(request)
    ensure_may_oversee(by.office_path, by)
    offices = offices_of(by)
    _, asked = _asked(request, by, offices)
    found = figures(office=asked.office, first=asked.first, last=asked.last, by=by)
    parts = parts_of(reader_of(request), found, asked.office, offices, _ratings(asked, by), lambda _: "")
    record_act("oversight.export_figures", by=by, on=("office", asked.office.pk), person_id=None)
    return _file(parts, f"figures-{asked.office.code}-{asked.first:%Y%m}-{asked.last:%Y%m}.csv")


def _file(parts: Sequence[Part], name: str) -> HttpResponse:
    response = HttpResponse(_BOM, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    write = csv.writer(response)
    for part in parts:
        write.writerow([part.title])
        write.writerow(part.columns)
        for line in part.lines:
            numbers = [cell.shown if cell.value is None else f"{cell.value:g}" for cell in line.cells]
            write.writerow([_safe(each) for each in (line.label, *numbers)])
        write.writerow([])
    return response


def _safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip()[:1] in {"=", "+", "-", "@"} or text[:1] in {"\t", "\r", "\n"} else text


def _asked(request: HttpRequest, by: Principal, offices: Sequence[Office]) -> tuple[PeriodForm, Asked]:
    """Return the form and what it asks for; what is wrong or not there is the own office and the last year."""
    today = legal_day(timezone.now())
    first, last = months_back(today, _MONTHS_SHOWN - 1), months_back(today, 0)
    own = next((office for office in offices if office.pk == by.office_id), None)
    usual = {"office": own.code if own else "", "first": f"{first:%Y-%m}", "last": f"{last:%Y-%m}"}
    asked = {name: request.GET.get(name) or value for name, value in usual.items()}
    form = PeriodForm(asked, reader=reader_of(request))
    choices = [(each.code, f"{'　' * each.path.count('.')}{each.name}") for each in offices]
    form.fields["office"].choices = choices  # type: ignore[attr-defined]
    if asked["office"] not in dict(choices):
        office_of_area(asked["office"], by)
    if not form.is_valid():
        return form, Asked(office_of_area(usual["office"], by), first, last)
    given = form.cleaned_data
    months = (date.fromisoformat(f"{given[name]}-01") for name in ("first", "last"))
    begin, end = sorted(months)
    return form, Asked(office_of_area(given["office"], by), max(begin, months_back(end, _MOST_MONTHS)), end)


def _ratings(asked: Asked, by: Principal) -> list[Counts]:
    """Return the ratings of the asked office and of all below it."""
    paths = {office.code for office in offices_of(by) if asked.office.covers(office.path)}
    counts = counts_by_office(by=by, since=asked.first, until=asked.until, on=legal_day(timezone.now()))
    return [each for each in counts if each.code in paths]


def _address(asked: Asked, code: str) -> str:
    return "" if code == asked.office.code else f"{reverse('desk-figures')}?{_query(asked, code)}"


def _query(asked: Asked, code: str) -> str:
    return urlencode({"office": code, "first": f"{asked.first:%Y-%m}", "last": f"{asked.last:%Y-%m}"})
