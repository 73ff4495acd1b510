"""Asking to open a minor's case: reason and words, and then a supervisor's approval (未成年人网络保护条例 art. 36)."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.policies import ensure_may_know_of
from yizhengtong.registry.people.minors import ask_to_open
from yizhengtong.registry.people.models import MinorApproval
from yizhengtong.sites.desk.cases.asking import attempt


class AskForm(PageForm):
    """Why a minor's record must be opened."""

    words = "desk.minor."
    reason = forms.ChoiceField(widget=Radios)
    why = forms.CharField(max_length=300, widget=forms.Textarea)


@page("officer of the area", who=PrincipalKind.STAFF)
def ask(request: HttpRequest, case_id: str) -> HttpResponse:
    """Ask a supervisor; the case itself is not opened."""
    by, reader = signed_in(request), reader_of(request)
    case = Case.objects.select_related("person").filter(pk=parse_public_id("cas", case_id)).first()
    if case is None:
        raise NotFound("not_found")
    ensure_may_know_of(case, by)
    form = AskForm(request.POST or None, reader=reader)
    form.fields["reason"].choices = [  # type: ignore[attr-defined]
        (reason, reader.say(f"desk.minor.{reason}"))
        for reason in MinorApproval.Reason.values
        if reason != "appointment"
    ]
    asked = False
    if request.method == "POST" and form.is_valid():
        problem = attempt(
            lambda: ask_to_open(
                person=case.person,
                office_path=case.office_path,
                reason=form.cleaned_data["reason"],
                words=form.cleaned_data["why"],
                by=by,
            )
        )
        if problem is None:
            asked = True
        else:
            form.add_problem(problem)
    status = 422 if request.method == "POST" and not asked else 200
    return render_page(
        request,
        "desk/cases/minor.html",
        {"form": form, "asked": asked},
        title="desk.minor.title",
        back=reverse("desk-home"),
        status=status,
    )
