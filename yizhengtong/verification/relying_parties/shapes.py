"""What is told of a relying party, its purposes, keys and figures: one shape for every audience that may read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yizhengtong.foundation.texts import say
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import public_id
from yizhengtong.verification.relying_parties.authenticating import KEY, PARTY
from yizhengtong.verification.relying_parties.figures import latency_of, minutes_of, quota_of, used_of
from yizhengtong.verification.relying_parties.models import (
    Environment,
    PurposeGrant,
    RelyingParty,
    RelyingPartyAddress,
    RelyingPartyKey,
)
from yizhengtong.verification.relying_parties.queries import is_good

GRANT, ADDRESS = "rpg", "rpu"
"""Prefixes of public ids."""
Told = Mapping[str, Any]


def told_of_party(party: RelyingParty, language: str) -> Told:
    """Return what an organisation and who reviews it read of it."""
    return {
        "id": public_id(PARTY, party.pk), "name": party.name, "credit_code": party.credit_code, "state": party.state,
        "state_words": say(f"relying_parties.state_{party.state}", language), "reason": party.reason,
        "quota_a_day": quota_of(party, is_test=False), "registered_at": party.registered_at, "version": party.version,
    }  # fmt: skip


def told_of_grant(grant: PurposeGrant, language: str) -> Told:
    """Return what was asked for and what was answered."""
    return {
        "id": public_id(GRANT, grant.pk), "purpose": grant.purpose, "legal_basis": grant.legal_basis,
        "purpose_words": say(f"relying_parties.purpose_{grant.purpose}", language), "claims": grant.claims,
        "state": grant.state, "state_words": say(f"relying_parties.grant_{grant.state}", language),
        "reason": grant.reason, "asked_at": grant.asked_at, "reviewed_at": grant.reviewed_at,
    }  # fmt: skip


def told_of_key(key: RelyingPartyKey, at: datetime) -> Told:
    """Return what may be known of a key: nothing by which it could be used."""
    return {
        "id": public_id(KEY, key.pk), "kind": key.kind, "environment": key.environment, "label": key.label,
        "name": key.name, "is_good": is_good(key, at), "not_before": key.not_before, "not_after": key.not_after,
        "revoked_at": key.revoked_at, "revoked_because": key.revoked_because, "last_used_at": key.last_used_at,
    }  # fmt: skip


def told_of_address(address: RelyingPartyAddress) -> Told:
    """Return an address as it was registered."""
    return {"id": public_id(ADDRESS, address.pk), "kind": address.kind, "uri": address.uri}


def told_of_figures(party: RelyingParty, environment: str, since: datetime, at: datetime) -> Told:
    """Return the figures of a party from an instant to now, minute by minute, and its quota of this legal day."""
    minutes = minutes_of(party, environment, since)
    latency = latency_of(minutes)
    return {
        "environment": environment, "since": since, "as_of": at,
        "quota_a_day": quota_of(party, is_test=environment == Environment.TEST),
        "used_today": used_of(party, environment, legal_day(at)),
        "count": latency.count, "p50_ms": latency.p50_ms, "p95_ms": latency.p95_ms, "p99_ms": latency.p99_ms,
        "minutes": [
            {
                "at": each.at, "way": each.way, "outcome": each.outcome, "code": each.code, "count": each.count,
                "buckets": each.buckets,
            }
            for each in minutes
        ],
    }  # fmt: skip
