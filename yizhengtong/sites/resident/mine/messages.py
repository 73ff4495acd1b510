"""My messages: the inbox, which ones I want and by which way, quiet hours, where I am reached (S4-16)."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.phones import keep_proved_phone
from yizhengtong.foundation.notifications.channels.choosing import open_channels
from yizhengtong.foundation.notifications.contacts import ask_confirmation, confirm, forget_contact
from yizhengtong.foundation.notifications.kinds import LEAVING, Channel, Kind, kinds
from yizhengtong.foundation.notifications.models import Message, Preference
from yizhengtong.foundation.notifications.preferences import Choice, choice_of, choose, chosen_channels
from yizhengtong.foundation.notifications.queries import contacts_of, inbox, masked
from yizhengtong.foundation.notifications.services import mark_read
from yizhengtong.foundation.pages.forms import Checks, PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.texts import LANGUAGES, base_of
from yizhengtong.kernel.errors import Conflict, NotFound, Problem
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.registry.consents.queries import may_use
from yizhengtong.registry.consents.recipients import USE
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import wards_of
from yizhengtong.sites.resident.acting import acting_for, own_person
from yizhengtong.sites.resident.mine.asking import WHO, note, own_page, today

LINES = 20
_NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}


class ChoiceForm(PageForm):
    """The language of messages, the quiet hours, and for each kind by which ways it comes."""

    words = "mine.wanted."
    language = forms.ChoiceField(widget=Radios(), choices=[(code, _NAMES[code]) for code in LANGUAGES])
    quiet_from = forms.TimeField(widget=forms.TimeInput({"type": "time", "class": "short"}, format="%H:%M"))
    quiet_until = forms.TimeField(widget=forms.TimeInput({"type": "time", "class": "short"}, format="%H:%M"))

    def __init__(self, *args: Any, reader: Reader, **named: Any) -> None:
        super().__init__(*args, reader=reader, **named)
        ways = [(str(way), reader.say(f"mine.way_{way}")) for way in LEAVING]
        for kind in listed_kinds():
            self.fields[kind.code] = forms.MultipleChoiceField(
                widget=Checks(), choices=ways, required=kind.is_due, label=reader.say(f"messages.kind_{kind.code}")
            )

    def choice(self) -> Choice:
        """Return what was chosen."""
        given = self.cleaned_data
        return Choice(
            language=given["language"], quiet_from=given["quiet_from"], quiet_until=given["quiet_until"],
            channels={kind.code: given[kind.code] for kind in listed_kinds()},
        )  # fmt: skip


class ContactForm(PageForm):
    """A telephone number or an e-mail address."""

    words = "mine.contact."
    channel = forms.ChoiceField(widget=Radios())
    address = forms.CharField(max_length=254, widget=forms.TextInput({"autocomplete": "on"}))

    def __init__(self, *args: Any, reader: Reader, **named: Any) -> None:
        super().__init__(*args, reader=reader, **named)
        ways = [(str(way), reader.say(f"mine.way_{way}")) for way in open_channels()]
        cast(forms.ChoiceField, self.fields["channel"]).choices = ways


class CodeForm(PageForm):
    """The code that came."""

    words = "mine.code."
    code = forms.RegexField(
        r"^[0-9]{6}$",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code", "class": "short"}),
    )


@own_page
def list_messages(request: HttpRequest) -> HttpResponse:
    """Show the inbox, the newest first."""
    person = acting_for(request)
    asked = request.GET.get("after", "")
    before = parse_public_id("msg", asked) if asked else None
    note(request, "notifications.read", person)
    found = list(inbox(person.pk, before=before)[: LINES + 1])
    shown = [(public_id("msg", each.pk), each) for each in found[:LINES]]
    return render_page(
        request,
        "resident/mine/messages.html",
        {"messages": shown, "following": shown[-1][0] if len(found) > LINES else "", "first": not asked},
        title="mine.messages",
        back=reverse("resident-home"),
    )


@own_page
def read_message(request: HttpRequest, message_id: str) -> HttpResponse:
    """Show a message with what became of it on its way; from then on it counts as read."""
    key = parse_public_id("msg", message_id)
    owner = Message.objects.filter(pk=key).values_list("person_id", flat=True).first()
    if owner is None or owner not in _persons(own_person(request)):
        raise NotFound("not_found")
    message = mark_read(message_id=key, person_id=owner, by=signed_in(request))
    return render_page(
        request,
        "resident/mine/message.html",
        {"message": message, "sent": sorted(message.deliveries.all(), key=lambda each: each.channel)},
        title=message.subject,
        back=reverse("resident-messages"),
    )


@own_page
def wanted(request: HttpRequest) -> HttpResponse:
    """Choose which messages come where, in which language, and when not."""
    person, reader = acting_for(request), reader_of(request)
    note(request, "notifications.read", person)
    chosen = choice_of(person.pk, base_of(reader.language))
    form = ChoiceForm(request.POST or None, reader=reader, initial=_as_initial(person, chosen))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                choose(person_id=person.pk, choice=form.choice(), by=signed_in(request))
            return HttpResponseRedirect(f"{reverse('resident-messages-wanted')}?saved=1")
        except Problem as problem:
            form.add_problem(problem)
    due, free = (
        [(form[kind.code], kind.source) for kind in listed_kinds() if kind.is_due is law] for law in (True, False)
    )
    return render_page(
        request,
        "resident/mine/wanted.html",
        {"form": form, "due": due, "free": free, "agrees": may_use(person.pk, USE, today()),
         "reached": bool(contacts_of(person.pk)), "saved": request.GET.get("saved")},
        title="mine.wanted.title",
        back=reverse("resident-messages"),
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@page("own person or ward", who=WHO, limits=("codes",))
def contacts(request: HttpRequest) -> HttpResponse:
    """Show where one is reached; send a code to a new number or address."""
    person, reader = acting_for(request), reader_of(request)
    form = ContactForm(request.POST or None, reader=reader, initial={"channel": "sms"})
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                ask_confirmation(
                    person_id=person.pk, channel=form.cleaned_data["channel"], address=form.cleaned_data["address"],
                    language=base_of(reader.language), by=signed_in(request),
                )  # fmt: skip
            return HttpResponseRedirect(reverse("resident-contact-code", args=[form.cleaned_data["channel"]]))
        except Problem as problem:
            form.add_problem(problem)
    note(request, "notifications.read", person)
    found = [(each, masked(each.channel, each.address)) for each in contacts_of(person.pk)]
    return render_page(
        request,
        "resident/mine/contacts.html",
        {"form": form, "contacts": found, "is_open": bool(open_channels())},
        title="mine.contact.title",
        back=reverse("resident-messages"),
        status=422 if request.method == "POST" else 200,
    )


@page("own person or ward", who=WHO, limits=("codes",), is_one=False)
def say_code(request: HttpRequest, channel: str) -> HttpResponse:
    """Say the code back: from then on one is reached there. A wrong try counts."""
    person = acting_for(request)
    form = CodeForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            _confirmed(request, person, channel, form.cleaned_data["code"])
            return HttpResponseRedirect(reverse("resident-contacts"))
        except Conflict as problem:
            form.add_error("code", form.reader.say(problem.code, **problem.facts))
    return render_page(
        request, "resident/mine/code.html", {"form": form}, title="mine.code.title",
        back=reverse("resident-contacts"), status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@own_page
def forget(request: HttpRequest, channel: str) -> HttpResponse:
    """Be reached there no longer; only a sent form does it."""
    if request.method == "POST":
        forget_contact(person_id=acting_for(request).pk, channel=channel, by=signed_in(request))
    return HttpResponseRedirect(reverse("resident-contacts"))


def listed_kinds() -> Sequence[Kind]:
    """Return the kinds of messages that one may choose about."""
    return [kind for kind in kinds().values() if kind.is_listed]


def _as_initial(person: Person, chosen: Preference) -> dict[str, object]:
    reached = [Channel(each.channel) for each in contacts_of(person.pk)]
    return {
        "language": chosen.language, "quiet_from": chosen.quiet_from, "quiet_until": chosen.quiet_until,
        **{kind.code: [str(way) for way in chosen_channels(kind, chosen, reached or LEAVING)]
           for kind in listed_kinds()},
    }  # fmt: skip


def _confirmed(request: HttpRequest, person: Person, channel: str, code: str) -> None:
    account_id = signed_in(request).id
    contact = confirm(person_id=person.pk, channel=channel, code=code, by=signed_in(request))
    if contact.channel == Channel.SMS and account_id is not None and person.account_id == account_id:
        keep_proved_phone(account_id, contact.address, request.session.session_key or "")


def _persons(own: Person) -> Sequence[UUID]:
    return [own.pk, *(ward.pk for ward in wards_of(own, today()))]
