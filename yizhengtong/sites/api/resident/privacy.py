"""One's own data: who looked, what one agreed to, a copy of everything, what is wrong, why it was decided so."""

from datetime import date, datetime
from typing import Literal

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.queries import entries_of
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.exchange.models import Destination
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.paging import PAGE_LIMIT, decode_moment, encode_cursor
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.law.values import DataUse
from yizhengtong.registry.consents.queries import CHECK, answers_of, newest_answers, uses_of
from yizhengtong.registry.consents.services import answer_use
from yizhengtong.registry.people.models import Person
from yizhengtong.rights.privacy.history import Line, lines_of, what_of
from yizhengtong.rights.privacy.models import Objection
from yizhengtong.rights.privacy.objections import object_to, objections_of
from yizhengtong.rights.privacy.wording import handler_name, who_words, worded_use
from yizhengtong.sites.api.framework import In, by, own_account, own_person, policy, today
from yizhengtong.sites.api.resident.people import person_acted_for
from yizhengtong.sites.api.schemas import SourceOut
from yizhengtong.sites.api.words import reader_language
from yizhengtong.verification.checks.recording import REFUSALS
from yizhengtong.verification.relying_parties.models import RelyingParty

router = Router()
OWN = policy("own person or ward")


class HistoryLineOut(BaseModel):
    """Who looked at one's data, or did something with them. An officer is named by office, role and a pseudonym."""

    id: str
    at: datetime
    since: datetime = Field(description="Where several of one's own look-ups are one line: when the first of them was.")
    count: int
    kind: str = Field(description="read or act")
    who: str = Field(description="you, acting_for_you, staff, partner or system")
    who_words: str
    what: str
    what_words: str
    purpose_words: str
    fields: list[str]
    can_be_doubted: bool


class HistoryOut(BaseModel):
    """A page of the access history, the newest first; `next` reads on."""

    items: list[HistoryLineOut]
    next: str | None


class ObjectionIn(In):
    """Why this was not for one."""

    words: str = Field(min_length=1, max_length=1000)


class ObjectionOut(BaseModel):
    """An objection, its owner's deadline, and the answer once there is one."""

    id: str
    entry_id: str
    entry_at: datetime
    what_words: str
    words: str
    filed_at: datetime
    due_on: date
    state: str
    state_words: str
    answer: str


class ConsentIn(In):
    """One's answer to one use. Giving, refusing and withdrawing are one request."""

    use: str = Field(max_length=32)
    answer: Literal["given", "refused", "withdrawn"]
    separate: list[Literal["provision", "sensitive"]] = Field(
        default_factory=list, max_length=2, description="The separate consents that one agrees to (arts. 23, 29)."
    )


class AnswerOut(BaseModel):
    answer: str
    at: datetime


class UseOut(BaseModel):
    """A use of one's data: everything art. 17 wants told, whether it needs consent, and one's answers."""

    code: str
    title: str
    basis: str = Field(description="statutory_duty: no consent is asked; consent: nothing happens without.")
    basis_words: str
    handler: str
    contact: str
    method: str
    kinds: list[str]
    retention: str
    recipients: list[str]
    rights: str
    separate: list[str] = Field(description="provision, sensitive: agreed to each by itself.")
    separate_words: list[str]
    source: SourceOut
    answer: str = Field(description="given, refused, withdrawn, or empty: never asked.")
    may_ask: bool = Field(description="A refusal is remembered: then this is false and nobody asks again.")
    answers: list[AnswerOut]


@router.get("/access-history", response=HistoryOut, openapi_extra=OWN)
def read_history(
    request: HttpRequest,
    person_id: str | None = Query(None),
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=PAGE_LIMIT),
) -> HistoryOut:
    """Every read of one's data and every act on them, by anybody, the newest first."""
    person = person_acted_for(request, person_id)
    position = decode_moment(cursor) if cursor else None
    _record(request, "privacy.read_history", person)
    found = entries_of(person_id=person.pk, before=position, limit=limit + 1)
    shown = found[:limit]
    own = {own_account(request), *([person.account_id] if person.account_id else [])}
    lines = lines_of(shown, person_id=person.pk, own_accounts=own)
    language, partners = reader_language(request), _partners(shown)
    following = encode_cursor([shown[-1].at.isoformat(), str(shown[-1].pk)]) if len(found) > limit else None
    return HistoryOut(items=[_line_out(line, partners, language) for line in lines], next=following)


