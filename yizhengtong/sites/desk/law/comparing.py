"""What differs between two editions or two days, for a place and a subject."""

from datetime import date
from typing import Any, get_args

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.accounts.policies import ensure_second_factor
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.forms import Day, PageForm
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.texts import day_in_words
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.differences import differences
from yizhengtong.law.law import Law
from yizhengtong.law.models import Edition
from yizhengtong.law.queries import library_in_force, library_of_edition
from yizhengtong.law.schema import Subject
from yizhengtong.sites.desk.law.showing import side_of

_IN_FORCE = "in-force"
_MOST_EDITIONS = 20
_SUBJECTS = tuple(subject for subject in get_args(Subject) if subject != "any")


class ComparisonForm(PageForm):
    """Which two laws."""

    words = "desk.law.compare_"
    region = forms.ChoiceField()
    subject = forms.ChoiceField()
    before = forms.ChoiceField()
    before_on = forms.DateField(widget=Day())
    after = forms.ChoiceField()
    after_on = forms.DateField(widget=Day())


@page("officer with a second factor", who=PrincipalKind.STAFF)
def show(request: HttpRequest) -> HttpResponse:
    """Ask for two laws and show what differs between them."""
    ensure_second_factor(signed_in(request))
    reader = reader_of(request)
    form = _form(request, reader)
    found = None
    if form.is_valid():
        given = form.cleaned_data
        laws = [_law(given[side], given["region"], given["subject"], given[f"{side}_on"]) for side in _SIDES]
        found = [(each, side_of(each.before, reader), side_of(each.after, reader)) for each in differences(*laws)]
    return render_page(
        request,
        "desk/law/differences.html",
        {"form": form, "differences": found},
        title="desk.law.differences",
        back=reverse("desk-law"),
        status=200 if form.is_valid() else 422,
    )


_SIDES = ("before", "after")


def _form(request: HttpRequest, reader: Reader) -> ComparisonForm:
    today = legal_day(timezone.now()).isoformat()
    usual = {"region": "cn", "subject": "hmt", "before": _IN_FORCE, "before_on": today, "after": _IN_FORCE,
             "after_on": today}  # fmt: skip
    form = ComparisonForm({name: request.GET.get(name) or value for name, value in usual.items()}, reader=reader)
    files = library_in_force().files.values()
    regions = sorted({(file.header.region, file.header.region) for file in files})
    editions = [(_IN_FORCE, reader.say("desk.law.state_in_force")), *_editions(reader)]
    subjects = [(subject, reader.say(f"desk.law.subject_{subject}")) for subject in _SUBJECTS]
    choices: dict[str, Any] = {"region": regions, "subject": subjects, "before": editions, "after": editions}
    for name, offered in choices.items():
        form.fields[name].choices = offered  # type: ignore[attr-defined]
    return form


def _editions(reader: Reader) -> list[tuple[str, str]]:
    newest = Edition.objects.exclude(state=Edition.State.IN_FORCE).order_by("-proposed_at")[:_MOST_EDITIONS]
    return [
        (
            each.hash,
            f"{reader.say(f'desk.law.state_{each.state}')} {day_in_words(legal_day(each.proposed_at), reader.language)}"
            f" {each.hash[:8]}",
        )
        for each in newest
    ]


def _law(edition: str, region: str, subject: str, on: date) -> Law | None:
    library = library_in_force() if edition == _IN_FORCE else library_of_edition(edition)
    try:
        return library.law(region, subject, on)
    except NotFound:
        return None
