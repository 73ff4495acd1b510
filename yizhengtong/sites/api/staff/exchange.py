"""Data platforms that permit events are pushed to: their standing, both ends of each push, dead letters."""

from datetime import date, datetime, timedelta
from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.exchange.models import Destination, Push
from yizhengtong.foundation.exchange.queries import Lag, Standing, behind, dead_letters, push_lag, standings
from yizhengtong.foundation.exchange.services import add_destination, pause, replay, resume, skip
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.rights.provision.policies import ensure_looks_after_provision
from yizhengtong.rights.provision.queries import Ends, ends_of_issues
from yizhengtong.sites.api.framework import In, by, policy
from yizhengtong.sites.api.words import reader_language

router = Router()
KEEPER = policy("supervisor of the top office")
_LAG_OVER = timedelta(days=1)


class DestinationIn(In):
    """A data platform. Its key is made with it; the public part is printed by `bin/yzt exchange keys CODE`."""

    code: str = Field(min_length=1, max_length=32)
    name: str = Field(min_length=1, max_length=120)
    url: str = Field(min_length=8, max_length=300, description="https, without a query.")
    legal_basis: str = Field(min_length=1, max_length=200, description="The law or order that provides for it.")
    content: Literal["minimal", "licence"] = "minimal"
    kinds: list[str] = Field(default_factory=list, max_length=40, description="Kinds of events; none: all of permits.")


class ReasonIn(In):
    """Why a dead letter is given up."""

    reason: str = Field(min_length=1, max_length=200)


class LagOut(BaseModel):
    """From what happened to the acknowledgement, in seconds, over what was acknowledged within the last day."""

    count: int
    median_seconds: float
    p95_seconds: float
    longest_seconds: float


class DestinationOut(BaseModel):
    """A data platform and what waits for it."""

    code: str
    name: str
    url: str
    legal_basis: str
    content: str
    kinds: list[str]
    state: str
    rests_until: datetime | None
    waiting: int
    dead: int
    lag_seconds: float = Field(description="Age of the oldest event that is not acknowledged.")
    took: LagOut | None


class DeadOut(BaseModel):
    """An event that a data platform refused. What it tells is not shown."""

    id: str
    destination: str
    kind: str
    subject: str
    happened_at: datetime
    attempts: int
    status: int | None
    why: str
    waiting_behind: int = Field(description="How many later events of the same person wait for it.")


class EndsOut(BaseModel):
    """Both ends of a term: the decision, and the acknowledgement by a data platform (S4-14, S4-15)."""

    position: int
    destination: str
    permit: str
    item: str | None
    accepted_on: date | None
    due_on: date | None
    decided_on: date | None
    decided_at: datetime
    handed_over_at: datetime | None
    acknowledged_at: datetime | None
    decided_in_time: bool | None
    acknowledged_in_time: bool | None


@router.get("/destinations", response=list[DestinationOut], openapi_extra=KEEPER)
def list_destinations(request: HttpRequest) -> list[DestinationOut]:
    """Every data platform, and what waits for it."""
    ensure_looks_after_provision(by(request))
    return [_out(standing) for standing in standings()]


@router.post("/destinations", response={201: DestinationOut}, openapi_extra=KEEPER)
def add(request: HttpRequest, payload: DestinationIn) -> Status[DestinationOut]:
    """Name a data platform. It is paused until it has our key: what happens is collected from now on."""
    ensure_looks_after_provision(by(request))
    made = add_destination(**payload.model_dump(), by=by(request))
    return Status(201, _out(Standing(made, 0, 0, None)))


@router.post("/destinations/{code}/pause", response=DestinationOut, openapi_extra=KEEPER)
def pause_one(request: HttpRequest, code: str) -> DestinationOut:
    """Send nothing more; what happens is collected."""
    ensure_looks_after_provision(by(request))
    return _standing_out(pause(code=code, by=by(request)))


@router.post("/destinations/{code}/resume", response=DestinationOut, openapi_extra=KEEPER)
def resume_one(request: HttpRequest, code: str) -> DestinationOut:
    """Send again, at once."""
    ensure_looks_after_provision(by(request))
    return _standing_out(resume(code=code, by=by(request)))


