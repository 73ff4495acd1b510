"""The same step for several cases: said first, case by case, then done, then reported."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.casework import bulk
from yizhengtong.permitting.casework.models import Case
from yizhengtong.sites.desk.cases.asking import today
from yizhengtong.sites.desk.cases.rows import item_name, number_of


@page("role of the step", who=PrincipalKind.STAFF)
def several(request: HttpRequest) -> HttpResponse:
    """Say what a step will do to which of the chosen cases, and what it will not and why; a sent form does it."""
    if request.method == "POST":
        return _do(request)
    by, reader = signed_in(request), reader_of(request)
    action = request.GET.get("action", "")
    try:
        planned = bulk.plan(
            action=action,
            case_ids=[parse_public_id("cas", each) for each in request.GET.getlist("case")],
            on=today(),
            by=by,
        )
    except Invalid as problem:
        refused = {"wrong": reader.say(problem.code, **problem.facts)}
        return render_page(
            request,
            "desk/cases/bulk.html",
            refused,
            title="desk.bulk.title",
            back=reverse("desk-home"),
            status=STATUSES[problem.kind],
        )
    lines = [
        (
            public_id("cas", each.case.pk),
            number_of(each.case),
            item_name(each.case.item, reader),
            each.case.version,
            reader.say(each.why_not, **each.facts) if each.why_not else "",
        )
        for each in planned
    ]
    context: dict[str, Any] = {
        "action": action,
        "action_words": reader.say(f"desk.act.{action}"),
        "what": reader.say(f"desk.step.what_{action}"),
        "will": [line for line in lines if not line[-1]],
        "will_not": [line for line in lines if line[-1]],
    }
    return render_page(request, "desk/cases/bulk.html", context, title="desk.bulk.title", back=reverse("desk-home"))


def _do(request: HttpRequest) -> HttpResponse:
    reader, action = reader_of(request), request.POST.get("action", "")
    chosen = [_chosen(each) for each in request.POST.getlist("chosen")]
    done = bulk.do(
        action=action, chosen=chosen, words=request.POST.get("opinion", "")[:500], on=today(), by=signed_in(request)
    )
    numbers = {case.pk: number_of(case) for case in Case.objects.filter(pk__in=[each.case_id for each in done])}
    lines = [
        (
            public_id("cas", each.case_id),
            numbers.get(each.case_id, ""),
            reader.say(each.why_not, **each.facts) if each.why_not else "",
        )
        for each in done
    ]
    context = {
        "action_words": reader.say(f"desk.act.{action}"),
        "lines": lines,
        "count": sum(not line[-1] for line in lines),
    }
    return render_page(
        request, "desk/cases/bulk_done.html", context, title="desk.bulk.done_title", back=reverse("desk-home")
    )


def _chosen(text: str) -> tuple[UUID, int]:
    """Return a case and the version that was shown."""
    key, _, version = text.partition(":")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise Invalid("web.if_match_needed")
    return parse_public_id("cas", key), int(version)
