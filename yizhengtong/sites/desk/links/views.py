"""Linking what a clerk has in hand, saying that a link is wrong, and deciding such a question."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.kernel.numbers import LONGEST
from yizhengtong.registry.people.queries import TRAVEL_KINDS
from yizhengtong.verification.links.bounds import LONGEST_WORDS
from yizhengtong.verification.links.deciding import decide_ticket
from yizhengtong.verification.links.models import Ticket
from yizhengtong.verification.links.queries import (
    in_question,
    living_link,
    permit_at_window,
    ticket_for_head,
    tickets_for_head,
)
from yizhengtong.verification.links.rules import decisions_on
from yizhengtong.verification.links.services import link_at_window, unlink_at_window
from yizhengtong.verification.links.tickets import permit_to_ask_about, report_wrong

LINES = 50
_MOST_DIGITS = 9
head_page = page("supervisor of the area", who=PrincipalKind.STAFF)


class WindowForm(PageForm):
    """What is in hand: the travel permit, and that both originals and the signed consent were seen."""

    words = "desk_links."
    kind = forms.ChoiceField(widget=Radios())
    number = forms.CharField(max_length=LONGEST, widget=forms.TextInput({"autocapitalize": "characters"}))

    def __init__(self, *args: Any, reader: Reader, **named: Any) -> None:
        super().__init__(*args, reader=reader, **named)
        kinds = [(each, reader.say(f"numbers.kinds.{each}")) for each in TRAVEL_KINDS]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # a ChoiceField


class ReportForm(PageForm):
    """What is wrong."""

    words = "desk_links.report."
    text = forms.CharField(max_length=LONGEST_WORDS, widget=forms.Textarea())


class DecisionForm(PageForm):
    """What is decided, and why, in words that the holder reads."""

    words = "desk_links.decide."
    decision = forms.ChoiceField(widget=Radios())
    text = forms.CharField(max_length=LONGEST_WORDS, widget=forms.Textarea())

    def __init__(self, *args: Any, reader: Reader, kind: str, **named: Any) -> None:
        super().__init__(*args, reader=reader, **named)
        choices = [(each, reader.say(f"links.decision_{each}")) for each in decisions_on(kind)]
        self.fields["decision"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


@page("clerk of the area", who=PrincipalKind.STAFF)
def link(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Show whether the holder's numbers are linked, and link what the clerk has in hand."""
    key, by, on = parse_public_id("pmt", permit_id), signed_in(request), _today()
    permit = permit_at_window(permit_id=key, by=by, on=on)
    record_read("links.read", by=by, on=("permit", permit.pk), person_id=permit.person_id, purpose="casework",
                fields=["number", "link"])  # fmt: skip
    form = WindowForm(request.POST or None, reader=reader_of(request))

    def act() -> None:
        link_at_window(
            permit_id=key, kind=form.cleaned_data["kind"], number=form.cleaned_data["number"],
            saw_originals="saw_originals" in request.POST, consent_signed="consent_signed" in request.POST, on=on,
            by=by,
        )  # fmt: skip

    if request.method == "POST" and form.is_valid() and form.does(act):
        return HttpResponseRedirect(reverse("desk-link", args=[permit_id]))
    found = living_link(permit.person)
    is_doubted = found is not None and in_question(found.travel_kind, found.travel_index)
    context = {
        "id": permit_id, "permit": permit, "link": found, "form": form, "is_doubted": is_doubted,
        "state": f"links.state_{'in_question' if is_doubted else 'linked'}",
        "proof": f"links.proof_{found.proof}" if found else "",
    }  # fmt: skip
    return render_page(
        request, "desk/links/window.html", context, title="desk_links.title",
        back=reverse("desk-permit", args=[permit_id]), status=422 if form.errors else 200,
    )  # fmt: skip


@page("clerk of the area", who=PrincipalKind.STAFF)
def end(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Unlink for the holder who stands at the window and asks for it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    unlink_at_window(permit_id=parse_public_id("pmt", permit_id), on=_today(), by=signed_in(request))
    return HttpResponseRedirect(reverse("desk-link", args=[permit_id]))


@page("officer of the area who handles cases", who=PrincipalKind.STAFF)
def report(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Say that a holder's link is wrong; a head decides, and it is told to nobody until then."""
    key, by, on = parse_public_id("pmt", permit_id), signed_in(request), _today()
    permit_to_ask_about(permit_id=key, on=on, by=by)
    form = ReportForm(request.POST or None, reader=reader_of(request))

    def act() -> None:
        report_wrong(permit_id=key, words=form.cleaned_data["text"], on=on, by=by)

    if request.method == "POST" and form.is_valid() and form.does(act):
        return HttpResponseRedirect(reverse("desk-permit", args=[permit_id]))
    return render_page(
        request, "desk/links/report.html", {"form": form}, title="desk_links.report",
        back=reverse("desk-permit", args=[permit_id]), status=422 if form.errors else 200,
    )  # fmt: skip


@head_page
def list_questions(request: HttpRequest) -> HttpResponse:
    """Show the questions of the area that wait, the oldest first; nothing written is opened."""
    after = request.GET.get("after", "")
    key = parse_public_id("lkt", after) if after else None
    found, on = tickets_for_head(by=signed_in(request), after=key, limit=LINES + 1), _today()
    rows = [
        {"id": public_id("lkt", each.pk), "ticket": each, "kind": f"links.kind_{each.kind}",
         "days": (each.due_on - on).days}
        for each in found[:LINES]
    ]  # fmt: skip
    following = rows[-1]["id"] if len(found) > LINES else ""
    return render_page(
        request, "desk/links/list.html", {"rows": rows, "following": following}, title="desk_links.questions"
    )


@head_page
def show_question(request: HttpRequest, question_id: str) -> HttpResponse:
    """Show a question with what was written and the link it is about, and decide it."""
    key, by, on = parse_public_id("lkt", question_id), signed_in(request), _today()
    ticket, found = ticket_for_head(ticket_id=key, by=by, on=on)
    form = DecisionForm(request.POST or None, reader=reader_of(request), kind=ticket.kind)

    def act() -> None:
        decide_ticket(
            ticket_id=key, decision=form.cleaned_data["decision"], words=form.cleaned_data["text"],
            version=_version(request), on=on, by=by,
        )  # fmt: skip

    if request.method == "POST" and form.is_valid() and form.does(act):
        return HttpResponseRedirect(reverse("desk-link-question", args=[question_id]))
    context = {
        "ticket": ticket, "link": found, "form": form, "is_open": ticket.state == Ticket.State.OPEN,
        "kind": f"links.kind_{ticket.kind}", "state": f"links.question_{ticket.state}",
        "travel": f"numbers.kinds.{ticket.travel_kind}", "decision": f"links.decision_{ticket.decision}",
        "remedy": f"links.remedy_{ticket.remedy}", "proof": f"links.proof_{ticket.proof}",
        "link_proof": f"links.proof_{found.proof}" if found else "",
    }  # fmt: skip
    return render_page(
        request, "desk/links/question.html", context, title="desk_links.question",
        back=reverse("desk-link-questions"), status=422 if form.errors else 200,
    )  # fmt: skip


def _today() -> date:
    return legal_day(timezone.now())


def _version(request: HttpRequest) -> int:
    """Return the version that the form was shown with; 0 fits none."""
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < _MOST_DIGITS else 0
