"""Taking a step in a case: a page that says what will happen, a form for the officer's words, then the step."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Conflict, Forbidden, NotFound, Problem
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.examination import Examination, examine
from yizhengtong.permitting.casework.models import TO_CHECK, Case
from yizhengtong.permitting.casework.officers import names_of_officers
from yizhengtong.permitting.casework.policies import ensure_may_work
from yizhengtong.permitting.casework.possible import steps_of
from yizhengtong.permitting.casework.services import checking, deciding, handing, judging
from yizhengtong.permitting.casework.services.checking import CHECKERS
from yizhengtong.permitting.casework.states import UNDECIDED
from yizhengtong.permitting.casework.wording import worded_finding
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.sites.desk.cases import around
from yizhengtong.sites.desk.cases.asking import attempt, case_asked, today, version_sent
from yizhengtong.sites.desk.cases.rows import item_name, number_of

NOTICES = ("request_supplement", "refuse")
_Said = Mapping[str, Any]


class StepForm(PageForm):
    """What an officer says with a step; which fields there are depends on the step."""

    words = "desk.step."
    recommends = forms.ChoiceField(widget=Radios)
    is_in_order = forms.ChoiceField(widget=Radios)
    tracking_number = forms.CharField(max_length=40, required=False)
    old_card_returned = forms.BooleanField(required=False)
    opinion = forms.CharField(max_length=500, required=False, widget=forms.Textarea({"rows": 3}))

    def keep(self, *names: str) -> None:
        """Leave only the fields that a step has."""
        for name in set(self.fields) - set(names):
            del self.fields[name]


def _accept(case: Case, said: _Said, version: int, on: date, by: Principal) -> object:
    return deciding.accept_case(case_id=case.pk, version=version, words=said["opinion"], on=on, by=by)


def _supplement(case: Case, _said: _Said, version: int, on: date, by: Principal) -> object:
    return judging.request_supplement(case_id=case.pk, version=version, on=on, by=by)


def _review(case: Case, said: _Said, version: int, on: date, by: Principal) -> object:
    return deciding.review_case(
        case_id=case.pk, version=version, recommends=said["recommends"], words=said["opinion"], on=on, by=by
    )


def _send_back(case: Case, said: _Said, version: int, on: date, by: Principal) -> object:
    return deciding.send_back(case_id=case.pk, version=version, words=said["opinion"], on=on, by=by)


def _approve(case: Case, said: _Said, version: int, on: date, by: Principal) -> object:
    return deciding.approve_case(case_id=case.pk, version=version, words=said["opinion"], on=on, by=by)


def _refuse(case: Case, said: _Said, version: int, on: date, by: Principal) -> object:
    return deciding.refuse_case(case_id=case.pk, version=version, words=said["opinion"], on=on, by=by)


def _made(case: Case, _said: _Said, version: int, on: date, by: Principal) -> object:
    return handing.record_card_made(case_id=case.pk, version=version, on=on, by=by)


def _hand_over(case: Case, said: _Said, version: int, on: date, by: Principal) -> object:
    return handing.hand_over(
        case_id=case.pk,
        version=version,
        tracking_number=said["tracking_number"],
        old_card_returned=said["old_card_returned"],
        on=on,
        by=by,
    )


def _withdraw(case: Case, _said: _Said, _version: int, on: date, by: Principal) -> object:
    """At the window, on the word of the applicant who stands there; it is the applicant's act."""
    ensure_may_work(case, by, Role.CLERK)
    return deciding.withdraw_case(case_id=case.pk, acting=case.application.filled_by, on=on, by=by)


def _post_check(case: Case, said: _Said, version: int, on: date, by: Principal) -> object:
    return checking.record_post_check(
        case_id=case.pk, version=version, is_in_order=said["is_in_order"] == "yes", words=said["opinion"], on=on, by=by
    )


_STEPS: Mapping[str, tuple[Callable[[Case, _Said, int, date, Principal], object], tuple[str, ...]]] = {
    "accept": (_accept, ("opinion",)),
    "request_supplement": (_supplement, ()),
    "review": (_review, ("recommends", "opinion")),
    "send_back": (_send_back, ("opinion",)),
    "approve": (_approve, ("opinion",)),
    "refuse": (_refuse, ("opinion",)),
    "record_made": (_made, ()),
    "hand_over": (_hand_over, ("tracking_number", "old_card_returned")),
    "withdraw": (_withdraw, ()),
    "post_check": (_post_check, ("is_in_order", "opinion")),
}
"""What a step does and which fields it has."""
_APART: Mapping[str, tuple[Role, ...]] = {"withdraw": (Role.CLERK,), "post_check": CHECKERS}
"""Who takes the steps that the table of states leaves to the applicant, or does not have."""


