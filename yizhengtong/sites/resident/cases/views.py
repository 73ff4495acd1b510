"""A case's page, the page that confirms a submission, and what its applicant can do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.permitting.casework.services.checking import ask_for_officer
from yizhengtong.permitting.casework.services.deciding import withdraw_case
from yizhengtong.permitting.casework.services.judging import answer_supplement
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.settlement.queries import Settled, settled_by
from yizhengtong.sites.resident.apply.telling import TellingForm
from yizhengtong.sites.resident.apply.uploads import uploaded_in
from yizhengtong.sites.resident.cases.reading import CaseView, case_of

_SETTLEMENT = "settlement"


@page("own person or ward", who=PrincipalKind.RESIDENT)
def case(request: HttpRequest, case_id: str) -> HttpResponse:
    """Where a case stands and by when it is decided; what was asked for or refused; what to do."""
    view = case_of(request, case_id)
    settled = _settled(view)
    context = {
        "view": view,
        "case": view.case,
        "draft": view.draft,
        "events": view.events(),
        "opinions": view.opinions(),
        "notices": view.notices(),
        "settled": settled,
        "next": [(view.draft.say(step.code), step.source) for step in settled.next] if settled else [],
        "limit": view.draft.law[view.draft.item.limit],
        "uploaded": uploaded_in(view.draft),
    }
    return render_page(request, "resident/cases/case.html", context, title=view.title, back=reverse("cases"))


@page("own person or ward", who=PrincipalKind.RESIDENT)
def done(request: HttpRequest, case_id: str) -> HttpResponse:
    """Confirm a submission: the number, the promised day, what happens next."""
    view = case_of(request, case_id)
    context = {"view": view, "case": view.case, "draft": view.draft, "limit": view.draft.law[view.draft.item.limit]}
    return render_page(request, "resident/cases/done.html", context, title="cases.done.title")


@page("own person or ward", who=PrincipalKind.RESIDENT)
def supplement(request: HttpRequest, case_id: str) -> HttpResponse:
    """List once more all that was asked for, and say that it is there now."""
    view = case_of(request, case_id)

    def answer() -> None:
        answer_supplement(case_id=view.case.pk, acting=view.draft.acting, on=view.draft.on, by=view.by)

    notices = [notice for notice in view.notices() if notice.is_open]
    return _acted(request, view, "supplement", answer, is_done=not view.case.awaits_supplement, notices=notices)


@page("own person or ward", who=PrincipalKind.RESIDENT)
def withdraw(request: HttpRequest, case_id: str) -> HttpResponse:
    """Take the application back before it is decided, after asking once more."""
    view = case_of(request, case_id)

    def act() -> None:
        withdraw_case(case_id=view.case.pk, acting=view.draft.acting, on=view.draft.on, by=view.by)

    return _acted(request, view, "withdraw", act, is_done=view.case.state == CaseState.WITHDRAWN)


@page("own person or ward", who=PrincipalKind.RESIDENT)
def officer(request: HttpRequest, case_id: str) -> HttpResponse:
    """Ask that an officer decides, or looks again at what rules approved (个人信息保护法 art. 24)."""
    view = case_of(request, case_id)

    def act() -> None:
        ask_for_officer(case_id=view.case.pk, acting=view.draft.acting, on=view.draft.on, by=view.by)

    return _acted(request, view, "officer", act, is_done=view.has_asked_for_officer)


def _acted(
    request: HttpRequest, view: CaseView, name: str, act: Callable[[], object], *, is_done: bool, **context: object
) -> HttpResponse:
    """Show a page that asks once more, or act and go back to the case; what is done already is not done again."""
    form = TellingForm(request.POST if request.method == "POST" else None, reader=view.draft.reader)
    if request.method == "POST" and (is_done or form.does(act)):
        return HttpResponseRedirect(view.address())
    return render_page(
        request,
        f"resident/cases/{name}.html",
        {"view": view, "case": view.case, "draft": view.draft, "form": form, "is_done": is_done, **context},
        title=f"cases.{name}.title",
        back=view.address(),
        status=422 if request.method == "POST" else 200,
    )


def _settled(view: CaseView) -> Settled | None:
    if view.draft.item.outcome != _SETTLEMENT:
        return None
    record_read("settlement.read", by=view.by, on=("case", view.case.pk), person_id=view.case.person_id,
                purpose="own data")  # fmt: skip
    found = settled_by(view.case.pk, view.draft.on)
    return found if found.notice else None
