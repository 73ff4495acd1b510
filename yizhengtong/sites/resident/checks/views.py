"""Every check of one's permit in a list, one check with what one can do about it, alerts by choice."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.web.paging import decode_moment, encode_cursor
from yizhengtong.kernel.errors import NotFound, Problem
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.sites.resident.acting import acting_for, own_person
from yizhengtong.sites.resident.mine.asking import WHO, note, own_page, privacy_law, today
from yizhengtong.verification.checks.blocks import block, blocks_of, unblock
from yizhengtong.verification.checks.models import Check, Outcome, Way
from yizhengtong.verification.holders.alerts import choose_alerts
from yizhengtong.verification.holders.bounds import LONGEST_WORDS
from yizhengtong.verification.holders.models import AlertChoice
from yizhengtong.verification.holders.queries import (
    Wanted,
    alerts_of,
    check_by_id,
    checks_of,
    parties_of,
    ticket_about,
    tickets_of,
)
from yizhengtong.verification.holders.tickets import doubt_check
from yizhengtong.verification.holders.wording import worded_check, worded_doubt
from yizhengtong.verification.relying_parties.authenticating import PARTY
from yizhengtong.verification.relying_parties.purposes import purposes

LINES = 30
_QUESTIONS = ("party", "purpose", "way", "outcome")


class FilterForm(PageForm):
    """Which checks to show; what is left out asks nothing."""

    words = "resident_checks.filter."
    party = forms.ChoiceField(required=False)
    purpose = forms.ChoiceField(required=False)
    way = forms.ChoiceField(required=False)
    outcome = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, parties: Mapping[UUID, str], reader: Reader, **named: Any) -> None:
        super().__init__(*args, reader=reader, **named)
        choices = {
            "party": [(public_id(PARTY, key), name) for key, name in parties.items()],
            "purpose": [(code, reader.say(f"relying_parties.purpose_{code}")) for code in purposes()],
            "way": [(code, reader.say(f"holders.way_{code}")) for code in Way.values],
            "outcome": [(code, reader.say(f"holders.outcome_{code}")) for code in Outcome.values],
        }
        for name, found in choices.items():
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = [("", reader.say("resident_checks.filter.all")), *found]
            field.is_one_of_several = True  # type: ignore[attr-defined]  # for the template: nothing need be chosen

    def wanted(self) -> Wanted:
        """Return what is asked for; a choice that there is not asks nothing."""
        self.is_valid()
        given = {name: self.cleaned_data.get(name, "") for name in _QUESTIONS}
        party = given.pop("party")
        return Wanted(**given, party_id=parse_public_id(PARTY, party) if party else None)


class AlertsForm(PageForm):
    """Of which checks one wants a message."""

    words = "resident_checks.alerts."
    about = forms.ChoiceField(widget=Radios())

    def __init__(self, *args: Any, reader: Reader, **named: Any) -> None:
        super().__init__(*args, reader=reader, **named)
        choices = [(value, reader.say(f"holders.about_{value}")) for value in AlertChoice.About.values]
        cast(forms.ChoiceField, self.fields["about"]).choices = choices


class DoubtForm(PageForm):
    """Why this was not oneself."""

    words = "resident_checks.doubt."
    text = forms.CharField(max_length=LONGEST_WORDS, widget=forms.Textarea())


@own_page
def list_checks(request: HttpRequest) -> HttpResponse:
    """Show the checks of one's permit, the newest first, a page at a time; tickets, and whom one has shut out."""
    person, reader = acting_for(request), reader_of(request)
    asked = request.GET.get("after", "")
    position = decode_moment(asked, field="after") if asked else None
    note(request, "privacy.read_history", person, ["checks"])
    form = FilterForm(request.GET, parties=parties_of(person), reader=reader)
    found = checks_of(person=person, wanted=form.wanted(), before=position, limit=LINES + 1)
    shown = found[:LINES]
    return render_page(
        request,
        "resident/checks/list.html",
        {"form": form, "checks": [worded_check(each, reader.language) for each in shown],
         "following": _following(request, shown[-1]) if len(found) > LINES else "", "first": not asked,
         "alerts": f"holders.about_{alerts_of(person.pk)}",
         "tickets": [(worded_doubt(each, reader.language), each, f"holders.state_{each.state}")
                     for each in tickets_of(person)[:LINES]],
         "blocks": [(public_id(PARTY, each.relying_party_id), each) for each in blocks_of(person)]},
        title="resident_checks.title",
        back=reverse("resident-data-use"),
    )  # fmt: skip


