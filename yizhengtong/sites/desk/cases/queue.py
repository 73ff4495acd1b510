"""What waits for an officer: filtered, searched, read on, refreshed."""

import contextlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import SeeOther, page, signed_in
from yizhengtong.foundation.texts import base_of
from yizhengtong.foundation.web.paging import decode_cursor, encode_cursor
from yizhengtong.kernel.errors import FieldError, Invalid, NotFound, Problem
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.casework import bulk
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.offering import SUBJECTS
from yizhengtong.permitting.casework.possible import JUDGE, states_for
from yizhengtong.permitting.casework.queries import QueuePosition
from yizhengtong.permitting.casework.states import OPEN
from yizhengtong.permitting.casework.waiting import (
    ANY_STEP,
    Asked,
    Page,
    actions_known,
    offices_of,
    waiting,
)
from yizhengtong.sites.desk.cases.asking import today
from yizhengtong.sites.desk.cases.rows import rows

SEARCH = "desk_search"
"""Where the session, which lies sealed, keeps what is searched for: no name stands in an address."""
_LONGEST = 64
_DUE = {"late": -1, "today": 0, "3": 3, "7": 7}
"""Days from today by which a case is due."""


@page("officer", who=PrincipalKind.STAFF)
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits in this officer's area, the most urgent first; who has no second factor is led to set one up."""
    by, reader = signed_in(request), reader_of(request)
    if not by.has_second_factor:
        raise SeeOther(reverse("desk-security"))
    chosen = _chosen(request, by)
    search = str(request.session.get(SEARCH, "")) if request.GET.get("found") else ""
    context: dict[str, Any] = {"chosen": chosen, "search": search, "choices": _choices(by, reader)}
    try:
        found = waiting(by=by, asked=_asked(chosen, search), after=_position(request.GET.get("after", "")))
    except Invalid as problem:
        return _refused(request, context, problem)
    return render_page(
        request, "desk/cases/queue.html", {**context, **_list(found, request, by, reader)}, title="desk.home"
    )


@page("officer", who=PrincipalKind.STAFF, limits=["searches"])
def search(request: HttpRequest) -> HttpResponse:
    """Take what is searched for out of a sent form, so that it stands in no address, and show what is found."""
    if request.method != "POST" or not (text := request.POST.get("search", "").strip()[:_LONGEST]):
        request.session.pop(SEARCH, None)
        return HttpResponseRedirect(reverse("desk-home"))
    request.session[SEARCH] = text
    return HttpResponseRedirect(f"{reverse('desk-home')}?found=yes&state=all")


def _refused(request: HttpRequest, context: dict[str, Any], problem: Problem) -> HttpResponse:
    say = reader_of(request).say
    words = [say(error.code, **error.facts) for error in problem.errors] or [say(problem.code, **problem.facts)]
    return render_page(
        request, "desk/cases/queue.html", {**context, "rows": [], "wrong": words}, title="desk.home", status=422
    )


def _chosen(request: HttpRequest, by: Principal) -> dict[str, str]:
    """Return what the address asks for; unknown words count as not said. Nobody asks for less than one's own steps."""
    get = request.GET
    state = get.get("state", "")
    usual = "mine" if states_for(by) else "all"
    return {
        "state": state if state in {*OPEN, "all", "mine"} else usual,
        "item": get.get("item", "")[:40],
        "step": get.get("step", "") if get.get("step") in {JUDGE, *actions_known()} else "",
        "due": get.get("due", "") if get.get("due") in _DUE else "",
        "mine": "yes" if get.get("mine") else "",
    }


def _asked(chosen: dict[str, str], search: str) -> Asked:
    states = {"all": OPEN, "mine": OPEN}.get(chosen["state"], (chosen["state"],))
    until = today() + timedelta(days=_DUE[chosen["due"]]) if chosen["due"] else None
    return Asked(
        states=tuple(states),
        item=chosen["item"],
        step=chosen["step"] or (ANY_STEP if chosen["state"] == "mine" else ""),
        until=until,
        mine=bool(chosen["mine"]),
        search=search,
    )


def _choices(by: Principal, reader: Reader) -> dict[str, list[tuple[str, str]]]:
    states = [("mine", reader.say("desk.queue.mine_next")), ("all", reader.say("desk.queue.all"))]
    return {
        "states": [*states, *((state, reader.say(f"casework.state_{state}")) for state in OPEN)],
        "items_of_queue": [_any(reader), *_items(by, reader)],
        "steps": [_any(reader), *_named((JUDGE, *actions_known()), reader)],
        "dues": [_any(reader), *((due, reader.say(f"desk.queue.due_{due}")) for due in _DUE)],
        "bulk": _named(bulk.ACTIONS, reader),
    }


def _any(reader: Reader) -> tuple[str, str]:
    return "", reader.say("desk.queue.any")


def _named(actions: Iterable[str], reader: Reader) -> list[tuple[str, str]]:
    return [(each, reader.say("desk.queue.judge" if each == JUDGE else f"desk.act.{each}")) for each in actions]


def _items(by: Principal, reader: Reader) -> list[tuple[str, str]]:
    """Return the items of the law of an officer's region; asked of the law, for the cases are many."""
    found: list[tuple[str, str]] = []
    for subject in SUBJECTS:
        with contextlib.suppress(NotFound):
            items = law_in_force(by.office_region, subject, today()).items.values()
            found += [(item.code, item.name.in_language(base_of(reader.language))) for item in items]
    return found


def _list(found: Page, request: HttpRequest, by: Principal, reader: Reader) -> dict[str, Any]:
    calendar = law_for("hmt", by.office_region, today()).calendar
    shown = rows(found.cases, offices_of(found.cases), by=by, on=today(), calendar=calendar, reader=reader)
    return {
        "rows": shown,
        "next": _next(request, found.after) if found.after else "",
        "as_of": today(),
        "here": request.get_full_path(),
        "is_begun": bool(request.GET.get("after")),
    }


def _next(request: HttpRequest, after: QueuePosition) -> str:
    kept = {name: value for name, value in request.GET.items() if name not in ("after", "lang", "size")}
    return f"?{urlencode({**kept, 'after': encode_cursor([after.urgent_on.isoformat(), str(after.case_id)])})}"


def _position(cursor: str) -> QueuePosition | None:
    if not cursor:
        return None
    urgent_on, case_id = decode_cursor(cursor, 2)
    try:
        return QueuePosition(date.fromisoformat(urgent_on), UUID(case_id))
    except ValueError as error:
        raise Invalid("web.fields_wrong", errors=[FieldError("cursor", "web.cursor_wrong")]) from error
