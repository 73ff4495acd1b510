"""What more than one API tells of relying parties."""

from datetime import datetime

from pydantic import BaseModel, Field

from yizhengtong.verification.relying_parties.bounds import LATENCIES_MS


class KeyOut(BaseModel):
    """A key, without anything by which it could be used. `name`: its `kid` in assertions."""

    id: str
    kind: str
    environment: str
    label: str
    name: str
    is_good: bool
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None
    revoked_because: str
    last_used_at: datetime | None = Field(description="To the minute.")


class PartyOut(BaseModel):
    """An organisation and how it stands. `id` is its `client_id`."""

    id: str
    name: str
    credit_code: str
    state: str
    state_words: str
    reason: str
    quota_a_day: int
    registered_at: datetime
    version: int


class GrantOut(BaseModel):
    """A purpose that was asked for, and the answer."""

    id: str
    purpose: str
    purpose_words: str
    legal_basis: str
    claims: list[str]
    state: str
    state_words: str
    reason: str
    asked_at: datetime
    reviewed_at: datetime | None


class MinuteOut(BaseModel):
    """Requests of one minute that ended in one way. `outcome`: answered, refused or failed; `code`: of the problem."""

    at: datetime
    way: str
    outcome: str
    code: str
    count: int
    buckets: list[int] = Field(
        description=f"Requests by the milliseconds they took: up to {', '.join(map(str, LATENCIES_MS))}, longer."
    )


class FiguresOut(BaseModel):
    """How one's requests fare. Quantiles are upper ends of buckets, over everything in the answer."""

    environment: str
    since: datetime
    as_of: datetime
    quota_a_day: int
    used_today: int
    count: int
    p50_ms: int
    p95_ms: int
    p99_ms: int
    minutes: list[MinuteOut]
