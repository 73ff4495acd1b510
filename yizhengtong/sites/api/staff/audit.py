"""The audit trail for auditors: who read or did what. Looking into it is itself in it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.accounts.models import Account, Office
from yizhengtong.foundation.accounts.policies import ensure_role, ensure_second_factor
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.queries import Wanted, search_trail
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.web.paging import PAGE_LIMIT, decode_cursor, encode_cursor
from yizhengtong.kernel.errors import FieldError, Invalid, NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.sites.api.framework import by, policy

router = Router()
_PREFIXES = {
    "person": "per",
    "case": "cas",
    "application": "apl",
    "permit": "pmt",
    "evidence": "evi",
    "document": "doc",
}
Purpose = Literal["complaint", "inspection", "incident", "yearly_audit", "asked_by_person", "court"]


class EntryOut(BaseModel):
    """One act or read. Names of fields, never what stands in them."""

    id: str
    at: datetime
    kind: str = Field(description="act, read or refused")
    action: str
    actor_kind: str
    officer: str | None = Field(description="User name of the officer.")
    office: str | None = Field(description="Code of the office.")
    person_id: str | None
    object_kind: str
    object_id: str | None
    purpose: str
    fields: list[str]
    request_id: str
    retention: str


class TrailOut(BaseModel):
    """A page of the trail, newest first; `next` reads on."""

    items: list[EntryOut]
    next: str | None


@router.get("", response=TrailOut, openapi_extra=policy("auditor of the area"))
def read_trail(
    request: HttpRequest,
    purpose: Purpose = Query(..., description="Why it is looked into; it goes on record."),
    person_id: str | None = Query(None, max_length=64),
    officer: str | None = Query(None, max_length=150, description="An officer's user name."),
    office: str | None = Query(None, max_length=32, description="An office's code."),
    action: str | None = Query(None, max_length=64, description="Such as people.read."),
    since: date | None = Query(None, description="The first day."),
    until: date | None = Query(None, description="The day after the last."),
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=PAGE_LIMIT),
) -> TrailOut:
    """Who read or did what. Name a person or days (个人信息保护法 art. 54; 未成年人网络保护条例 art. 37)."""
    ensure_second_factor(by(request))
    ensure_role(by(request), Role.AUDITOR)
    if person_id is None and (since is None or until is None):
        raise Invalid("web.fields_wrong", errors=[FieldError("since", "audit.person_or_days_needed")])
    wanted = Wanted(
        person_id=parse_public_id("per", person_id) if person_id is not None else None,
        officer_id=_key_of_officer(officer) if officer is not None else None,
        office_id=_key_of_office(office) if office is not None else None,
        action=action,
        since=since,
        until=until,
    )
    record_read(
        "audit.search", by=by(request), on=("trail", None), person_id=wanted.person_id, purpose=purpose,
        fields=wanted.names,
    )  # fmt: skip
    found = search_trail(wanted, offices=_offices(by(request)), before=_position(cursor), limit=limit + 1)
    following = encode_cursor([str(found[limit - 1].pk)]) if len(found) > limit else None
    return TrailOut(items=_out(found[:limit]), next=following)


def _offices(auditor: Principal) -> Collection[UUID] | None:
    """Return the offices whose officers an auditor sees; None, also residents and partners, for the top office's."""
    if "." not in auditor.office_path:
        return None
    area = Q(path=auditor.office_path) | Q(path__startswith=f"{auditor.office_path}.")
    return list(Office.objects.filter(area).values_list("pk", flat=True))


def _key_of_officer(username: str) -> UUID:
    found = Account.objects.filter(username=username, staff_member__isnull=False).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("not_found")
    return found


def _key_of_office(code: str) -> UUID:
    found = Office.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("not_found")
    return found


def _position(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except ValueError:
        raise Invalid("web.fields_wrong", errors=[FieldError("cursor", "web.cursor_wrong")]) from None


def _out(entries: Sequence[Entry]) -> list[EntryOut]:
    officers = {entry.actor_id for entry in entries if entry.actor_id and entry.actor_kind == "staff"}
    offices = {entry.office_id for entry in entries if entry.office_id}
    names = dict(Account.objects.filter(pk__in=officers).values_list("pk", "username"))
    codes = dict(Office.objects.filter(pk__in=offices).values_list("pk", "code"))
    return [
        EntryOut(
            id=public_id("aud", entry.pk),
            at=entry.at,
            kind=entry.kind,
            action=entry.action,
            actor_kind=entry.actor_kind,
            officer=names.get(entry.actor_id) if entry.actor_id else None,
            office=codes.get(entry.office_id) if entry.office_id else None,
            person_id=public_id("per", entry.person_id) if entry.person_id else None,
            object_kind=entry.object_kind,
            object_id=public_id(_PREFIXES.get(entry.object_kind, "obj"), entry.object_id) if entry.object_id else None,
            purpose=entry.purpose,
            fields=entry.fields,
            request_id=entry.request_id,
            retention=entry.retention,
        )
        for entry in entries
    ]