@own_page
def show_check(request: HttpRequest, check_id: str) -> HttpResponse:
    """Show a check with its ticket, and what one can do: doubt it, shut the relying party out."""
    check, person = _own_check(request, check_id)
    note(request, "privacy.read_history", person, ["checks"])
    ticket = ticket_about(person=person, check_id=check.pk)
    blocked = {each.relying_party_id for each in blocks_of(person)}
    return render_page(
        request,
        "resident/checks/check.html",
        {"check": worded_check(check, reader_of(request).language), "ticket": ticket,
         "state": f"holders.state_{ticket.state}" if ticket else "", "why": _why(check), "codes": _codes(check),
         "is_blocked": check.relying_party_id in blocked},
        title="resident_checks.one",
        back=reverse("resident-checks"),
    )  # fmt: skip


@page("own person or ward", who=WHO, limits=("objections",))
def doubt(request: HttpRequest, check_id: str) -> HttpResponse:
    """Say that this was not oneself: an office answers by a day that is named."""
    check, person = _own_check(request, check_id)
    form = DoubtForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                doubt_check(
                    check_id=check.pk, person=person, acting=own_person(request), words=form.cleaned_data["text"],
                    law=privacy_law(), on=today(), by=signed_in(request),
                )  # fmt: skip
            return HttpResponseRedirect(reverse("resident-check", args=[check_id]))
        except Problem as problem:
            form.add_problem(problem, {"words": "text"})
    note(request, "privacy.read_history", person, ["checks"])
    return render_page(
        request,
        "resident/checks/doubt.html",
        {"form": form, "check": worded_check(check, reader_of(request).language)},
        title="resident_checks.doubt.title",
        back=reverse("resident-check", args=[check_id]),
        status=422 if request.method == "POST" else 200,
    )


@own_page
def shut_out(request: HttpRequest, check_id: str) -> HttpResponse:
    """Shut the relying party of a check out; only a sent form does it."""
    check, person = _own_check(request, check_id)
    if request.method == "POST":
        if check.relying_party_id is None:
            raise NotFound("not_found")
        block(person=person, party_id=check.relying_party_id, by=signed_in(request))
    return HttpResponseRedirect(reverse("resident-check", args=[check_id]))


@own_page
def let_in(request: HttpRequest, party_id: str) -> HttpResponse:
    """Let a relying party in again."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    unblock(person=acting_for(request), party_id=parse_public_id(PARTY, party_id), by=signed_in(request))
    return HttpResponseRedirect(reverse("resident-checks"))


@own_page
def choose(request: HttpRequest) -> HttpResponse:
    """Choose of which checks one wants a message."""
    person = acting_for(request)
    form = AlertsForm(request.POST or None, reader=reader_of(request), initial={"about": alerts_of(person.pk)})
    if request.method == "POST" and form.is_valid():
        choose_alerts(person=person, about=form.cleaned_data["about"], by=signed_in(request))
        return HttpResponseRedirect(reverse("resident-checks"))
    note(request, "notifications.read", person)
    return render_page(
        request, "resident/checks/alerts.html", {"form": form}, title="resident_checks.alerts.title",
        back=reverse("resident-checks"), status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _why(check: Check) -> str:
    """Return the code of the words that say why a check told nothing; empty for one that told what was asked."""
    if check.ended == Outcome.REFUSED:
        return "holders.why_refused_code" if check.way == Way.SHARE_CODE else "holders.why_refused"
    return "holders.why_no_match" if check.ended == Outcome.NO_MATCH else ""


def _codes(check: Check) -> str:
    """Return where the code that was used can be ended; empty where none was."""
    if check.way != Way.SHARE_CODE or check.permit_id is None:
        return ""
    return reverse("permit-share", args=[public_id("pmt", check.permit_id)])


def _own_check(request: HttpRequest, check_id: str) -> tuple[Check, Person]:
    check = check_by_id(parse_public_id("chk", check_id))
    person = Person.objects.filter(pk=check.person_id).first() if check.person_id else None
    if person is None or not may_act_for(own_person(request), person, today()):
        raise NotFound("not_found")
    return check, person


def _following(request: HttpRequest, last: Check) -> str:
    """Return the query of the next page, with the same questions."""
    query = request.GET.copy()
    query["after"] = encode_cursor([last.at.isoformat(), str(last.pk)])
    return query.urlencode()
