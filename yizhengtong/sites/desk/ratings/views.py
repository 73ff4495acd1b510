"""Answering negative ratings, and opening the rating page for a visitor."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.qr import qr_code
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.texts import base_of
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Problem
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.rights.feedback.deadlines import law_of_case
from yizhengtong.rights.feedback.grades import GRADES, PAGE_SECONDS
from yizhengtong.rights.feedback.models import LONGEST_WORDS, Rating
from yizhengtong.rights.feedback.queries import rating_for_head, ratings_for_head
from yizhengtong.rights.feedback.services import answer_rating, case_for_page, open_page, record_call_back

LINES = 50
STATES = ("open", "answered", "noted")
head_page = page("supervisor of the area", who=PrincipalKind.STAFF)


class AnswerForm(PageForm):
    """What came of looking into it, in words that the applicant reads."""

    words = "desk.ratings.answer."
    outcome = forms.ChoiceField(widget=Radios())
    text = forms.CharField(max_length=LONGEST_WORDS, widget=forms.Textarea())

    def __init__(self, *args: Any, reader: Reader, **named: Any) -> None:
        super().__init__(*args, reader=reader, **named)
        choices = [(value, reader.say(f"feedback.outcome_{value}")) for value in Rating.Outcome.values]
        self.fields["outcome"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


class CallBackForm(PageForm):
    """Whether the applicant was reached, and what they said."""

    words = "desk.ratings.call."
    reached = forms.ChoiceField(widget=Radios())
    said = forms.CharField(max_length=LONGEST_WORDS, widget=forms.Textarea())

    def __init__(self, *args: Any, reader: Reader, **named: Any) -> None:
        super().__init__(*args, reader=reader, **named)
        choices = [("yes", reader.say("desk.ratings.call.yes")), ("no", reader.say("desk.ratings.call.no"))]
        self.fields["reached"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


@head_page
def list_ratings(request: HttpRequest) -> HttpResponse:
    """Show the ratings of the area that wait for an answer, or those of another state; nothing written is opened."""
    asked = request.GET.get("state", "")
    state = asked if asked in STATES else STATES[0]
    after = request.GET.get("after", "")
    found = ratings_for_head(
        by=signed_in(request), states=[state], after=parse_public_id("rtg", after) if after else None, limit=LINES + 1
    )
    shown, on = found[:LINES], legal_day(timezone.now())
    offices = dict(Office.objects.filter(pk__in={each.office_id for each in shown}).values_list("pk", "name"))
    rows = [
        {"id": public_id("rtg", each.pk), "rating": each, "grade": f"feedback.grade_{GRADES[each.grade]}",
         "office": offices.get(each.office_id, ""), "days": (each.due_on - on).days if each.due_on else None}
        for each in shown
    ]  # fmt: skip
    return render_page(
        request,
        "desk/ratings/list.html",
        {"rows": rows, "state": state, "states": [(one, f"desk.ratings.state_{one}") for one in STATES],
         "following": rows[-1]["id"] if len(found) > LINES else ""},
        title="desk.ratings",
    )  # fmt: skip


@head_page
def show_rating(request: HttpRequest, rating_id: str) -> HttpResponse:
    """Show a rating with what was written, and answer it."""
    rating = rating_for_head(rating_id=parse_public_id("rtg", rating_id), by=signed_in(request))
    form = AnswerForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                answer_rating(
                    rating_id=rating.pk, outcome=form.cleaned_data["outcome"], words=form.cleaned_data["text"],
                    version=_version(request), on=legal_day(timezone.now()), by=signed_in(request),
                )  # fmt: skip
            return HttpResponseRedirect(reverse("desk-rating", args=[rating_id]))
        except Problem as problem:
            form.add_problem(problem, {"words": "text"})
    return _shown(request, rating, form)


@head_page
def call_back(request: HttpRequest, rating_id: str) -> HttpResponse:
    """Write down that the applicant was called back."""
    rating = rating_for_head(rating_id=parse_public_id("rtg", rating_id), by=signed_in(request))
    form = CallBackForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                record_call_back(
                    rating_id=rating.pk, was_reached=form.cleaned_data["reached"] == "yes",
                    words=form.cleaned_data["said"], version=_version(request), by=signed_in(request),
                )  # fmt: skip
            return HttpResponseRedirect(reverse("desk-rating", args=[rating_id]))
        except Problem as problem:
            form.add_problem(problem, {"words": "said"})
    return _shown(request, rating, form)


@page("officer of the area", who=PrincipalKind.STAFF)
def open_for_visitor(request: HttpRequest, case_id: str) -> HttpResponse:
    """Say what the page is for; sent, open it and show its address and code for the visitor's own hand."""
    key = parse_public_id("cas", case_id)
    case_for_page(case_id=key, by=signed_in(request))
    context: dict[str, object] = {"minutes": PAGE_SECONDS // 60}
    if request.method == "POST":
        word = open_page(case_id=key, by=signed_in(request))
        address = request.build_absolute_uri(reverse("rate-here", args=[word]))
        context |= {"address": address, "code": qr_code(address)}
    return render_page(
        request, "desk/ratings/page_for_visitor.html", context, title="desk.ratings.page",
        back=f"/desk/cases/{case_id}",
    )  # fmt: skip


def _shown(request: HttpRequest, rating: Rating, form: PageForm) -> HttpResponse:
    reader, state = reader_of(request), Rating.State
    can_call = rating.state == state.ANSWERED and not rating.was_reached
    is_call = isinstance(form, CallBackForm)
    calling = form if is_call else CallBackForm(reader=reader)
    answering = AnswerForm(reader=reader) if is_call else form
    return render_page(
        request,
        "desk/ratings/rating.html",
        {"rating": rating, "item": _item_name(rating, reader.language),
         "id": public_id("rtg", rating.pk), "case_id": public_id("cas", rating.case_id),
         "grade": f"feedback.grade_{GRADES[rating.grade]}", "state": f"feedback.state_{rating.state}",
         "stage": f"feedback.stage_{rating.stage}", "channel": f"feedback.channel_{rating.channel}",
         "outcome": f"feedback.outcome_{rating.outcome}", "form": calling if can_call else answering,
         "can_answer": rating.state == state.OPEN, "can_call": can_call,
         "is_late": rating.state == state.OPEN and rating.due_on is not None
         and rating.due_on < legal_day(timezone.now())},
        title="desk.ratings.one",
        back=reverse("desk-ratings"),
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _item_name(rating: Rating, language: str) -> str:
    law = law_of_case(rating.case, legal_day(timezone.now()))
    if law is None or rating.item not in law.items:
        return rating.item
    return law.items[rating.item].name.in_language(base_of(language))


def _version(request: HttpRequest) -> int:
    """Return the version that the form was shown with; 0 fits none."""
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 9 else 0