@page("role of the step", who=PrincipalKind.STAFF)
def step(request: HttpRequest, case_id: str, action: str) -> HttpResponse:
    """Say what a step will do and to which case; a sent form takes it. What stands in the way closes it."""
    if action not in _STEPS:
        raise NotFound("not_found")
    case = case_asked(request, case_id)
    form = _form(request, action)
    if request.method != "POST":
        return _show(request, case, action, form, _closed(request, case, action))
    if not form.is_valid():
        return _show(request, case, action, form, None, status=422)
    problem = attempt(lambda: _take(request, case, action, form.cleaned_data))
    if isinstance(problem, Forbidden):
        raise problem
    if problem is not None:
        form.add_problem(problem)
        return _show(request, case_asked(request, case_id), action, form, problem, status=STATUSES[problem.kind])
    return HttpResponseRedirect(f"{reverse('desk-case', args=[case_id])}?done={action}")


def _take(request: HttpRequest, case: Case, action: str, said: _Said) -> None:
    do, _ = _STEPS[action]
    do(case, said, version_sent(request), today(), signed_in(request))


def _form(request: HttpRequest, action: str) -> StepForm:
    reader = reader_of(request)
    form = StepForm(request.POST or None, reader=reader)
    form.fields["recommends"].choices = [  # type: ignore[attr-defined]
        (each, reader.say(f"desk.recommends.{each}")) for each in ("grant", "refuse")
    ]
    form.fields["is_in_order"].choices = [  # type: ignore[attr-defined]
        (each, reader.say(f"desk.in_order.{each}")) for each in ("yes", "no")
    ]
    form.keep(*_STEPS[action][1])
    return form


def _closed(request: HttpRequest, case: Case, action: str) -> Problem | None:
    """Return what keeps this officer from a step, as the services would say; Forbidden ones are raised."""
    if action in _APART:
        ensure_may_work(case, signed_in(request), *_APART[action])
    if action == "withdraw":
        return None if case.state in UNDECIDED else _not_now(case)
    if action == "post_check":
        return None if case.post_check in TO_CHECK else Conflict("casework.nothing_to_check")
    found = [each for each in steps_of(case, signed_in(request), examine(case, today())) if each.action == action]
    if not found:
        return _not_now(case)
    why, facts = found[0].why_not, found[0].facts
    if why in ("accounts.role_missing", "casework.same_officer"):
        raise Forbidden(why, **facts)
    return Conflict(why, **facts) if why else None


def _not_now(case: Case) -> Conflict:
    return Conflict("casework.not_now", state=f"casework.state_{case.state}")


def _show(
    request: HttpRequest, case: Case, action: str, form: StepForm, problem: Problem | None, *, status: int = 0
) -> HttpResponse:
    reader, case_id = reader_of(request), public_id("cas", case.pk)
    is_stale = problem is not None and problem.kind == "stale"
    context = {
        "case": case,
        "case_id": case_id,
        "number": number_of(case),
        "name": case.person.name,
        "form": form,
        "action": action,
        "item": item_name(case.item, reader),
        "what": reader.say(f"desk.step.what_{action}"),
        "button": reader.say(f"desk.act.{action}"),
        "closed": reader.say(problem.code, **problem.facts) if problem and request.method != "POST" else "",
        "stale": _changes(request, case) if is_stale else [],
        "is_stale": is_stale,
        "read_at": timezone.now().isoformat(),
        **_notice(case, action, request),
        **({"permit": Permit.objects.filter(case_id=case.pk).first()} if action == "hand_over" else {}),
    }
    return render_page(
        request,
        "desk/cases/step.html",
        context,
        title=f"desk.act.{action}",
        status=status or (STATUSES[problem.kind] if problem else 200),
        back=reverse("desk-case", args=[case_id]),
    )


def _changes(request: HttpRequest, case: Case) -> list[str]:
    entries = list(case.journal.order_by("at"))
    officers = names_of_officers(around.officers_in(case, entries))
    return around.changed_since(request.POST.get("read_at", ""), case, entries, officers, reader_of(request))


def _notice(case: Case, action: str, request: HttpRequest) -> dict[str, Any]:
    """Return the one-time notice as the applicant will read it: every finding at once, each with article and mend."""
    if action not in NOTICES:
        return {}
    reader, examination = reader_of(request), examine(case, today())
    return {
        "findings": [worded_finding(each, reader.language, case.person.region) for each in _told(examination)],
        "notice_day": today(),
    }


def _told(examination: Examination) -> tuple[Any, ...]:
    return examination.outcome.unmet
