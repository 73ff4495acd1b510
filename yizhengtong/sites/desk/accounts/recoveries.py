"""A lost account at the window: one officer asks, a second one sees person and document too and gives it back."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.recovering import CONFIRMERS, decline_recovery, recoveries_waiting, recovery_for
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.slips import Slip
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Conflict, FieldError, Forbidden, Invalid, Problem
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.kernel.numbers import LONGEST, DocumentKind
from yizhengtong.permitting.casework.officers import names_of_officers
from yizhengtong.permitting.casework.services.walk_ins import ShownDocument, find_presented
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import TRAVEL_KINDS
from yizhengtong.registry.people.slips import ask_recovery_for, recover_for
from yizhengtong.sites.desk.accounts.slips import hand_to_printer
from yizhengtong.sites.desk.cases.asking import attempt

_KINDS = (*TRAVEL_KINDS, DocumentKind.RESIDENT_ID)


class SeenForm(PageForm):
    """The document that was shown, and that the officer has looked at it and at the person."""

    words = "desk_accounts."
    kind = forms.ChoiceField(widget=Radios)
    number = forms.CharField(max_length=LONGEST, widget=forms.TextInput({"autocomplete": "off"}))
    seen = forms.BooleanField()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        choices = [(kind, self.reader.say(f"numbers.kinds.{kind}")) for kind in _KINDS]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]


@page("clerk", who=PrincipalKind.STAFF, limits=("searches",))
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a lost account, on the document in one's hand."""
    by = signed_in(request)
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.CLERK)
    form, problem = SeenForm(request.POST or None, reader=reader_of(request)), None
    if request.method == "POST" and form.is_valid():
        problem = attempt(lambda: ask_recovery_for(person=_person(form, by, (Role.CLERK,)), by=by))
        if problem is None:
            return HttpResponseRedirect(f"{reverse('desk-account-recoveries')}?done=asked")
    return _asked(
        request, form, problem, "desk/accounts/recovery.html", "desk_accounts.recovery_title",
        reverse("desk-account-recoveries"), {},
    )  # fmt: skip


@page("clerk or supervisor of the area", who=PrincipalKind.STAFF)
def list_waiting(request: HttpRequest) -> HttpResponse:
    """List what waits for a second officer; nobody is named."""
    by, reader = signed_in(request), reader_of(request)
    waiting = recoveries_waiting(by)
    names = names_of_officers([each.asked_by for each in waiting])
    rows = [
        {"id": public_id("rcv", each.pk), "asked_at": each.asked_at, "officer": names.get(each.asked_by, ""),
         "is_own": each.asked_by == by.id}
        for each in waiting
    ]  # fmt: skip
    done = request.GET.get("done", "")
    context = {
        "rows": rows,
        "may_ask": Role.CLERK in by.roles,
        "done": reader.say(f"desk_accounts.done_{done}") if done in ("asked", "declined") else "",
    }
    return render_page(
        request, "desk/accounts/recoveries.html", context, title="desk_accounts.recoveries", back=reverse("desk-home")
    )


@never_cache
@page("clerk or supervisor of the area, not who asked", who=PrincipalKind.STAFF, limits=("searches",))
def confirm(request: HttpRequest, recovery_id: str) -> HttpResponse:
    """Take the document again, by a second officer, and give the account back by a slip."""
    by = signed_in(request)
    asked = recovery_for(parse_public_id("rcv", recovery_id), by)
    is_own = asked.asked_by == by.id
    form, problem = SeenForm(request.POST or None, reader=reader_of(request)), None
    if request.method == "POST" and is_own:
        raise Forbidden("accounts.second_officer_needed")
    if request.method == "POST" and form.is_valid():
        given: list[tuple[Slip, Person]] = []

        def give_back() -> None:
            person = _person(form, by, CONFIRMERS)
            given.append((recover_for(recovery_id=asked.pk, person=person, by=by), person))

        problem = attempt(give_back)
        if problem is None:
            slip, person = given[0]
            return hand_to_printer(request, slip, region=person.region, is_on_file=True)
    officer = names_of_officers([asked.asked_by]).get(asked.asked_by, "")
    context = {"recovery_id": recovery_id, "is_own": is_own, "officer": officer, "asked_at": asked.asked_at}
    return _asked(
        request, form, problem, "desk/accounts/confirm.html", "desk_accounts.confirm_title",
        reverse("desk-account-recoveries"), context,
    )  # fmt: skip


@require_POST
@page("clerk or supervisor of the area", who=PrincipalKind.STAFF)
def decline(request: HttpRequest, recovery_id: str) -> HttpResponse:
    """Let it come to nothing."""
    decline_recovery(recovery_id=parse_public_id("rcv", recovery_id), by=signed_in(request))
    return HttpResponseRedirect(f"{reverse('desk-account-recoveries')}?done=declined")


def _asked(
    request: HttpRequest,
    form: SeenForm,
    problem: Problem | None,
    template: str,
    title: str,
    back: str,
    context: dict[str, Any],
) -> HttpResponse:
    if isinstance(problem, Forbidden):
        raise problem
    if problem is not None:
        form.add_problem(problem)
    status = STATUSES[problem.kind] if problem else (422 if form.errors else 200)
    return render_page(request, template, {"form": form, **context}, title=title, back=back, status=status)


def _person(form: SeenForm, by: Principal, roles: Sequence[Role]) -> Person:
    """Return whose document is on the counter, registered wherever."""
    shown = ShownDocument(form.cleaned_data["kind"], form.cleaned_data["number"])
    try:
        person = find_presented(shown=shown, by=by, roles=roles)
    except Invalid as wrong:
        raise Invalid(wrong.code, errors=[FieldError("number", wrong.code)]) from wrong
    if person is None:
        raise Conflict("people.no_account")
    return person
