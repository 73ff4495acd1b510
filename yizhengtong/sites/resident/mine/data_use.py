"""Who used my data, and "this was not for me"; consents; what one asked and what was answered."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.queries import entries_of
from yizhengtong.foundation.exchange.models import Destination
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.web.paging import decode_moment, encode_cursor
from yizhengtong.kernel.errors import NotFound, Problem
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.registry.consents.given import given_by
from yizhengtong.registry.consents.queries import CHECK, answers_of, newest_answers, uses_of
from yizhengtong.registry.consents.services import answer_use
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.rights.privacy.corrections import corrections_of
from yizhengtong.rights.privacy.deletion import deletions_of
from yizhengtong.rights.privacy.history import Line, lines_of, what_of
from yizhengtong.rights.privacy.objections import object_to, objections_of
from yizhengtong.rights.privacy.wording import handler_name, who_words, worded_use
from yizhengtong.sites.resident.acting import acting_for, own_person
from yizhengtong.sites.resident.mine.asking import WHO, note, own_page, privacy_law, today
from yizhengtong.verification.checks.blocks import blocks_of
from yizhengtong.verification.checks.recording import REFUSALS
from yizhengtong.verification.relying_parties.authenticating import PARTY
from yizhengtong.verification.relying_parties.models import RelyingParty

LINES = 30
CHECK_KIND = "check"
"""What entries of checks are on."""
_MOST = 100


class ObjectionForm(PageForm):
    """Why this was not for one."""

    words = "mine.objection."
    text = forms.CharField(max_length=1000, widget=forms.Textarea())


@dataclass(frozen=True, slots=True)
class WordedLine:
    """A line of the access history in words."""

    id: str
    at: datetime
    since: datetime
    count: int
    who: str
    who_words: str
    what: str
    purpose: str
    can_be_doubted: bool
    check_id: str


@own_page
def history(request: HttpRequest) -> HttpResponse:
    """Show every read of one's data and every act on them, by anybody, the newest first, a page at a time."""
    person, reader = acting_for(request), reader_of(request)
    asked = request.GET.get("after", "")
    position = decode_moment(asked, field="after") if asked else None
    note(request, "privacy.read_history", person)
    found = entries_of(person_id=person.pk, before=position, limit=LINES + 1)
    shown = found[:LINES]
    own = {key for key in (signed_in(request).id, person.account_id) if key is not None}
    lines = lines_of(shown, person_id=person.pk, own_accounts=own)
    organisations = _organisations(shown)
    following = encode_cursor([shown[-1].at.isoformat(), str(shown[-1].pk)]) if len(found) > LINES else ""
    return render_page(
        request,
        "resident/mine/data_use.html",
        {"lines": [_worded(line, organisations, reader) for line in lines], "following": following, "first": not asked},
        title="mine.data_use",
        back=reverse("resident-home"),
    )


@page("own person or ward", who=WHO, limits=("objections",))
def object_to_line(request: HttpRequest, entry_id: str) -> HttpResponse:
    """Say that this was not for one: an auditor answers by a day that is named."""
    entry, person = _own_entry(request, entry_id)
    form = ObjectionForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                object_to(
                    entry_id=entry.pk, person=person, acting=own_person(request), words=form.cleaned_data["text"],
                    law=privacy_law(), on=today(), by=signed_in(request),
                )  # fmt: skip
            return HttpResponseRedirect(reverse("resident-data-requests"))
        except Problem as problem:
            form.add_problem(problem, {"words": "text"})
    note(request, "privacy.read_history", person)
    [line] = lines_of([entry], person_id=person.pk, own_accounts={person.account_id} if person.account_id else set())
    return render_page(
        request,
        "resident/mine/objection.html",
        {"form": form, "line": _worded(line, _organisations([entry]), reader_of(request))},
        title="mine.objection.title",
        back=reverse("resident-data-use"),
        status=422 if request.method == "POST" else 200,
    )


