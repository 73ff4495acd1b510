"""Who comes without an application: the document first, then who it is, then the application, handed in at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.policies import ensure_role
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import SeeOther, page, signed_in
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.kernel.ids import public_id
from yizhengtong.kernel.regions import children, name_of
from yizhengtong.law.parameter import ServiceItem
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.casework.devices.contract import AGENT
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services.calling import own_office
from yizhengtong.permitting.casework.services.walk_ins import (
    Guardian,
    ShownDocument,
    find_presented,
    hand_in_at_window,
)
from yizhengtong.registry.people.models import Person
from yizhengtong.sites.desk.cases.asking import attempt, today
from yizhengtong.sites.desk.window.captures import speaking_to_agent
from yizhengtong.sites.desk.window.forms import MAINLAND, READ, PersonForm, ShownForm, WindowForm

_SHOWN = "desk_shown"
"""Where the session, which lies sealed, keeps the document on the counter until the case is opened."""
GUARDIAN = "desk_guardian"
"""The same of who stands beside the applicant: kind, number, relation, has_proof, and what a reader told."""
_MINORS = "people.minor_needs_approval"
_SUBJECTS = {MAINLAND: ("floating",), "TW": ("hmt", "settlement")}


@page("clerk", who=PrincipalKind.STAFF, limits=["searches"])
def person(request: HttpRequest) -> HttpResponse:
    """Take the document: typed, or read by the reader. Whose it is, is looked up by the number alone."""
    by, reader = clerk_of(request), reader_of(request)
    form, status = ShownForm(request.POST or None, reader=reader), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            shown = ShownDocument(form.cleaned_data["kind"], form.cleaned_data["number"])
            problem = attempt(lambda: find_presented(shown=shown, by=by))
            is_minors = problem is not None and problem.code == _MINORS
            if isinstance(problem, Forbidden) and not is_minors:
                raise problem
            if problem is None or is_minors:
                read = {name: request.POST.get(f"read_{name}", "")[:80] for name in READ}
                request.session[_SHOWN] = {"kind": shown.kind, "number": shown.number, **read}
                request.session.pop(GUARDIAN, None)
                return HttpResponseRedirect(reverse("desk-window-minor" if is_minors else "desk-window-apply"))
            form.add_problem(problem)
            if not form.errors.get("number"):
                form.add_error("number", reader.say(problem.code, **problem.facts))
            status = STATUSES[problem.kind]
    context = {"form": form, "agent": AGENT, "read": READ}
    home = reverse("desk-window")
    return speaking_to_agent(
        render_page(request, "desk/window/person.html", context, title="desk.shown.title", back=home, status=status)
    )


@dataclass(frozen=True, slots=True)
class _Counter:
    """What lies on the counter, whose it is, and the forms for what is not known. `acting`: who stands beside."""

    kept: dict[str, str]
    found: Person | None
    acting: dict[str, Any] | None
    guardian: Person | None
    place: str
    form: WindowForm
    known: PersonForm | None
    other: PersonForm | None

    def is_valid(self) -> bool:
        """Whether all forms can be taken; each is looked at, so that everything wrong is told at once."""
        valid = [form.is_valid() for form in (self.form, self.known, self.other) if form is not None]
        return all(valid)

    def hand_in(self, by: Principal) -> Case:
        """Hand the application in."""
        who = _guardian(self.acting, self.other) if self.acting else None
        return _hand_in(self.kept, self.known, self.form, self.place, who, by)


@page("clerk", who=PrincipalKind.STAFF)
def apply(request: HttpRequest) -> HttpResponse:
    """Fill the application in for who stands here, register who is new, and hand it in: all of it, or nothing."""
    by = clerk_of(request)
    counter = _counter(request, by)
    if request.method != "POST":
        return _show(request, counter, by, 200)
    if not counter.is_valid():
        return _show(request, counter, by, 422)
    cases: list[Case] = []
    problem = attempt(lambda: cases.append(counter.hand_in(by)))
    if problem is not None:
        counter.form.add_problem(problem)
        return _show(request, counter, by, STATUSES[problem.kind])
    del request.session[_SHOWN]
    request.session.pop(GUARDIAN, None)
    return HttpResponseRedirect(f"{reverse('desk-window-case', args=[public_id('cas', cases[0].pk)])}?done=apply")


def _counter(request: HttpRequest, by: Principal) -> _Counter:
    reader, kept, sent = reader_of(request), document_shown(request), request.POST or None
    found, acting, place = _found(kept, by), request.session.get(GUARDIAN), _place(request, by)
    guardian = _found(acting, by) if acting else None
    region = found.region if found else request.POST.get("region", kept.get("region", ""))
    is_new = bool(acting) and guardian is None
    return _Counter(
        kept,
        found,
        acting,
        guardian,
        place,
        form=WindowForm(sent, reader=reader, items=_items(place, region)),
        known=PersonForm(sent, reader=reader, initial=kept) if found is None else None,
        other=PersonForm(sent, reader=reader, prefix="guardian", initial=acting) if is_new else None,
    )


def _show(request: HttpRequest, counter: _Counter, by: Principal, status: int) -> HttpResponse:
    reader = reader_of(request)
    context = {
        "form": counter.form,
        "known": counter.known,
        "person": counter.found,
        "acting": counter.acting,
        "acting_words": _acting_words(counter.acting, reader),
        "guardian": counter.guardian,
        "other": counter.other,
        "place": name_of(counter.place),
        "kept": counter.kept,
        "number_words": reader.say(f"desk.number.{counter.kept['kind']}"),
        "places": _places(by),
        "place_code": counter.place,
    }
    back = reverse("desk-window-person")
    return render_page(request, "desk/window/apply.html", context, title="desk.apply.title", back=back, status=status)


def _found(kept: Mapping[str, str], by: Principal) -> Person | None:
    """Return whose document lies on the counter; a minor's record sends to the page that asks for an approval."""
    try:
        return find_presented(shown=_shown(kept), by=by)
    except Forbidden as problem:
        if problem.code != _MINORS:
            raise
        raise SeeOther(reverse("desk-window-minor")) from problem


