"""Saying who one is, or who a child or parent is: one thing a page, checked, then registered whole.

What was answered waits in the session, which is sealed, and is nowhere else until it is sent. What a real-name service
has proved stands there already and cannot be changed.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.entering.doors import wanted_address
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.scope import forget_for_request
from yizhengtong.kernel import regions
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden, Problem
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.registry.people.households import Household
from yizhengtong.registry.people.models import Person, Region
from yizhengtong.registry.people.queries import person_of
from yizhengtong.registry.people.representations import appoint_representative
from yizhengtong.registry.people.services import add_number, register_person
from yizhengtong.sites.resident.acting import own_person
from yizhengtong.sites.resident.myself.forms import (
    DetailsForm,
    DocumentForm,
    HouseholdForm,
    ProvinceForm,
    RegionForm,
    RelationForm,
)

PROVEN = "proven_person"
"""Where a real-name service's facts wait in the session: account, name, kind, number, birth_date."""
_WAITING = "registering"
_FORMS: dict[str, type[PageForm]] = {
    "relation": RelationForm,
    "region": RegionForm,
    "details": DetailsForm,
    "document": DocumentForm,
    "province": ProvinceForm,
    "household": HouseholdForm,
}


@dataclass(frozen=True, slots=True)
class Registering:
    """What was answered so far about somebody. `whom`: own or ward."""

    request: HttpRequest
    whom: str

    @property
    def answers(self) -> dict[str, Any]:
        waiting = self.request.session.get(_WAITING, {}).get(self.whom, {})
        return {**waiting, **(self.proven if self.whom == "own" else {})}

    @property
    def proven(self) -> dict[str, Any]:
        """What was proved of whoever is signed in. Who proved it and left before the second factor is somebody else."""
        known: dict[str, Any] = self.request.session.get(PROVEN, {})
        if known.get("account") != str(signed_in(self.request).id):
            return {}
        return {name: value for name, value in known.items() if value and name != "account"}

    @property
    def steps(self) -> list[str]:
        of_mainland = ["province", "household"] if self.answers.get("region") == Region.CHINA else []
        return [*(["relation"] if self.whom == "ward" else []), "region", "details", "document", *of_mainland]

    def missing(self) -> str:
        """Return the first step that is not answered; nothing when all are."""
        answers = self.answers
        return next((step for step in self.steps if not all(answers.get(name) for name in _needed(step))), "")

    def keep(self, values: dict[str, Any]) -> None:
        waiting = self.request.session.get(_WAITING, {})
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
        known = waiting.get(self.whom, {})
        if plain.get("region", known.get("region")) != known.get("region"):
            known = {name: value for name, value in known.items() if name not in ("kind", "number", "valid_until")}
        self.request.session[_WAITING] = {**waiting, self.whom: {**known, **plain}}

    def forget(self) -> None:
        waiting = self.request.session.get(_WAITING, {})
        self.request.session[_WAITING] = {whom: kept for whom, kept in waiting.items() if whom != self.whom}
        if self.whom == "own":
            self.request.session.pop(PROVEN, None)

    def address(self, step: str) -> str:
        return reverse(f"resident-register-{self.whom}", args=[step])

    def form(self, step: str, reader: Reader, data: Any = None) -> PageForm:
        """Return the form of a step, filled in with what was answered; what is proved is read only."""
        named: dict[str, Any] = {"reader": reader, "initial": self.answers}
        if step == "document":
            named["region"] = self.answers["region"]
        if step == "household":
            named["province"] = self.answers["province"]
        form = _FORMS[step](data, **named)
        for name in self.proven if self.whom == "own" else ():
            if name in form.fields:
                form.fields[name].disabled = True
        return form


@page("own account", who=PrincipalKind.RESIDENT)
def begin(request: HttpRequest) -> HttpResponse:
    """Say why one is asked, and begin."""
    if _is_registered(request):
        return HttpResponseRedirect(reverse("resident-documents"))
    if wanted_address(request):
        request.session["registering_then"] = wanted_address(request)
    return render_page(
        request,
        "resident/myself/begin.html",
        {"first": Registering(request, "own").address("region")},
        title="myself.begin_title",
        back=reverse("resident-home"),
    )


@page("own account", who=PrincipalKind.RESIDENT)
def own_step(request: HttpRequest, step: str) -> HttpResponse:
    """Ask one thing about oneself."""
    if _is_registered(request):
        return HttpResponseRedirect(reverse("resident-documents"))
    return _step(Registering(request, "own"), step)


@page("own person", who=PrincipalKind.RESIDENT)
def ward_step(request: HttpRequest, step: str) -> HttpResponse:
    """Ask one thing about a child or parent."""
    own_person(request)
    return _step(Registering(request, "ward"), step)


@page("own account", who=PrincipalKind.RESIDENT, limits=("linking",))
def own_check(request: HttpRequest) -> HttpResponse:
    """Show the answers about oneself, and register them."""
    if _is_registered(request):
        return HttpResponseRedirect(reverse("resident-documents"))
    return _check(Registering(request, "own"))


@page("own person", who=PrincipalKind.RESIDENT, limits=("linking",))
def ward_check(request: HttpRequest) -> HttpResponse:
    """Show the answers about a child or parent, and register them."""
    own_person(request)
    return _check(Registering(request, "ward"))