@own_page
def requests(request: HttpRequest) -> HttpResponse:
    """Show what one objected to, asked to be corrected or deleted, and what was answered."""
    person, reader = acting_for(request), reader_of(request)
    note(request, "privacy.read_requests", person)
    return render_page(
        request,
        "resident/mine/requests.html",
        {
            "objections": [(each, reader.say(what_of(each.action, "read"))) for each in objections_of(person)[:_MOST]],
            "corrections": [(each, reader.say(f"mine.correction.field_{each.field}"))
                            for each in corrections_of(person)[:_MOST]],
            "deletions": deletions_of(person)[:_MOST],
        },
        title="mine.requests",
        back=reverse("resident-data-use"),
    )  # fmt: skip


@own_page
def consents(request: HttpRequest) -> HttpResponse:
    """Show what one's data are used for, by statute or by consent; take one answer to one use."""
    person = acting_for(request)
    if request.method == "POST":
        answer_use(
            person=person, acting=own_person(request), use=request.POST.get("use", ""),
            answer=request.POST.get("answer", ""), apart=request.POST.getlist("separate"),
            law=privacy_law(), on=today(), by=signed_in(request),
        )  # fmt: skip
        return HttpResponseRedirect(f"{reverse('resident-consents')}#{request.POST.get('use', '')}")
    note(request, "privacy.read_consents", person)
    return render_page(
        request, "resident/mine/consents.html", _uses(person, reader_of(request)), title="mine.consents",
        back=reverse("resident-data-use"),
    )  # fmt: skip


def _uses(person: Person, reader: Reader) -> dict[str, object]:
    law = privacy_law()
    newest, answers, handler = newest_answers(person.pk), list(answers_of(person.pk)), handler_name()
    parties = _receivers()
    rows = [
        (
            worded_use(use, newest.get(use.code), handler, reader.language),
            parties.get(use.code.removeprefix(CHECK), []) if use.code.startswith(CHECK) else [],
            [each for each in answers if each.use == use.code],
        )
        for use in uses_of(law).values()
    ]
    return {
        "answered": [row for row in rows if row[0].basis == "consent" and row[0].answer],
        "unanswered": [row for row in rows if row[0].basis == "consent" and not row[0].answer],
        "by_statute": [row for row in rows if row[0].basis != "consent"],
        "source": law["consent.uses"].source,
        "given": [
            (each, reader.say(each.words, **each.facts), reader.say(each.purpose) if each.purpose else "")
            for each in given_by(person.pk)
        ],
        "blocks": [(public_id(PARTY, each.relying_party_id), each) for each in blocks_of(person)],
    }


def _receivers() -> dict[str, list[str]]:
    """Return purpose → names of the relying parties that may check for it."""
    found: dict[str, list[str]] = {}
    for name, purposes in RelyingParty.objects.filter(is_active=True).order_by("name").values_list("name", "purposes"):
        for purpose in purposes:
            found.setdefault(purpose, []).append(name)
    return found


def _own_entry(request: HttpRequest, entry_id: str) -> tuple[Entry, Person]:
    key = parse_public_id("aud", entry_id)
    entry = Entry.objects.filter(pk=key).first()
    person = Person.objects.filter(pk=entry.person_id).first() if entry and entry.person_id else None
    if entry is None or person is None or not may_act_for(own_person(request), person, today()):
        raise NotFound("not_found")
    return entry, person


def _worded(line: Line, organisations: dict[object, str], reader: Reader) -> WordedLine:
    refused = next((REFUSALS[each] for each in line.entry.fields if each in REFUSALS), None)
    return WordedLine(
        id=public_id("aud", line.entry.pk),
        at=line.entry.at,
        since=line.since,
        count=line.count,
        who=line.who,
        who_words=who_words(line, organisations, reader.language),
        what=reader.say(refused or line.what),
        purpose=reader.say(line.purpose) if line.purpose else "",
        can_be_doubted=line.can_be_doubted,
        check_id=_check_of(line.entry),
    )


def _check_of(entry: Entry) -> str:
    """Return the id of the check that an entry is of: its own page tells more. Empty for any other."""
    return public_id("chk", entry.object_id) if entry.object_kind == CHECK_KIND and entry.object_id else ""


def _organisations(entries: list[Entry]) -> dict[object, str]:
    keys = {entry.actor_id for entry in entries if entry.actor_kind == "partner" and entry.actor_id}
    if not keys:
        return {}
    platforms = Destination.objects.filter(pk__in=keys).values_list("pk", "name")
    return {**dict(RelyingParty.objects.filter(pk__in=keys).values_list("pk", "name")), **dict(platforms)}