def _guardian(acting: Mapping[str, Any], other: PersonForm | None) -> Guardian:
    until = other.cleaned_data["valid_until"] if other else None
    shown = ShownDocument(acting["kind"], acting["number"], until)
    return Guardian(shown, acting["relation"], other.newcomer() if other else None, bool(acting["has_proof"]))


def _acting_words(acting: Mapping[str, str] | None, reader: Reader) -> dict[str, str]:
    if not acting:
        return {}
    number = reader.say(f"desk.number.{acting['kind']}")
    return {"number": number, "relation": reader.say(f"people.relation_{acting['relation']}")}


def _hand_in(
    kept: dict[str, str],
    known: PersonForm | None,
    form: WindowForm,
    place: str,
    guardian: Guardian | None,
    by: Principal,
) -> Case:
    valid_until = known.cleaned_data["valid_until"] if known else None
    shown = ShownDocument(kept["kind"], kept["number"], valid_until)
    office = Office.objects.get(pk=own_office(by))
    return hand_in_at_window(
        shown=shown,
        newcomer=known.newcomer() if known else None,
        stay=form.stay(),
        item=form.cleaned_data["item"],
        place=place,
        ground=form.cleaned_data["ground"],
        answers=form.answers(office.code),
        claims=form.cleaned_data["claims"],
        guardian=guardian,
        on=today(),
        by=by,
    )


def clerk_of(request: HttpRequest) -> Principal:
    by = signed_in(request)
    ensure_role(by, Role.CLERK)
    return by


def document_shown(request: HttpRequest) -> dict[str, str]:
    kept = request.session.get(_SHOWN)
    if not kept:
        raise SeeOther(reverse("desk-window-person"))
    return dict(kept)


def _shown(kept: Mapping[str, str]) -> ShownDocument:
    return ShownDocument(kept["kind"], kept["number"])


def _places(by: Principal) -> list[tuple[str, str]]:
    """Return the counties of an officer's area: its own, or those below a city's office."""
    below = [region.code for region in children(by.office_region)]
    return [(code, name_of(code) or code) for code in (below or [by.office_region])]


def _place(request: HttpRequest, by: Principal) -> str:
    offered = [code for code, _ in _places(by)]
    asked = request.POST.get("place", request.GET.get("place", ""))
    return asked if asked in offered else offered[0]


def _items(place: str, region: str) -> list[ServiceItem]:
    """Return the items that a place has for somebody from a region; all of them where that is not said yet."""
    subjects = _SUBJECTS.get(region, ("hmt",) if region else ("hmt", "floating", "settlement"))
    items: list[ServiceItem] = []
    for subject in subjects:
        try:
            items += law_in_force(place, subject, today()).items.values()
        except NotFound:
            continue
    return items
