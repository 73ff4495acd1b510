"""Doubts about checks of the area: read, answered, handed up; the top office may suspend a relying party with it."""

from typing import Any, cast

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Problem
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.verification.holders.bounds import LONGEST_WORDS
from yizhengtong.verification.holders.models import Ticket
from yizhengtong.verification.holders.policies import is_at_the_top
from yizhengtong.verification.holders.queries import ticket_for, tickets_waiting
from yizhengtong.verification.holders.tickets import answer_ticket, hand_up
from yizhengtong.verification.holders.wording import worded_doubt
from yizhengtong.verification.relying_parties.bounds import LONGEST_REASON

LINES = 50
STATES = ("open", "answered")
head_page = page("supervisor of the area", who=PrincipalKind.STAFF)


class AnswerForm(PageForm):
    """What was found, in words that the holder reads; the top office may suspend whoever checked, which reads why."""

    words = "desk_checks.answer."
    outcome = forms.ChoiceField(widget=Radios())
    text = forms.CharField(max_length=LONGEST_WORDS, widget=forms.Textarea())
    suspend = forms.BooleanField(required=False)
    reason = forms.CharField(required=False, max_length=LONGEST_REASON, widget=forms.Textarea())

    def __init__(self, *args: Any, reader: Reader, can_suspend: bool, **named: Any) -> None:
        super().__init__(*args, reader=reader, **named)
        choices = [
            (value, reader.say(f"holders.state_{value}")) for value in (Ticket.State.EXPLAINED, Ticket.State.WRONG)
        ]
        cast(forms.ChoiceField, self.fields["outcome"]).choices = choices
        if not can_suspend:
            del self.fields["suspend"], self.fields["reason"]


@head_page
def list_tickets(request: HttpRequest) -> HttpResponse:
    """Show the doubts of the area that wait, or those that were answered; nothing written is opened."""
    reader = reader_of(request)
    state = "answered" if request.GET.get("state") == "answered" else "open"
    after = request.GET.get("after", "")
    found = tickets_waiting(
        by=signed_in(request), is_open=state == "open", after=parse_public_id("ctk", after) if after else None,
        limit=LINES + 1,
    )  # fmt: skip
    on = legal_day(timezone.now())
    rows = [
        {"id": public_id("ctk", each.pk), "ticket": each, "check": worded_doubt(each, reader.language),
         "state": f"holders.state_{each.state}", "days": (each.due_on - on).days}
        for each in found[:LINES]
    ]  # fmt: skip
    return render_page(
        request,
        "desk/checks/list.html",
        {"rows": rows, "state": state, "states": [(one, f"desk_checks.state_{one}") for one in STATES],
         "following": rows[-1]["id"] if len(found) > LINES else ""},
        title="desk_checks.title",
    )  # fmt: skip


@head_page
def show_ticket(request: HttpRequest, ticket_id: str) -> HttpResponse:
    """Show a doubt with what was written, and answer it."""
    ticket = ticket_for(ticket_id=parse_public_id("ctk", ticket_id), by=signed_in(request))
    form = AnswerForm(request.POST or None, reader=reader_of(request), can_suspend=_can_suspend(request, ticket))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            with transaction.atomic():
                answer_ticket(
                    ticket_id=ticket.pk, was_wrong=given["outcome"] == Ticket.State.WRONG, words=given["text"],
                    version=_version(request), suspends=given.get("suspend", False),
                    reason=given.get("reason", ""), by=signed_in(request),
                )  # fmt: skip
            return HttpResponseRedirect(reverse("desk-check-ticket", args=[ticket_id]))
        except Problem as problem:
            form.add_problem(problem, {"words": "text"})
    is_top = is_at_the_top(signed_in(request))
    is_open = ticket.state == Ticket.State.OPEN
    return render_page(
        request,
        "desk/checks/ticket.html",
        {"ticket": ticket, "id": ticket_id, "check": worded_doubt(ticket, reader_of(request).language), "form": form,
         "state": f"holders.state_{ticket.state}", "can_answer": is_open and (is_top or not ticket.is_handed_up),
         "can_hand_up": is_open and not is_top and not ticket.is_handed_up,
         "is_late": is_open and ticket.due_on < legal_day(timezone.now())},
        title="desk_checks.one",
        back=reverse("desk-check-tickets"),
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@head_page
def pass_on(request: HttpRequest, ticket_id: str) -> HttpResponse:
    """Hand a doubt to the top office."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    hand_up(ticket_id=parse_public_id("ctk", ticket_id), version=_version(request), by=signed_in(request))
    return HttpResponseRedirect(reverse("desk-check-ticket", args=[ticket_id]))


def _can_suspend(request: HttpRequest, ticket: Ticket) -> bool:
    party = ticket.relying_party
    return is_at_the_top(signed_in(request)) and party is not None and party.is_active


def _version(request: HttpRequest) -> int:
    """Return the version that the form was shown with; 0 fits none."""
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 9 else 0
