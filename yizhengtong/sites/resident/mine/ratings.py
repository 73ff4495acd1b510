"""Rating a case (好差评): by its applicant at home, or by the visitor on a page that a window opened."""

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.errors import Forbidden, Problem
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import case_for_resident
from yizhengtong.rights.feedback.grades import GRADES
from yizhengtong.rights.feedback.models import LONGEST_WORDS, Rating
from yizhengtong.rights.feedback.queries import can_be_rated, rating_of
from yizhengtong.rights.feedback.services import case_of_page, opened_page, rate, rate_at_window
from yizhengtong.sites.resident.acting import own_person
from yizhengtong.sites.resident.mine.asking import own_page, today
from yizhengtong.sites.resident.mine.home import item_name


class RatingForm(PageForm):
    """One of five grades, none chosen beforehand, and a free word."""

    words = "mine.rating."
    grade = forms.TypedChoiceField(coerce=int, widget=Radios())
    text = forms.CharField(
        max_length=LONGEST_WORDS, required=False, widget=forms.Textarea({"maxlength": LONGEST_WORDS})
    )

    def __init__(self, *args: object, reader: Reader, **named: object) -> None:
        super().__init__(*args, reader=reader, **named)
        choices = [(grade, reader.say(f"feedback.grade_{name}")) for grade, name in GRADES.items()]
        self.fields["grade"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


@own_page
def rate_case(request: HttpRequest, case_id: str) -> HttpResponse:
    """Show how one's case was rated and what was answered, or let it be rated once it is over."""
    case = case_for_resident(case_id=parse_public_id("cas", case_id), acting=own_person(request), on=today())
    rating = rating_of(case)
    if rating is not None and request.method != "POST":
        return _given(request, rating, case_id)
    form = RatingForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                rate(
                    case_id=case.pk, grade=form.cleaned_data["grade"], words=form.cleaned_data["text"],
                    acting=own_person(request), on=today(), by=signed_in(request),
                )  # fmt: skip
            return HttpResponseRedirect(reverse("resident-rating", args=[case_id]))
        except Problem as problem:
            form.add_problem(problem, {"words": "text"})
    context = {"form": form, "can_be_rated": can_be_rated(case), **_about(request, case, case.person.region)}
    return render_page(
        request, "resident/mine/rate.html", context, title="mine.rating.title", back=f"/cases/{case_id}",
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@page("whoever holds the page that an officer opened")
def rate_here(request: HttpRequest, word: str) -> HttpResponse:
    """Let the visitor at a window rate, without an account. A signed-in officer is turned away."""
    reader = reader_of(request)
    if reader.principal is not None and reader.principal.kind == PrincipalKind.STAFF:
        raise Forbidden("feedback.not_by_officers")
    case = case_of_page(opened_page(word))
    form = RatingForm(request.POST or None, reader=reader)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                rate_at_window(word=word, grade=form.cleaned_data["grade"], words=form.cleaned_data["text"], on=today())
            return render_page(request, "resident/mine/rated_here.html", title="mine.rating.thanks")
        except Problem as problem:
            form.add_problem(problem, {"words": "text"})
    return render_page(
        request, "resident/mine/rate.html", {"form": form, "can_be_rated": True, **_about(request, case)},
        title="mine.rating.title", status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _given(request: HttpRequest, rating: Rating, case_id: str) -> HttpResponse:
    record_read(
        "feedback.read", by=signed_in(request), on=("rating", rating.pk), person_id=rating.person_id,
        purpose="own data",
    )  # fmt: skip
    return render_page(
        request,
        "resident/mine/rated.html",
        {"rating": rating, "grade": f"feedback.grade_{GRADES[rating.grade]}",
         "state": f"feedback.state_{rating.state}", "stage": f"feedback.stage_{rating.stage}",
         "outcome": f"feedback.outcome_{rating.outcome}"},
        title="mine.rating.given",
        back=f"/cases/{case_id}",
    )  # fmt: skip


def _about(request: HttpRequest, case: Case, region: str = "") -> dict[str, object]:
    """Return which case it is, without a name: what was applied for, where."""
    item = item_name(case.item, case.application.place, today(), reader_of(request).language, region)
    return {"item": item, "office": case.office.name}
