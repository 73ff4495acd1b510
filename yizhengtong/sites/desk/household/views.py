"""Who settles comes with two papers: which one is missing is said, and with both the registration is noted (S0-T31)."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Forbidden, Problem
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.permits.kinds import SETTLEMENT
from yizhengtong.permitting.settlement.household import Shown, check_household_papers
from yizhengtong.permitting.settlement.models import HouseholdRegistration
from yizhengtong.permitting.settlement.policies import ensure_may_register_households
from yizhengtong.permitting.settlement.rules import next_steps
from yizhengtong.permitting.settlement.services import register_household
from yizhengtong.sites.desk.cases.asking import attempt, today

REGISTERED, REGISTERED_HOLDER = "registered", "registered_holder"
"""What the page is told of as just noted; the second: of somebody who holds a residence permit too."""
_TAIWAN = "TW"


class PapersForm(PageForm):
    """The papers on the counter, by their numbers; empty: not shown."""

    words = "desk.household."
    approval_notice_number = forms.CharField(max_length=40, required=False)
    settlement_permit_number = forms.CharField(max_length=40, required=False)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for field in self.fields.values():
            field.widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}

    def numbers(self) -> tuple[str, str]:
        """Return the notice's and the permit's number."""
        said = self.cleaned_data
        return said["approval_notice_number"], said["settlement_permit_number"]


@page("clerk of the area", who=PrincipalKind.STAFF, limits=("searches",))
def papers(request: HttpRequest) -> HttpResponse:
    """Say which of the two papers is missing; nothing of the person is told, and no number stands in an address."""
    by = _registrar(request)
    form = PapersForm(request.POST or None, reader=reader_of(request))
    if request.method != "POST":
        return _show(request, form)
    if not form.is_valid():
        return _show(request, form, status=422)
    notice, permit = form.numbers()
    shown = check_household_papers(notice_shown=notice, permit_shown=permit, on=today(), by=by)
    return _show(request, form, shown=shown)


@page("clerk of the area", who=PrincipalKind.STAFF)
def register(request: HttpRequest) -> HttpResponse:
    """Note the registration: both papers are needed, else it is said which one is missing."""
    by = _registrar(request)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("desk-household"))
    form = PapersForm(request.POST, reader=reader_of(request))
    if not form.is_valid():
        return _show(request, form, status=422)
    noted: list[HouseholdRegistration] = []
    problem = attempt(lambda: noted.append(_registered(form, by)))
    if isinstance(problem, Forbidden):
        raise problem
    if problem is not None:
        return _refused(request, form, problem)
    done = REGISTERED_HOLDER if noted[0].holds_residence_permit else REGISTERED
    return HttpResponseRedirect(f"{reverse('desk-household')}?done={done}")


def _registered(form: PapersForm, by: Principal) -> HouseholdRegistration:
    notice, permit = form.numbers()
    return register_household(notice_number=notice, permit_number=permit, on=today(), by=by)


def _registrar(request: HttpRequest) -> Principal:
    by = signed_in(request)
    ensure_may_register_households(by)
    return by


def _refused(request: HttpRequest, form: PapersForm, problem: Problem) -> HttpResponse:
    form.add_problem(problem)
    return _show(request, form, status=STATUSES[problem.kind])


def _show(request: HttpRequest, form: PapersForm, *, shown: Shown | None = None, status: int = 200) -> HttpResponse:
    reader, done = reader_of(request), request.GET.get("done", "")
    context = {
        "form": form,
        "shown": shown,
        "missing": [_said(reader, f"settlement.{paper}_missing") for paper in shown.missing] if shown else [],
        "next": _next(request, reader) if request.method == "GET" and done in (REGISTERED, REGISTERED_HOLDER) else [],
        "is_holder": done == REGISTERED_HOLDER,
        "look_at": _said(reader, "settlement.residence_permit_to_look_at"),
    }
    return render_page(
        request,
        "desk/household/papers.html",
        context,
        title="desk.household.title",
        back=reverse("desk-window"),
        status=status,
    )


def _next(request: HttpRequest, reader: Reader) -> list[tuple[str, Any]]:
    """Return what the person does next, each with its source: the duty to apply for the identity card (S0-T30)."""
    law = law_in_force(signed_in(request).office_region, SETTLEMENT, today())
    steps = next_steps(
        is_handed_over=True,
        is_registered=True,
        household=law["household.needs"].source,
        card=law["identity_card.duty_on_registration"].source,
    )
    return [(_said(reader, step.code), step.source) for step in steps]


def _said(reader: Reader, code: str) -> str:
    """Return words about somebody of Taiwan, whoever reads them."""
    return say(code, reader.language, region=_TAIWAN)