@router.post(
    "/access-history/{entry_id}/objection",
    response={201: ObjectionOut},
    openapi_extra=policy("own person or ward", limits=["objections"]),
)
def object_to_entry(request: HttpRequest, entry_id: str, payload: ObjectionIn) -> Status[ObjectionOut]:
    """Say that this was not for one: an auditor answers by a day that is named."""
    key = parse_public_id("aud", entry_id)
    person = Person.objects.filter(pk__in=Entry.objects.filter(pk=key).values("person_id")).first()
    if person is None:
        raise NotFound("not_found")
    objection = object_to(
        entry_id=key, person=person, acting=own_person(request), words=payload.words, law=_law(), on=today(),
        by=by(request),
    )  # fmt: skip
    return Status(201, _objection_out(objection, reader_language(request)))


@router.get("/objections", response=list[ObjectionOut], openapi_extra=OWN)
def list_objections(request: HttpRequest, person_id: str | None = Query(None)) -> list[ObjectionOut]:
    """One's objections, their state and their answers."""
    person = person_acted_for(request, person_id)
    _record(request, "privacy.read_requests", person)
    language = reader_language(request)
    return [_objection_out(each, language) for each in objections_of(person)[:PAGE_LIMIT]]


@router.get("/consents", response=list[UseOut], openapi_extra=OWN)
def list_uses(request: HttpRequest, person_id: str | None = Query(None)) -> list[UseOut]:
    """What one's data are used for: by statute, or only with one's consent."""
    person = person_acted_for(request, person_id)
    _record(request, "privacy.read_consents", person)
    return _uses_out(person, reader_language(request))


@router.post("/consents", response={201: UseOut}, openapi_extra=OWN)
def answer(request: HttpRequest, payload: ConsentIn, person_id: str | None = Query(None)) -> Status[UseOut]:
    """Give, refuse or withdraw consent to one use. What the platform does by statute depends on none of them."""
    person = person_acted_for(request, person_id)
    answer_use(
        person=person, acting=own_person(request), use=payload.use, answer=payload.answer, apart=payload.separate,
        law=_law(), on=today(), by=by(request),
    )  # fmt: skip
    uses = _uses_out(person, reader_language(request))
    return Status(201, next(use for use in uses if use.code == payload.use))


def _law() -> Law:
    return law_in_force(settings.YZT_REGION, "privacy", today())


def _record(request: HttpRequest, action: str, person: Person) -> None:
    record_read(action, by=by(request), on=("person", person.pk), person_id=person.pk, purpose="own data")


def _partners(entries: list[Entry]) -> dict[object, str]:
    keys = {entry.actor_id for entry in entries if entry.actor_kind == "partner" and entry.actor_id}
    if not keys:
        return {}
    platforms = Destination.objects.filter(pk__in=keys).values_list("pk", "name")
    return {**dict(RelyingParty.objects.filter(pk__in=keys).values_list("pk", "name")), **dict(platforms)}


def _line_out(line: Line, partners: dict[object, str], language: str) -> HistoryLineOut:
    entry = line.entry
    refused = next((REFUSALS[each] for each in entry.fields if each in REFUSALS), None)
    return HistoryLineOut(
        id=public_id("aud", entry.pk),
        at=entry.at,
        since=line.since,
        count=line.count,
        kind=entry.kind,
        who=line.who,
        who_words=who_words(line, partners, language),
        what=entry.action,
        what_words=say(refused or line.what, language),
        purpose_words=say(line.purpose, language) if line.purpose else "",
        fields=[each for each in entry.fields if each not in REFUSALS],
        can_be_doubted=line.can_be_doubted,
    )


def _objection_out(objection: Objection, language: str) -> ObjectionOut:
    return ObjectionOut(
        id=public_id("obj", objection.pk),
        entry_id=public_id("aud", objection.entry_id),
        entry_at=objection.entry_at,
        what_words=say(what_of(objection.action, "read"), language),
        words=objection.words,
        filed_at=objection.filed_at,
        due_on=objection.due_on,
        state=objection.state,
        state_words=say(f"privacy.objection_{objection.state}", language),
        answer=objection.answer,
    )


def _uses_out(person: Person, language: str) -> list[UseOut]:
    law = _law()
    newest, answers, handler = newest_answers(person.pk), list(answers_of(person.pk)), handler_name()
    source = law["consent.uses"].source
    return [
        UseOut(
            **{name: getattr(words, name) for name in UseOut.model_fields if hasattr(words, name)},
            recipients=_recipients(use),
            source=SourceOut(text=source.text, article=use.article, words=source.words),
            answers=[AnswerOut(answer=each.answer, at=each.at) for each in answers if each.use == use.code],
        )
        for use in uses_of(law).values()
        for words in [worded_use(use, newest.get(use.code), handler, language)]
    ]


def _recipients(use: DataUse) -> list[str]:
    if not use.code.startswith(CHECK):
        return []
    purpose = use.code.removeprefix(CHECK)
    active = RelyingParty.objects.filter(Q(is_active=True), purposes__contains=[purpose])
    return list(active.order_by("name").values_list("name", flat=True)[:PAGE_LIMIT])
