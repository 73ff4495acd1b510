"""The task list of an application, and the pages on which one thing each is filled in."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import SeeOther, page
from yizhengtong.kernel.errors import NotFound, Problem, Stale
from yizhengtong.permitting.applications import services
from yizhengtong.permitting.applications.models import Application
from yizhengtong.sites.resident.apply.drafts import Draft, draft_of, key_of
from yizhengtong.sites.resident.apply.forms import StepForm
from yizhengtong.sites.resident.apply.steps import Step, first_thing, groups_of, missing_of, next_after, steps_of
from yizhengtong.sites.resident.apply.uploads import uploaded_in

_TO_CHECK = "check"


@page("own person or ward", who=PrincipalKind.RESIDENT)
def task_list(request: HttpRequest, application_id: str) -> HttpResponse:
    """Show what is done and what is left, in any order but for what comes first; one can leave here and come back."""
    draft = draft_of(request, application_id)
    first = first_thing(draft)
    context = {
        "draft": draft,
        "groups": [(f"apply.group.{group}", tasks) for group, tasks in groups_of(draft) if tasks],
        "first": first,
        "is_ready": first is None and not missing_of(draft),
        "uploaded": uploaded_in(draft),
    }
    return render_page(request, "resident/apply/tasks.html", context, title=draft.title, back=reverse("cases"))


@page("own person or ward", who=PrincipalKind.RESIDENT)
def fill_in(request: HttpRequest, application_id: str, name: str) -> HttpResponse:
    """Ask one thing, keep it, go on."""
    draft = draft_of(request, application_id)
    step, form_of = _step_of(draft, name)
    ensure_first_is_done(draft)
    form = form_of(request.POST if request.method == "POST" else None, draft=draft)
    if request.method == "POST" and form.is_valid() and _is_kept(draft, step, form, version_sent(request)):
        return HttpResponseRedirect(_onward(request, draft, step.name))
    return render_page(
        request,
        "resident/apply/step.html",
        {"draft": draft, "form": form, "lead": f"apply.{name}.lead", "rows": _known(draft) if name == "facts" else []},
        title=f"apply.{name}.title",
        back=draft.address("application"),
        status=422 if request.method == "POST" else 200,
    )


@page("own person or ward", who=PrincipalKind.RESIDENT)
def discard(request: HttpRequest, application_id: str) -> HttpResponse:
    """Give a draft up, after asking once more."""
    if request.method == "POST":
        if not _is_discarded(application_id):
            draft = draft_of(request, application_id)
            services.discard_application(
                application_id=draft.application.pk, acting=draft.acting, on=draft.on, by=draft.by
            )
        return HttpResponseRedirect(reverse("cases"))
    draft = draft_of(request, application_id)
    return render_page(
        request, "resident/apply/discard.html", {"draft": draft}, title="apply.discard.title",
        back=draft.address("application"),
    )  # fmt: skip


def ensure_first_is_done(draft: Draft) -> None:
    """Send to what comes before everything else: the promise, or the notice that is read first."""
    first = first_thing(draft)
    if first is not None:
        raise SeeOther(first.address(draft))


def version_sent(request: HttpRequest) -> int:
    """Return the version under which a form was shown; 0 where it says none."""
    sent = request.POST.get("version", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


def onward(request: HttpRequest, application_id: str, done: str) -> HttpResponse:
    """Go on after a step, as the draft stands now."""
    return HttpResponseRedirect(_onward(request, draft_of(request, application_id), done))


def _onward(request: HttpRequest, draft: Draft, done: str) -> str:
    if request.GET.get("from") == _TO_CHECK:
        return draft.address("application-check")
    fresh = Application.objects.select_related("person").get(pk=draft.application.pk)
    return next_after(Draft(fresh, draft.reader, draft.acting, draft.on), done)


def _step_of(draft: Draft, name: str) -> tuple[Step, type[StepForm]]:
    for step in steps_of(draft):
        if step.name == name and step.form is not None:
            return step, step.form
    raise NotFound("not_found")


def _is_kept(draft: Draft, step: Step, form: StepForm, version: int) -> bool:
    answers, claims = form.answers(), form.claims()
    try:
        with transaction.atomic():
            services.save_answers(
                application_id=draft.application.pk, answers=answers, claims=claims, acting=draft.acting,
                version=version, on=draft.on, by=draft.by,
            )  # fmt: skip
    except Stale:
        if _stands_already(draft.application, answers, claims):
            return True  # the same form, sent twice
        form.add_error(None, draft.say("apply.changed_elsewhere", now=step.shown(draft) or draft.say("apply.nothing")))
        return False
    except Problem as problem:
        form.add_problem(problem)
        return False
    return True


def _stands_already(application: Application, answers: dict[str, object], claims: list[str] | None) -> bool:
    stands = all(application.answers.get(name) == value for name, value in answers.items())
    return stands and (claims is None or sorted(set(claims)) == application.claims)


def _known(draft: Draft) -> list[tuple[str, str]]:
    """Return what is known of the person, the place and the item: label and words."""
    person, application = draft.application.person, draft.application
    rows = [
        ("apply.facts.name", person.name),
        ("apply.facts.sex", draft.say(f"apply.facts.sex_{person.sex}")),
        ("apply.facts.birth_date", person.birth_date),
        ("apply.facts.region", draft.say(f"apply.facts.region_{person.region}")),
        ("apply.facts.household", person.hukou_address or ""),
        ("apply.facts.item", draft.title),
        ("apply.facts.place", draft.place),
        ("apply.facts.ground", ground_in_words(draft) if application.ground else ""),
    ]
    return [(label, words) for label, words in rows if words]


def ground_in_words(draft: Draft) -> str:
    """Return the ground that was chosen."""
    return draft.say(ground_code(draft.item.outcome, draft.application.ground))


def ground_code(outcome: str, ground: str) -> str:
    """Return the code of a ground's words: settling has words of its own."""
    return f"settlement.ground_{ground}" if outcome == "settlement" else f"applications.ground_{ground}"


def _is_discarded(application_id: str) -> bool:
    return Application.objects.filter(pk=key_of(application_id), state="discarded").exists()
