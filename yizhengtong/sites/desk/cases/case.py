"""One case: its checklist beside its papers, the steps that can be taken, and what is known around it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Forbidden, Problem
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.examination import Examination, examine
from yizhengtong.permitting.casework.models import TO_CHECK, Case
from yizhengtong.permitting.casework.officers import names_of_officers
from yizhengtong.permitting.casework.policies import OPINIONS
from yizhengtong.permitting.casework.possible import JUDGED_IN, JUDGES, Possible, steps_of
from yizhengtong.permitting.casework.promising import promise_of
from yizhengtong.permitting.casework.queries import clock_of
from yizhengtong.permitting.casework.services.checking import CHECKERS
from yizhengtong.permitting.casework.services.judging import Word, judge
from yizhengtong.permitting.casework.states import UNDECIDED
from yizhengtong.permitting.casework.wording import worded_notice
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.registry.people.models import PersonNumber
from yizhengtong.rights.feedback.queries import may_turn_page
from yizhengtong.sites.desk.cases import around, twins
from yizhengtong.sites.desk.cases.asking import attempt, case_asked, today, version_sent
from yizhengtong.sites.desk.cases.checklist import WORDS, lines_shown, words_sent
from yizhengtong.sites.desk.cases.papers import ZOOMS, chosen_paper, papers_of
from yizhengtong.sites.desk.cases.rows import clock_of_case, item_name, number_of

DONE = (
    "accept",
    "request_supplement",
    "review",
    "send_back",
    "approve",
    "refuse",
    "record_made",
    "hand_over",
    "judge",
    "withdraw",
    "post_check",
    "void",
    "end_functions",
    "receive_visitor",
    "capture",
    "print_form",
)
"""What a page may be told of as just done."""


@page("officer of the area", who=PrincipalKind.STAFF)
def read(request: HttpRequest, case_id: str) -> HttpResponse:
    """Show a case; the read is recorded."""
    return show_case(request, case_asked(request, case_id))


@page("clerk or reviewer", who=PrincipalKind.STAFF)
def judge_lines(request: HttpRequest, case_id: str) -> HttpResponse:
    """Keep the words on the lines that were judged; the others stay open."""
    case = case_asked(request, case_id)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("desk-case", args=[case_id]))

    words: list[Word] = []

    def keep() -> None:
        words.extend(words_sent(request.POST, case, examine(case, today())))
        judge(case_id=case.pk, words=words, version=version_sent(request), on=today(), by=signed_in(request))

    problem = attempt(keep)
    if isinstance(problem, Forbidden):
        raise problem
    if problem is not None:
        fresh = case_asked(request, case_id)
        return show_case(request, fresh, typed=request.POST, problem=_by_line(problem, words))
    return HttpResponseRedirect(f"{reverse('desk-case', args=[case_id])}?done=judge#checklist")


def _by_line(problem: Problem, words: Sequence[Word]) -> Problem:
    """Return a problem whose errors name the lines, not their places among the words that were sent."""
    errors = []
    for error in problem.errors:
        _, _, at = error.field.rpartition("words.")
        place = at.partition(".")[0]
        word = words[int(place)] if place.isdigit() and int(place) < len(words) else None
        errors.append(replace(error, field=f"{word.target}.{word.code}") if word else error)
    problem.errors = tuple(errors)
    return problem


def show_case(
    request: HttpRequest, case: Case, *, typed: QueryDict | None = None, problem: Problem | None = None
) -> HttpResponse:
    """Return the page of a case. `typed`: words that were sent and not kept, and `problem`: why."""
    by, reader = signed_in(request), reader_of(request)
    examination = examine(case, today())
    entries = list(case.journal.order_by("at"))
    officers = names_of_officers(around.officers_in(case, entries))
    papers = papers_of(case, examination.law, reader)
    context = {
        **_head(case, examination, reader, by),
        **_viewer(request, papers),
        "lines": lines_shown(
            case,
            examination,
            papers=papers,
            officers=officers,
            reader=reader,
            typed=typed,
            wrong=_wrong_lines(examination, problem, reader),
        ),
        "steps": [_step(each, case, reader) for each in steps_of(case, by, examination)],
        "words": [(word, reader.say(f"desk.word.{word}")) for word in WORDS],
        "may_judge": _may_judge(case, by),
        "signed_here": _signed_here(case, by),
        "opinions": around.opinions(entries, officers, reader),
        "history": around.history(entries, officers, reader),
        "notices": [worded_notice(each, reader.language, case.person.region) for each in case.notices.order_by("id")],
        "confirmations": around.confirmations(case, reader),
        "messages": around.messages(case, reader),
        "pushes": around.pushes(case, reader),
        "stale": around.changed_since(request.POST.get("read_at", ""), case, entries, officers, reader)
        if problem is not None and problem.kind == "stale"
        else [],
        "problem_kind": problem.kind if problem else "",
        "problem_words": reader.say(problem.code, **problem.facts) if problem else "",
        "done": reader.say(f"desk.done.{request.GET['done']}") if request.GET.get("done") in DONE else "",
        "read_at": timezone.now().isoformat(),
    }
    status = STATUSES[problem.kind] if problem else 200
    return render_page(
        request,
        "desk/cases/case.html",
        context,
        title=item_name(case.item, reader),
        status=status,
        back=reverse("desk-home"),
    )


def _head(case: Case, examination: Examination, reader: Reader, by: Principal) -> dict[str, Any]:
    law, person = examination.law, case.person
    permit = Permit.objects.filter(pk=case.permit_id).first() if case.permit_id else None
    return {
        "case": case,
        "case_id": public_id("cas", case.pk),
        "number": number_of(case),
        "state_words": reader.say(f"casework.state_{case.state}"),
        "clock": clock_of_case(case, today(), law.calendar, reader),
        "times": clock_of(case),
        "person": person,
        "region_words": reader.say(f"desk.region.{person.region}"),
        "numbers": [
            (reader.say(f"desk.number.{each.kind}"), each)
            for each in PersonNumber.objects.filter(person=person, is_current=True).order_by("pk")
        ],
        "answers": _answers(case, reader),
        "place": case.application.place,
        "declined": [reader.say(code) for code in case.automatic_declined_because or ()],
        "promise": _promise(case, examination, reader),
        "permit": permit,
        "permit_standing": standing(permit, today()) if permit else None,
        "permit_id": public_id("pmt", permit.pk) if permit else "",
        "permit_state": reader.say(f"permits.state_{permit.state}") if permit else "",
        "may_check": case.post_check in TO_CHECK and bool(by.roles.intersection(CHECKERS)),
        "may_withdraw": case.state in UNDECIDED and Role.CLERK in by.roles,
        "may_end_permit": permit is not None and Role.APPROVER in by.roles and by.covers(permit.office_path),
        "may_turn_page": may_turn_page(case, by),
        "law_day": law.on,
        "twins": twins.like(case, by),
        "office": case.office,
        "captures": item_of(law, case.item).captures,
    }


_SHOWN_ANSWERS = (
    "residence_address",
    "phone",
    "delivery",
    "delivery_address",
    "channel",
    "declares_own_will",
    "declares_true",
    "acknowledges_cancellation",
    "is_exempt",
)


def _answers(case: Case, reader: Reader) -> list[tuple[str, str]]:
    """Return what was answered, as (label, words); what was not asked is left out."""
    told = [("claims", "、".join(reader.say(f"applications.claim_{claim}") for claim in case.application.claims))]
    if case.application.ground:
        told.append(("ground", reader.say(f"applications.ground_{case.application.ground}")))
    for name in _SHOWN_ANSWERS:
        value = case.application.answers.get(name)
        if isinstance(value, bool):
            told.append((name, reader.say("desk.yes" if value else "desk.no")))
        elif value:
            told.append((name, reader.say(f"desk.answer.{name}.{value}") if name in _CODED else str(value)))
    return [(reader.say(f"desk.answer.{name}"), words) for name, words in told if words]


_CODED = ("delivery", "channel", "is_exempt")


def _promise(case: Case, examination: Examination, reader: Reader) -> dict[str, Any] | None:
    """Return what was promised, and whether it still is the text of the law that applies."""
    answers = case.application.answers
    if not answers.get("promises"):
        return None
    promise = promise_of(examination.law, item_of(examination.law, case.item))
    return {
        "conditions": [(reader.say(f"applications.{told.code}"), told) for told in promise.conditions],
        "consequences": promise.consequences,
        "is_same": promise.hash == answers.get("promise_hash"),
        "on": str(answers.get("promised_at", ""))[:10],
    }


def _viewer(request: HttpRequest, papers: Sequence[Any]) -> dict[str, Any]:
    zoom = request.GET.get("zoom", "1")
    return {
        "papers": papers,
        "shown": chosen_paper(papers, request.GET.get("paper", "")),
        "zooms": ZOOMS,
        "zoom": int(zoom) if zoom.isdecimal() and len(zoom) == 1 and int(zoom) in ZOOMS else 1,
    }


def _step(possible: Possible, case: Case, reader: Reader) -> dict[str, Any]:
    return {
        "action": possible.action,
        "words": reader.say(f"desk.act.{possible.action}"),
        "is_mine": possible.is_mine,
        "source": possible.step.source,
        "role": reader.say(f"accounts.role_{possible.step.role}"),
        "why_not": reader.say(possible.why_not, **possible.facts) if possible.why_not else "",
        "address": reverse("desk-case-step", args=[public_id("cas", case.pk), possible.action]),
        "is_main": possible.action in ("accept", "review", "approve", "record_made", "hand_over"),
    }


def _may_judge(case: Case, by: Principal) -> bool:
    return case.state in JUDGED_IN and bool(by.roles.intersection(JUDGES))


def _signed_here(case: Case, by: Principal) -> bool:
    """Whether this officer has given one of the three opinions: then the others are somebody else's."""
    return any(getattr(case, name) == by.id for name in OPINIONS)


def _wrong_lines(examination: Examination, problem: Problem | None, reader: Reader) -> Mapping[str, Sequence[str]]:
    """Return what is wrong with the lines that were sent, by the name of their fields."""
    if problem is None:
        return {}
    sent = {f"{line.target}.{line.code}" for line in examination.lines}
    wrong: dict[str, list[str]] = {}
    for error in problem.errors:
        if error.field in sent:
            wrong.setdefault(error.field, []).append(reader.say(error.code, **error.facts))
    return wrong
