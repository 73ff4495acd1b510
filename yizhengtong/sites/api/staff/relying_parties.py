"""Organisations that check permits: who waits for an answer, each purpose answered by itself, parties shut out."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from ninja.params.functions import Query
from pydantic import Field

from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.sites.api.framework import In, by, policy
from yizhengtong.sites.api.party_schemas import GrantOut, KeyOut, PartyOut
from yizhengtong.sites.api.words import reader_language
from yizhengtong.verification.relying_parties.authenticating import PARTY
from yizhengtong.verification.relying_parties.bounds import LONGEST_REASON, MOST_QUOTA
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.queries import grants_of, keys_of
from yizhengtong.verification.relying_parties.reviewing import (
    answer_purpose,
    end,
    parties_for,
    party_for,
    resume,
    set_quota,
    suspend,
    withdraw_purpose,
)
from yizhengtong.verification.relying_parties.shapes import GRANT, told_of_grant, told_of_key, told_of_party

router = Router()
_REVIEWER = "supervisor of the top office"
_STATES = "^(test|applied|approved|suspended|ended)?$"


class PartyFileOut(PartyOut):
    """An organisation with what it asked for, its keys, and how its members are reached."""

    contacts: list[str]
    grants: list[GrantOut]
    keys: list[KeyOut]


class PurposeAnswerIn(In):
    """Whether a purpose is granted, with which claims; refused with a reason, which the organisation reads."""

    is_granted: bool
    claims: list[str] = Field(default_factory=list, max_length=20)
    reason: str = Field("", max_length=LONGEST_REASON)


class PartyReasonIn(In):
    """Why, as the organisation reads it."""

    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


class QuotaIn(In):
    """Requests in a legal day; null: what everybody has."""

    quota_a_day: int | None = Field(ge=0, le=MOST_QUOTA)


@router.get("", response=list[PartyOut], openapi_extra=policy(_REVIEWER))
def list_parties(
    request: HttpRequest, state: str = Query("", pattern=_STATES), after: str | None = Query(None, max_length=40)
) -> list[PartyOut]:
    """Organisations, a page from after an id on; `applied`: those that wait for an answer to any purpose."""
    key, language = parse_public_id(PARTY, after) if after else None, reader_language(request)
    found = parties_for(by(request), state=state, after=key, most=PAGE_LIMIT)
    return [PartyOut.model_validate(told_of_party(each, language)) for each in found]


@router.get("/{party_id}", response=PartyFileOut, openapi_extra=policy(_REVIEWER))
def read_party(request: HttpRequest, response: HttpResponse, party_id: str) -> PartyFileOut:
    """All of an organisation; the read is recorded."""
    party, contacts = party_for(parse_public_id(PARTY, party_id), by(request))
    language, now = reader_language(request), timezone.now()
    set_version(response, party.version)
    return PartyFileOut.model_validate(
        {
            **told_of_party(party, language), "contacts": contacts,
            "grants": [told_of_grant(each, language) for each in grants_of(party)],
            "keys": [told_of_key(each, now) for each in keys_of(party)],
        }
    )  # fmt: skip


@router.post("/purposes/{grant_id}/answer", response=PartyOut, openapi_extra=policy(_REVIEWER, versioned=True))
def answer(request: HttpRequest, response: HttpResponse, grant_id: str, payload: PurposeAnswerIn) -> PartyOut:
    """Grant or refuse one purpose."""
    party = answer_purpose(
        grant_id=parse_public_id(GRANT, grant_id), **payload.model_dump(), version=version_read(request),
        by=by(request), at=timezone.now(),
    )  # fmt: skip
    return _out(request, response, party)


@router.post("/purposes/{grant_id}/withdrawal", response=PartyOut, openapi_extra=policy(_REVIEWER, versioned=True))
def withdraw(request: HttpRequest, response: HttpResponse, grant_id: str, payload: PartyReasonIn) -> PartyOut:
    """Take one purpose away."""
    party = withdraw_purpose(
        grant_id=parse_public_id(GRANT, grant_id), reason=payload.reason, version=version_read(request),
        by=by(request), at=timezone.now(),
    )  # fmt: skip
    return _out(request, response, party)


@router.post("/{party_id}/suspension", response=PartyOut, openapi_extra=policy(_REVIEWER, versioned=True))
def shut_out(request: HttpRequest, response: HttpResponse, party_id: str, payload: PartyReasonIn) -> PartyOut:
    """Let an organisation in no more, by no key, until it is let in again."""
    party = suspend(
        party_id=parse_public_id(PARTY, party_id), reason=payload.reason, version=version_read(request),
        by=by(request), at=timezone.now(),
    )  # fmt: skip
    return _out(request, response, party)


@router.post("/{party_id}/resumption", response=PartyOut, openapi_extra=policy(_REVIEWER, versioned=True))
def let_in_again(request: HttpRequest, response: HttpResponse, party_id: str) -> PartyOut:
    """Let a suspended organisation in again."""
    party = resume(
        party_id=parse_public_id(PARTY, party_id), version=version_read(request), by=by(request), at=timezone.now()
    )
    return _out(request, response, party)


@router.post("/{party_id}/end", response=PartyOut, openapi_extra=policy(_REVIEWER, versioned=True))
def end_for_good(request: HttpRequest, response: HttpResponse, party_id: str, payload: PartyReasonIn) -> PartyOut:
    """End an organisation's access for good."""
    party = end(
        party_id=parse_public_id(PARTY, party_id), reason=payload.reason, version=version_read(request),
        by=by(request), at=timezone.now(),
    )  # fmt: skip
    return _out(request, response, party)


@router.post("/{party_id}/quota", response=PartyOut, openapi_extra=policy(_REVIEWER, versioned=True))
def give_quota(request: HttpRequest, response: HttpResponse, party_id: str, payload: QuotaIn) -> PartyOut:
    """Say how many requests an organisation may make in a day."""
    party = set_quota(
        party_id=parse_public_id(PARTY, party_id), quota_a_day=payload.quota_a_day, version=version_read(request),
        by=by(request), at=timezone.now(),
    )  # fmt: skip
    return _out(request, response, party)


def _out(request: HttpRequest, response: HttpResponse, party: RelyingParty) -> PartyOut:
    set_version(response, party.version)
    return PartyOut.model_validate(told_of_party(party, reader_language(request)))
