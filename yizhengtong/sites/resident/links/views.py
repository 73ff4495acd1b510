"""How one's two numbers stand, linking them, unlinking, and saying that the link is wrong."""

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.numbers import LONGEST
from yizhengtong.registry.people.models import Person, Region
from yizhengtong.registry.people.queries import TRAVEL_KINDS
from yizhengtong.sites.resident.acting import acting_for, own_person
from yizhengtong.sites.resident.mine.asking import WHO, note, own_page, today
from yizhengtong.sites.resident.myself.forms import KINDS
from yizhengtong.verification.checks.travel.proving import register_here
from yizhengtong.verification.links.bounds import LONGEST_WORDS
from yizhengtong.verification.links.models import Ticket
from yizhengtong.verification.links.queries import (
    in_question,
    links_of,
    living_link,
    newest_permit,
    permit_to_link,
    tickets_of,
    travel_number_of,
    use_to_agree_to,
)
from yizhengtong.verification.links.services import link_online, unlink
from yizhengtong.verification.links.tickets import say_wrong


class LinkForm(PageForm):
    """The travel permit, as it is printed on it. What is agreed to is ticked beside it."""

    words = "my_numbers."
    kind = forms.ChoiceField(widget=Radios())
    number = forms.CharField(max_length=LONGEST, widget=forms.TextInput({"autocapitalize": "characters"}))

    def __init__(self, *args: object, reader: Reader, region: str, **named: object) -> None:
        super().__init__(*args, reader=reader, **named)
        kinds = [(each, reader.say(f"numbers.kinds.{each}")) for each in KINDS[Region(region)] if each in TRAVEL_KINDS]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # a ChoiceField


class DoubtForm(PageForm):
    """Why the link is wrong."""

    words = "my_numbers.doubt."
    text = forms.CharField(max_length=LONGEST_WORDS, widget=forms.Textarea({"maxlength": LONGEST_WORDS}))


@own_page
def show(request: HttpRequest) -> HttpResponse:
    """Show how one's two numbers stand, what was before, and what was asked about them."""
    person = acting_for(request)
    note(request, "links.read", person, ["numbers"])
    link, permit = living_link(person), newest_permit(person)
    is_doubted = link is not None and in_question(link.travel_kind, link.travel_index)
    context = {
        "link": link,
        "is_doubted": is_doubted,
        "state": f"links.state_{'in_question' if is_doubted else 'linked'}",
        "proof": f"links.proof_{link.proof}" if link else "",
        "kind": f"numbers.kinds.{link.travel_kind}" if link else "",
        "travel_number": travel_number_of(link) if link else "",
        "permit_number": permit.number if permit else "",
        "can_link": link is None and permit_to_link(person) is not None,
        "ended": [(each, f"links.reason_{each.end_reason}") for each in links_of(person) if each.ended_at],
        "tickets": [_ticket(each) for each in tickets_of(person)],
    }
    return render_page(
        request, "resident/links/show.html", context, title="my_numbers.title", back=reverse("resident-home")
    )


@page("own person or ward", who=WHO, limits=("linking",))
def link(request: HttpRequest) -> HttpResponse:
    """Ask for the travel permit's number and for consent, and link what is proven."""
    person, reader = acting_for(request), reader_of(request)
    form = LinkForm(request.POST or None, reader=reader, region=person.region)
    if request.method == "POST" and form.is_valid() and form.does(lambda: _link(request, person, form)):
        return HttpResponseRedirect(reverse("resident-numbers"))
    use = use_to_agree_to(person, today())
    context = {
        "form": form,
        "use": use,
        "separate": [(each, f"consents.apart_{each}") for each in use.separate] if use else [],
    }
    return render_page(
        request, "resident/links/link.html", context, title="my_numbers.link_title", back=reverse("resident-numbers"),
        status=422 if form.errors else 200,
    )  # fmt: skip


@own_page
def end(request: HttpRequest) -> HttpResponse:
    """Say what unlinking does; sent, unlink."""
    person = acting_for(request)
    if request.method == "POST":
        unlink(person=person, acting=own_person(request), on=today(), by=signed_in(request))
        return HttpResponseRedirect(reverse("resident-numbers"))
    return render_page(
        request, "resident/links/unlink.html", title="my_numbers.unlink_title", back=reverse("resident-numbers")
    )


@page("own person or ward", who=WHO, limits=("objections",))
def doubt(request: HttpRequest) -> HttpResponse:
    """Say that the link is wrong: from then on it is told to nobody until it is decided, by a day that is named."""
    person = acting_for(request)
    form = DoubtForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid() and form.does(lambda: _doubt(request, person, form)):
        return HttpResponseRedirect(reverse("resident-numbers"))
    return render_page(
        request, "resident/links/doubt.html", {"form": form}, title="my_numbers.doubt_title",
        back=reverse("resident-numbers"), status=422 if form.errors else 200,
    )  # fmt: skip


def _link(request: HttpRequest, person: Person, form: LinkForm) -> None:
    link_online(
        person=person, acting=own_person(request), kind=form.cleaned_data["kind"], number=form.cleaned_data["number"],
        agreed="agreed" in request.POST, apart=request.POST.getlist("separate"), register=register_here(today()),
        on=today(), by=signed_in(request),
    )  # fmt: skip


def _doubt(request: HttpRequest, person: Person, form: DoubtForm) -> None:
    say_wrong(
        person=person, acting=own_person(request), words=form.cleaned_data["text"], on=today(), by=signed_in(request)
    )


def _ticket(ticket: Ticket) -> dict[str, object]:
    return {
        "ticket": ticket,
        "kind": f"links.kind_{ticket.kind}",
        "state": f"links.question_{ticket.state}",
        "decision": f"links.decision_{ticket.decision}" if ticket.decision else "",
        "remedy": f"links.remedy_{ticket.remedy}" if ticket.remedy else "",
    }