def _step(registering: Registering, step: str) -> HttpResponse:
    request, steps = registering.request, registering.steps
    if step not in steps:
        raise Http404
    before = steps[: steps.index(step)]
    if registering.missing() in before:
        return HttpResponseRedirect(registering.address(registering.missing()))
    form = registering.form(step, reader_of(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        registering.keep(form.cleaned_data)
        return HttpResponseRedirect(_next(registering, step))
    return render_page(
        request,
        "resident/myself/step.html",
        {"form": form, "is_proven": registering.whom == "own" and bool(registering.proven), "step": step},
        title=f"myself.{step}_title_{registering.whom}",
        back=registering.address(before[-1]) if before else _start(registering),
        status=422 if form.errors else 200,
    )


def _next(registering: Registering, step: str) -> str:
    steps = registering.steps
    following = steps[steps.index(step) + 1 :]
    unanswered = registering.missing()
    is_change = "change" in registering.request.GET and not unanswered
    if is_change or not following:
        return registering.address(unanswered) if unanswered else _check_address(registering)
    return registering.address(following[0])


def _check(registering: Registering) -> HttpResponse:
    request = registering.request
    if registering.missing():
        return HttpResponseRedirect(registering.address(registering.missing()))
    problem = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                _register(registering)
        except Problem as refused:
            problem = refused
        else:
            registering.forget()
            return HttpResponseRedirect(_done(request, registering))
    words = reader_of(request)
    return render_page(
        request,
        "resident/myself/check.html",
        {"rows": _rows(registering, words), "problems": _problems(words, problem)},
        title=f"myself.check_title_{registering.whom}",
        back=registering.address(registering.steps[-1]),
        status=422 if problem else 200,
    )


def _register(registering: Registering) -> None:
    answers, by = registering.answers, signed_in(registering.request)
    if by.id is None:  # only the system itself has none, and it reads no pages
        raise Forbidden("web.sign_in_first")
    of_mainland = answers["region"] == Region.CHINA
    own = registering.whom == "own"
    person = register_person(
        name=answers["name"],
        latin_name=answers.get("latin_name", ""),
        birth_date=date.fromisoformat(answers["birth_date"]),
        sex=answers["sex"],
        region=answers["region"],
        household=Household(answers["hukou_region"], answers["hukou_address"], answers["nation"])
        if of_mainland
        else None,
        account=Account.objects.get(pk=by.id) if own else None,
        by=by,
    )
    until = answers.get("valid_until")
    add_number(
        person=person,
        kind=answers["kind"],
        number=answers["number"],
        valid_until=date.fromisoformat(until) if until else None,
        by=by,
    )
    if not own:
        _appoint(registering, person, answers["relation"])


def _appoint(registering: Registering, ward: Person, relation: str) -> None:
    on = legal_day(timezone.now())
    appoint_representative(
        representative=own_person(registering.request),
        represented=ward,
        relation=relation,
        confirmed_by=None,
        by=signed_in(registering.request),
        law=law_for("floating" if ward.region == Region.CHINA else "hmt", settings.YZT_REGION, on),
        on=on,
    )


def _done(request: HttpRequest, registering: Registering) -> str:
    forget_for_request(f"people.person_of {signed_in(request).id}")
    if registering.whom == "ward":
        return reverse("resident-family")
    then: str = request.session.pop("registering_then", "")
    return then or reverse("resident-home")


def _rows(registering: Registering, reader: Reader) -> list[dict[str, str]]:
    """Return what was answered: words, value, where to change it."""
    answers, shown = registering.answers, []
    for step in registering.steps:
        for name in _FORMS[step].base_fields:
            value = str(answers.get(name, ""))
            row = {"label": f"myself.{name}", "value": _shown(name, value, reader), "name": name}
            can_change = not (registering.whom == "own" and name in registering.proven)
            shown.append({**row, "change": f"{registering.address(step)}?change=1" if can_change else ""})
    return [row for row in shown if row["value"] or row["change"]]


def _shown(name: str, value: str, reader: Reader) -> str:
    prefixes = {"relation": "myself.relation_", "region": "myself.region_", "sex": "myself.sex_"}
    if name in prefixes and value:
        return reader.say(f"{prefixes[name]}{value}")
    if name == "kind" and value:
        return reader.say(f"numbers.kinds.{value}")
    if name in ("province", "hukou_region"):
        return regions.name_of(value) or value
    return value


def _problems(reader: Reader, problem: Problem | None) -> list[str]:
    if problem is None:
        return []
    told = [reader.say(error.code, **error.facts) for error in problem.errors]
    return told or [reader.say(problem.code, **problem.facts)]


def _needed(step: str) -> list[str]:
    return [name for name, field in _FORMS[step].base_fields.items() if field.required]


def _start(registering: Registering) -> str:
    return reverse("resident-family" if registering.whom == "ward" else "resident-register")


def _check_address(registering: Registering) -> str:
    return reverse(f"resident-check-{registering.whom}")


def _is_registered(request: HttpRequest) -> bool:
    account_id = signed_in(request).id
    return account_id is not None and person_of(account_id) is not None