@router.get("/dead", response=list[DeadOut], openapi_extra=KEEPER)
def list_dead(request: HttpRequest) -> list[DeadOut]:
    """What data platforms refused, the oldest first. Each stands in the way of the person's later events."""
    ensure_looks_after_provision(by(request))
    found = list(dead_letters()[:PAGE_LIMIT])
    for push in found:
        record_read(
            "exchange.read_dead", by=by(request), on=("push", push.pk), person_id=push.person_id, purpose="provision"
        )
    return [_dead_out(push, reader_language(request)) for push in found]


@router.post("/dead/{push_id}/replay", response={204: None}, openapi_extra=KEEPER)
def replay_one(request: HttpRequest, push_id: str) -> Status[None]:
    """Send it again, made anew from the record as it is now."""
    ensure_looks_after_provision(by(request))
    replay(push_id=parse_public_id("psh", push_id), by=by(request))
    return Status(204, None)


@router.post("/dead/{push_id}/skip", response={204: None}, openapi_extra=KEEPER)
def skip_one(request: HttpRequest, push_id: str, payload: ReasonIn) -> Status[None]:
    """Give it up, with the reason; the person's later events go on."""
    ensure_looks_after_provision(by(request))
    skip(push_id=parse_public_id("psh", push_id), reason=payload.reason, by=by(request))
    return Status(204, None)


@router.get("/ends", response=list[EndsOut], openapi_extra=KEEPER)
def list_ends(
    request: HttpRequest,
    destination: str = Query("", max_length=32, pattern=r"^[-a-zA-Z0-9_]*$"),
    before: int | None = Query(None, ge=0),
) -> list[EndsOut]:
    """The newest issued permits: when decided, handed over, acknowledged, and whether within the term."""
    ensure_looks_after_provision(by(request))
    return [_ends_out(ends) for ends in ends_of_issues(destination=destination, before=before, limit=PAGE_LIMIT)]


def _standing_out(destination: Destination) -> DestinationOut:
    return next(_out(standing) for standing in standings() if standing.destination.pk == destination.pk)


def _out(standing: Standing) -> DestinationOut:
    destination = standing.destination
    took = push_lag(since=timezone.now() - _LAG_OVER, destination=destination.code)
    return DestinationOut(
        code=destination.code,
        name=destination.name,
        url=destination.url,
        legal_basis=destination.legal_basis,
        content=destination.content,
        kinds=destination.kinds,
        state=destination.state,
        rests_until=destination.rests_until,
        waiting=standing.waiting,
        dead=standing.dead,
        lag_seconds=standing.lag.total_seconds(),
        took=_lag_out(took),
    )


def _lag_out(lag: Lag | None) -> LagOut | None:
    if lag is None:
        return None
    return LagOut(
        count=lag.count,
        median_seconds=lag.median_seconds,
        p95_seconds=lag.p95_seconds,
        longest_seconds=lag.longest_seconds,
    )


def _dead_out(push: Push, language: str) -> DeadOut:
    return DeadOut(
        id=public_id("psh", push.pk),
        destination=push.destination.code,
        kind=push.kind,
        subject=public_id("pmt", push.object_id),
        happened_at=push.happened_at,
        attempts=push.attempts,
        status=push.status,
        why=say(push.failure, language),
        waiting_behind=behind(push),
    )


def _ends_out(ends: Ends) -> EndsOut:
    push = ends.push
    return EndsOut(
        position=push.position,
        destination=push.destination.code,
        permit=public_id("pmt", push.object_id),
        item=ends.item,
        accepted_on=ends.accepted_on,
        due_on=ends.due_on,
        decided_on=ends.decided_on,
        decided_at=push.happened_at,
        handed_over_at=push.handed_over_at,
        acknowledged_at=push.acknowledged_at,
        decided_in_time=ends.decided_in_time,
        acknowledged_in_time=ends.acknowledged_in_time,
    )
