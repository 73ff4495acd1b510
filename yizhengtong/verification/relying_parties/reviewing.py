"""What an officer answers: each purpose granted or refused with a reason, a party suspended, let in again, ended."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act, record_read
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, NotFound, Stale
from yizhengtong.verification.relying_parties.bounds import LONGEST_REASON, MOST_QUOTA
from yizhengtong.verification.relying_parties.models import (
    PurposeGrant,
    RelyingParty,
    RelyingPartyKey,
    RelyingPartyMember,
)
from yizhengtong.verification.relying_parties.policies import ensure_reviews
from yizhengtong.verification.relying_parties.purposes import purposes

_Asked, _State = PurposeGrant.State, RelyingParty.State


def parties_for(by: Principal, *, state: str = "", after: UUID | None = None, most: int) -> Sequence[RelyingParty]:
    """Return relying parties to who reviews them, the oldest first; those that wait are in state `applied` or asked
    for a further purpose. Raises NotFound, Forbidden.
    """
    ensure_reviews(by)
    found = RelyingParty.objects.order_by("id")
    if state == _State.APPLIED:
        found = found.filter(grants__state=_Asked.APPLIED).distinct()
    elif state:
        found = found.filter(state=state)
    return list((found.filter(pk__gt=after) if after else found)[:most])


def party_for(party_id: UUID, by: Principal) -> tuple[RelyingParty, Sequence[str]]:
    """Return a relying party with how its members are reached; the read is recorded. Raises NotFound, Forbidden."""
    ensure_reviews(by)
    party = RelyingParty.objects.filter(pk=party_id).first()
    if party is None:
        raise NotFound("not_found")
    members = RelyingPartyMember.objects.filter(relying_party=party).order_by("id")
    record_read("relying_parties.read", by=by, on=("relying_party", party.pk), person_id=None, purpose="review",
                fields=["contact"])  # fmt: skip
    return party, [str(member.contact) for member in members]


@use_case
def answer_purpose(
    *, grant_id: UUID, is_granted: bool, claims: Sequence[str], reason: str, version: int, by: Principal, at: datetime
) -> RelyingParty:
    """Grant a purpose that was asked for, with those claims of the ones asked for that serve it, or refuse it.

    Raises NotFound, Stale, Invalid `relying_parties.review_invalid` for claims that were not asked for or a refusal
    without a reason, Conflict `relying_parties.not_open`.
    """
    asked, party = _asked(grant_id, version, by)
    if asked.state != _Asked.APPLIED or party.state in {_State.SUSPENDED, _State.ENDED}:
        raise Conflict("relying_parties.not_open")
    _ensure_review(asked, is_granted, claims, reason)
    asked.state = _Asked.GRANTED if is_granted else _Asked.REFUSED
    asked.claims = list(claims) if is_granted else asked.claims
    _decide(asked, reason, by, at)
    _settle(party, by, at)
    _record("relying_parties.grant" if is_granted else "relying_parties.refuse", party, by, [asked.purpose])
    return party


@use_case
def withdraw_purpose(*, grant_id: UUID, reason: str, version: int, by: Principal, at: datetime) -> RelyingParty:
    """Take a granted purpose away, at once, with a reason. Raises as `answer_purpose`."""
    granted, party = _asked(grant_id, version, by)
    if granted.state != _Asked.GRANTED:
        raise Conflict("relying_parties.not_open")
    _ensure_reason(reason)
    granted.state = _Asked.WITHDRAWN
    _decide(granted, reason, by, at)
    _settle(party, by, at)
    _record("relying_parties.withdraw", party, by, [granted.purpose])
    return party


@use_case
def suspend(*, party_id: UUID, reason: str, version: int, by: Principal, at: datetime) -> RelyingParty:
    """Let a party in no more, at once and by no key, until `resume`. Raises Conflict `relying_parties.not_open`."""
    party = _party(party_id, version, by)
    _ensure_reason(reason)
    if not party.is_active:
        raise Conflict("relying_parties.not_open")
    party.state, party.is_active, party.reason = _State.SUSPENDED, False, reason.strip()
    _save(party, by, at)
    _record("relying_parties.suspend", party, by)
    return party


@use_case
def resume(*, party_id: UUID, version: int, by: Principal, at: datetime) -> RelyingParty:
    """Let a suspended party in again, with the purposes and keys it had. Raises Conflict `relying_parties.not_open`."""
    party = _party(party_id, version, by)
    if party.state != _State.SUSPENDED:
        raise Conflict("relying_parties.not_open")
    party.is_active, party.reason = True, ""
    _settle(party, by, at)
    _record("relying_parties.resume", party, by)
    return party


@use_case
def end(*, party_id: UUID, reason: str, version: int, by: Principal, at: datetime) -> RelyingParty:
    """End a party for good: its keys are revoked and its purposes gone. Raises Conflict `relying_parties.not_open`."""
    party = _party(party_id, version, by)
    _ensure_reason(reason)
    if party.state == _State.ENDED:
        raise Conflict("relying_parties.not_open")
    party.state, party.is_active, party.reason, party.purposes = _State.ENDED, False, reason.strip(), []
    _save(party, by, at)
    RelyingPartyKey.objects.filter(relying_party=party, revoked_at=None).update(revoked_at=at, revoked_because="ended")
    open_ones = PurposeGrant.objects.filter(relying_party=party, state__in=[_Asked.APPLIED, _Asked.GRANTED])
    open_ones.update(state=_Asked.WITHDRAWN, reason=reason.strip(), reviewed_by=by.id, reviewed_at=at)
    _record("relying_parties.end", party, by)
    return party


@use_case
def set_quota(*, party_id: UUID, quota_a_day: int | None, version: int, by: Principal, at: datetime) -> RelyingParty:
    """Say how many requests a party may make in a legal day; None: what everybody may. Raises Invalid."""
    party = _party(party_id, version, by)
    if quota_a_day is not None and not 0 <= quota_a_day <= MOST_QUOTA:
        raise Invalid("relying_parties.review_invalid", errors=[FieldError("quota_a_day", "web.field_wrong")])
    party.quota_a_day = quota_a_day
    _save(party, by, at)
    _record("relying_parties.set_quota", party, by)
    return party


def _party(party_id: UUID, version: int, by: Principal) -> RelyingParty:
    ensure_reviews(by)
    party = RelyingParty.objects.select_for_update(no_key=True).filter(pk=party_id).first()
    if party is None:
        raise NotFound("not_found")
    if party.version != version:
        raise Stale("web.stale_version")
    return party


def _asked(grant_id: UUID, version: int, by: Principal) -> tuple[PurposeGrant, RelyingParty]:
    ensure_reviews(by)
    asked = PurposeGrant.objects.filter(pk=grant_id).first()
    if asked is None:
        raise NotFound("not_found")
    party = _party(asked.relying_party_id, version, by)
    return PurposeGrant.objects.select_for_update().get(pk=grant_id), party


def _ensure_review(asked: PurposeGrant, is_granted: bool, claims: Sequence[str], reason: str) -> None:
    if not is_granted:
        _ensure_reason(reason)
    most = set(asked.claims) & set(purposes()[asked.purpose].claims)
    if is_granted and not set(claims) <= most:
        wrong = [FieldError("claims", "relying_parties.claims_wrong")]
        raise Invalid("relying_parties.review_invalid", errors=wrong)


def _ensure_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        wrong = [FieldError("reason", "relying_parties.reason_wrong", {"most": LONGEST_REASON})]
        raise Invalid("relying_parties.review_invalid", errors=wrong)


def _decide(asked: PurposeGrant, reason: str, by: Principal, at: datetime) -> None:
    asked.reason, asked.reviewed_by, asked.reviewed_at = reason.strip(), by.id, at
    asked.save(update_fields=["state", "claims", "reason", "reviewed_by", "reviewed_at"])


def _settle(party: RelyingParty, by: Principal, at: datetime) -> None:
    """Bring a party's purposes and state in line with its grants."""
    states = dict(PurposeGrant.objects.filter(relying_party=party).order_by("id").values_list("purpose", "state"))
    party.purposes = [purpose for purpose, state in states.items() if state == _Asked.GRANTED]
    if party.is_active:
        waits = _State.APPLIED if _Asked.APPLIED in states.values() else _State.TEST
        party.state = _State.APPROVED if party.purposes else waits
    _save(party, by, at)


def _save(party: RelyingParty, by: Principal, at: datetime) -> None:
    party.decided_by, party.decided_at, party.version = by.id, at, party.version + 1
    party.save(
        update_fields=["state", "is_active", "reason", "purposes", "quota_a_day", "decided_by", "decided_at", "version"]
    )


def _record(action: str, party: RelyingParty, by: Principal, fields: Sequence[str] = ()) -> None:
    record_act(action, by=by, on=("relying_party", party.pk), person_id=None, fields=fields)
