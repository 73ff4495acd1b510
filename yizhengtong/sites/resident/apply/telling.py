"""What is told before one applies: the promise, the notice on settling, what stands against it; a loss reported."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.foundation.texts import base_of
from yizhengtong.kernel.errors import NotFound
from yizhengtong.permitting.casework.promising import promise_of
from yizhengtong.permitting.casework.queries import look_ahead
from yizhengtong.permitting.casework.services.promises import make_promise
from yizhengtong.permitting.permits.services import report_loss
from yizhengtong.permitting.settlement.informing import information_notice
from yizhengtong.permitting.settlement.services import confirm_notice
from yizhengtong.sites.resident.apply.drafts import Draft, draft_of
from yizhengtong.sites.resident.apply.filling import ensure_first_is_done, onward, version_sent
from yizhengtong.sites.resident.apply.mending import mended
from yizhengtong.sites.resident.apply.steps import steps_of


class TellingForm(PageForm):
    """A page that is read and agreed to: nothing is typed."""

    words = "apply.telling."


@page("own person or ward", who=PrincipalKind.RESIDENT)
def promise(request: HttpRequest, application_id: str) -> HttpResponse:
    """告知承诺: what must hold and what a false promise costs, by article; then the promise (S4-11)."""
    draft = draft_of(request, application_id)
    told = promise_of(draft.law, draft.item)

    def make() -> None:
        make_promise(
            application_id=draft.application.pk, text_hash=request.POST.get("hash", ""), acting=draft.acting,
            version=version_sent(request), on=draft.on, by=draft.by,
        )  # fmt: skip

    return _told(request, draft, "promise", make, {"told": told, "hash": told.hash})


@page("own person or ward", who=PrincipalKind.RESIDENT)
def settlement_notice(request: HttpRequest, application_id: str) -> HttpResponse:
    """The neutral notice on settling, read and confirmed of one's own will (S0-T03, S0-T33)."""
    draft = draft_of(request, application_id)
    told = information_notice(draft.law)

    def confirm() -> None:
        confirm_notice(
            application_id=draft.application.pk, text_hash=request.POST.get("hash", ""),
            language=base_of(draft.reader.language), acting=draft.acting, version=version_sent(request), on=draft.on,
            by=draft.by,
        )  # fmt: skip

    points = [draft.say(point) for point in told.points]
    return _told(request, draft, "notice", confirm, {"points": points, "hash": told.hash})


@page("own person or ward", who=PrincipalKind.RESIDENT)
def loss(request: HttpRequest, application_id: str) -> HttpResponse:
    """Report the card lost: from now on it proves nothing, so that nobody else can use it."""
    draft = draft_of(request, application_id)
    ensure_first_is_done(draft)
    permit = draft.permit
    if permit is None:
        raise NotFound("not_found")

    def report() -> None:
        report_loss(permit_id=permit.pk, by=draft.by)

    return _told(request, draft, "loss", report, {"permit": permit})


@page("own person or ward", who=PrincipalKind.RESIDENT)
def ahead(request: HttpRequest, application_id: str) -> HttpResponse:
    """Every condition and paper as it stands today, each with its article and the page that mends it."""
    draft = draft_of(request, application_id)
    outcome = look_ahead(application=draft.application, on=draft.on)
    findings = [mended(finding, draft) for finding in outcome.findings]
    context = {
        "draft": draft,
        "unmet": [each for each in findings if each.finding.met is False],
        "open": [each for each in findings if each.finding.met is None],
        "met": [each for each in findings if each.finding.met],
    }
    return render_page(
        request, "resident/apply/ahead.html", context, title="apply.ahead.title", back=draft.address("application")
    )


def _told(
    request: HttpRequest, draft: Draft, name: str, act: Callable[[], object], context: dict[str, object]
) -> HttpResponse:
    step = next((step for step in steps_of(draft) if step.name == name), None)
    if step is None:
        raise NotFound("not_found")
    form = TellingForm(request.POST if request.method == "POST" else None, reader=draft.reader)
    if request.method == "POST" and (step.is_done(draft) or form.does(act)):
        return onward(request, draft.id, name)
    return render_page(
        request,
        f"resident/apply/{name}.html",
        {"draft": draft, "form": form, "is_done": step.is_done(draft), **context},
        title=f"apply.{name}.title",
        back=draft.address("application"),
        status=422 if request.method == "POST" else 200,
    )
