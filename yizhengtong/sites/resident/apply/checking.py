"""The last two pages: check what was answered, then declare, confirm and submit."""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.kernel.errors import Problem
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.forms import Filled, filled_form, has_number
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.rules import may_be_approved_by_rules
from yizhengtong.permitting.casework.services.reception import receive_application
from yizhengtong.sites.resident.apply.drafts import Draft, case_address, draft_of
from yizhengtong.sites.resident.apply.filling import ensure_first_is_done, ground_in_words, version_sent
from yizhengtong.sites.resident.apply.forms import ConfirmForm
from yizhengtong.sites.resident.apply.steps import field_errors, missing_of, tasks_of


def _promises_nothing_before(draft: Draft) -> bool:
    return "applies_of_own_will" in draft.rules and draft.item.outcome != "settlement"


def _cancels_earlier(draft: Draft) -> bool:
    return draft.item.outcome == "conversion" and bool(draft.law.values.get("conversion.cancels_all_earlier"))


DECLARATIONS: Sequence[tuple[str, Callable[[Draft], bool]]] = (
    ("declares_own_will", _promises_nothing_before),
    ("acknowledges_cancellation", _cancels_earlier),
    ("declares_true", lambda _draft: True),
    ("asks_for_officer", lambda draft: may_be_approved_by_rules(draft.item, draft.law)),
)
"""What the last page asks, and of which items."""


@page("own person or ward", who=PrincipalKind.RESIDENT)
def check(request: HttpRequest, application_id: str) -> HttpResponse:
    """Show every answer with a link to change it, the form as it will be printed, and what is still missing."""
    draft = draft_of(request, application_id)
    ensure_first_is_done(draft)
    context = {
        "draft": draft,
        "rows": [task for task in tasks_of(draft) if task.group != "promise"],
        "ground": ground_in_words(draft) if draft.application.ground else "",
        "missing": field_errors(missing_of(draft), draft),
        "form_name": draft.item.form,
        "fields": printed_form(draft),
    }
    return render_page(
        request, "resident/apply/check.html", context, title="apply.check.title", back=draft.address("application")
    )


@page("own person or ward", who=PrincipalKind.RESIDENT)
def confirm(request: HttpRequest, application_id: str) -> HttpResponse:
    """Declare, confirm and submit. Sent twice it is submitted once, and ends on the same page."""
    draft = draft_of(request, application_id)
    ensure_first_is_done(draft)
    asked = [name for name, is_asked in DECLARATIONS if is_asked(draft)]
    form = ConfirmForm(request.POST if request.method == "POST" else None, reader=draft.reader, asked=asked)
    missing = missing_of(draft)
    if request.method == "POST" and form.is_valid():
        address = _submitted(draft, form, version_sent(request))
        if address:
            return HttpResponseRedirect(address)
    return render_page(
        request,
        "resident/apply/confirm.html",
        {
            "draft": draft,
            "form": form,
            "missing": field_errors(missing, draft),
            "tip": "acknowledges_cancellation" in asked,
        },
        title="apply.confirm.title",
        back=draft.address("application-check"),
        status=422 if request.method == "POST" else 200,
    )


def _submitted(draft: Draft, form: ConfirmForm, version: int) -> str:
    """Submit; return the address of the confirmation, or nothing and say in the form what stands against it."""
    confirms = {name: value for name, value in form.cleaned_data.items() if value}
    try:
        with transaction.atomic():
            case = receive_application(
                application_id=draft.application.pk, acting=draft.acting, version=version, on=draft.on, by=draft.by,
                confirms=confirms,
            )  # fmt: skip
    except Problem as problem:
        if problem.code == "applications.submitted_already":
            return case_address(draft.application, done=True)
        form.add_problem(problem, {"declares_true": "declares_true"})
        return ""
    return reverse("case-done", args=[public_id("cas", case.pk)])


def printed_form(draft: Draft) -> list[Filled]:
    """Return the form of the place with what stands in it so far, field by field in its printed order (S4-18…27)."""
    if not has_number(draft.law, draft.item):
        return []
    application = draft.application
    return filled_form(
        Case(application=application, person=application.person, item=application.item, received_on=draft.on)
    )
