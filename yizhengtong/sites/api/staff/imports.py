"""Imports of old records: what was taken over, and two records side by side for a registrar's word."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.web.paging import PAGE_LIMIT, decode_cursor, encode_cursor
from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.errors import FieldError, Invalid
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.importing.models import Batch, Proposal, Row
from yizhengtong.permitting.importing.queries import Pair, batches, open_proposals, pair_of, source_of
from yizhengtong.permitting.importing.services import answer_proposal
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.sites.api.framework import In, by, policy, today

router = Router()
_MOST_BATCHES = 100


class BatchOut(BaseModel):
    """One list that was imported. Its name is a hash: names of files may name people."""

    id: str
    office: str
    list_hash: str
    name_hash: str
    last_line: int
    begun_at: datetime
    finished_at: datetime | None
    imported: int
    linked: int
    waiting: int


class ProposalRowOut(BaseModel):
    """Two records that may be one person, without saying whose they are."""

    id: str
    batch_id: str
    line: int
    reason: str = Field(description="same_number, same_name or similar_name")
    answer: str
    version: int


class ProposalsOut(BaseModel):
    """A page of what waits; `next` reads on."""

    items: list[ProposalRowOut]
    next: str | None


class NumberOut(BaseModel):
    kind: str
    number: str
    valid_until: date | None = None


class PermitSideOut(BaseModel):
    number: str
    issued_on: date
    last_valid_day: date
    state: str


class StaySideOut(BaseModel):
    county: str
    address: str
    since: date
    until: date | None


class SideOut(BaseModel):
    """One of the two records."""

    name: str
    latin_name: str
    birth_date: date
    sex: str
    region: str
    numbers: list[NumberOut]
    permits: list[PermitSideOut]
    stays: list[StaySideOut]


class PairOut(BaseModel):
    """The line as the list has it, the person as registered, and which fields differ."""

    proposal: ProposalRowOut
    line: SideOut
    person_id: str
    person: SideOut
    differing: list[str]


class AnswerIn(In):
    """Whether the two records are one person."""

    answer: Literal["same", "different", "later"]


class ImportedFromOut(BaseModel):
    """Where a permit was imported from."""

    batch_id: str
    line: int
    list_hash: str
    name_hash: str
    imported_at: datetime | None


@router.get("", response=list[BatchOut], openapi_extra=policy("registrar of the area"))
def read_imports(request: HttpRequest) -> list[BatchOut]:
    """The newest imports of one's area."""
    return [_batch_out(batch) for batch in batches(by(request))[:_MOST_BATCHES]]


@router.get("/proposals", response=ProposalsOut, openapi_extra=policy("registrar of the area"))
def read_proposals(
    request: HttpRequest,
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=PAGE_LIMIT),
) -> ProposalsOut:
    """What waits for a registrar's word in one's area."""
    found = list(open_proposals(by(request), after=_position(cursor) if cursor else None)[: limit + 1])
    shown = found[:limit]
    following = encode_cursor([str(shown[-1].pk)]) if len(found) > limit else None
    return ProposalsOut(items=[_proposal_out(each) for each in shown], next=following)


@router.get("/proposals/{proposal_id}", response=PairOut, openapi_extra=policy("registrar of the area"))
def read_pair(request: HttpRequest, response: HttpResponse, proposal_id: str) -> PairOut:
    """Two records side by side; the read is recorded."""
    pair = pair_of(proposal_id=parse_public_id("ipr", proposal_id), by=by(request))
    set_version(response, pair.proposal.version)
    return PairOut(
        proposal=_proposal_out(pair.proposal),
        line=_line_side(pair),
        person_id=public_id("per", pair.person.pk),
        person=_person_side(pair),
        differing=pair.differing,
    )


@router.post(
    "/proposals/{proposal_id}/answer",
    response=ProposalRowOut,
    openapi_extra=policy("registrar of the area", versioned=True),
)
def answer(request: HttpRequest, response: HttpResponse, proposal_id: str, payload: AnswerIn) -> ProposalRowOut:
    """Say that the two are one person, two persons, or that it is said later. Nothing known of the person changes."""
    proposal = answer_proposal(
        proposal_id=parse_public_id("ipr", proposal_id),
        answer=payload.answer,
        version=version_read(request),
        on=today(),
        by=by(request),
    )
    set_version(response, proposal.version)
    return _proposal_out(proposal)


@router.get("/permits/{imported_permit_id}", response=ImportedFromOut, openapi_extra=policy("officer of the area"))
def read_source(request: HttpRequest, imported_permit_id: str) -> ImportedFromOut:
    """The list and line that a permit was imported from."""
    row = source_of(permit_id=parse_public_id("pmt", imported_permit_id), by=by(request))
    return _source_out(row)


def _position(cursor: str) -> UUID:
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except ValueError as error:
        raise Invalid("web.fields_wrong", errors=[FieldError("cursor", "web.cursor_wrong")]) from error


def _batch_out(batch: Batch) -> BatchOut:
    counted = {state: getattr(batch, state) for state in ("imported", "linked", "waiting")}
    return BatchOut(
        id=public_id("imp", batch.pk),
        office=batch.office.code,
        list_hash=batch.list_hash,
        name_hash=batch.name_hash,
        last_line=batch.position,
        begun_at=batch.begun_at,
        finished_at=batch.finished_at,
        **counted,
    )


def _proposal_out(proposal: Proposal) -> ProposalRowOut:
    return ProposalRowOut(
        id=public_id("ipr", proposal.pk),
        batch_id=public_id("imp", proposal.row.batch_id),
        line=proposal.row.line,
        reason=proposal.reason,
        answer=proposal.answer,
        version=proposal.version,
    )


def _line_side(pair: Pair) -> SideOut:
    said = pair.record
    permit, stay = said.permit, said.stay
    return SideOut(
        name=said.name,
        latin_name=said.latin_name,
        birth_date=said.birth_date,
        sex=said.sex,
        region=said.region,
        numbers=[NumberOut(kind=number.kind, number=number.text) for number in said.numbers],
        permits=[
            PermitSideOut(
                number=permit.number, issued_on=permit.issued_on, last_valid_day=permit.last_valid_day,
                state=permit.state,
            )
        ] if permit else [],
        stays=[StaySideOut(county=stay.county, address=stay.address, since=stay.since, until=stay.until)]
        if stay else [],
    )  # fmt: skip


def _person_side(pair: Pair) -> SideOut:
    person = pair.person
    return SideOut(
        name=person.name,
        latin_name=person.latin_name,
        birth_date=person.birth_date,
        sex=person.sex,
        region=person.region,
        numbers=[
            NumberOut(kind=number.kind, number=number.number, valid_until=number.valid_until) for number in pair.numbers
        ],
        permits=[_permit_side(permit) for permit in pair.permits],
        stays=[
            StaySideOut(county=stay.region, address=stay.address, since=stay.start, until=stay.until)
            for stay in pair.stays
        ],
    )


def _permit_side(permit: Permit) -> PermitSideOut:
    return PermitSideOut(
        number=permit.number, issued_on=permit.valid_from, last_valid_day=permit.last_valid_day, state=permit.state
    )


def _source_out(row: Row) -> ImportedFromOut:
    return ImportedFromOut(
        batch_id=public_id("imp", row.batch_id),
        line=row.line,
        list_hash=row.batch.list_hash,
        name_hash=row.batch.name_hash,
        imported_at=row.imported_at,
    )
