"""Who stands beside the applicant and acts by the place's proxy rules; and a minor's record that is shut."""

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.forms import Radios
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.permitting.casework.devices.contract import AGENT
from yizhengtong.permitting.casework.services.walk_ins import ShownDocument, ask_at_counter, find_presented
from yizhengtong.sites.desk.cases.asking import attempt
from yizhengtong.sites.desk.window.captures import speaking_to_agent
from yizhengtong.sites.desk.window.forms import READ, AskForm, ShownForm
from yizhengtong.sites.desk.window.walk_ins import GUARDIAN, clerk_of, document_shown

RELATIONS = ("guardian", "near_relative")
"""The relations that proxy rules name; whether one is allowed, the place's rules say."""


class GuardianForm(ShownForm):
    """The document of who acts, what they are to the applicant, and whether the proof was seen."""

    words = "desk.guardian."
    relation = forms.ChoiceField(widget=Radios)
    has_proof = forms.BooleanField(required=False)

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)
        self.fields["relation"].choices = [  # type: ignore[attr-defined]
            (each, self.reader.say(f"people.relation_{each}")) for each in RELATIONS
        ]


@page("clerk", who=PrincipalKind.STAFF, limits=["searches"])
def beside(request: HttpRequest) -> HttpResponse:
    """Take the document of who acts for the applicant; sent empty-handed, nobody acts."""
    by, reader, kept = clerk_of(request), reader_of(request), document_shown(request)
    if request.method == "POST" and "nobody" in request.POST:
        request.session.pop(GUARDIAN, None)
        return HttpResponseRedirect(reverse("desk-window-apply"))
    form, status = GuardianForm(request.POST or None, reader=reader), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            shown = ShownDocument(said["kind"], said["number"])
            if (shown.kind, shown.number.strip()) == (kept["kind"], kept["number"].strip()):
                form.add_error("number", reader.say("people.represents_self"))
            else:
                problem = attempt(lambda: find_presented(shown=shown, by=by))
                if isinstance(problem, Forbidden):
                    raise problem
                if problem is None:
                    read = {name: request.POST.get(f"read_{name}", "")[:80] for name in READ}
                    request.session[GUARDIAN] = {**said, **read}
                    return HttpResponseRedirect(reverse("desk-window-apply"))
                form.add_problem(problem)
                status = STATUSES[problem.kind]
    context = {"form": form, "agent": AGENT, "read": READ, "is_beside": GUARDIAN in request.session}
    back = reverse("desk-window-apply")
    return speaking_to_agent(
        render_page(
            request, "desk/window/guardian.html", context, title="desk.guardian.title", back=back, status=status
        )
    )


@page("clerk", who=PrincipalKind.STAFF, limits=["searches"])
def minor(request: HttpRequest) -> HttpResponse:
    """Say that the record is a minor's, and ask a supervisor to open it; nothing of it is shown."""
    by, kept = clerk_of(request), document_shown(request)
    form, asked, status = AskForm(request.POST or None, reader=reader_of(request)), False, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            shown = ShownDocument(kept["kind"], kept["number"])
            problem = attempt(lambda: ask_at_counter(shown=shown, words=form.cleaned_data["why"], by=by))
            if problem is None:
                asked, status = True, 200
            else:
                form.add_problem(problem)
                status = STATUSES[problem.kind]
    context = {"form": form, "asked": asked}
    back = reverse("desk-window-person")
    return render_page(request, "desk/window/minor.html", context, title="desk.minor.title", back=back, status=status)
