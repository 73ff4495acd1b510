"""Checks and tickets in words, for whoever shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from yizhengtong.foundation.texts import knows, say
from yizhengtong.kernel.ids import public_id
from yizhengtong.verification.checks.models import Check, Outcome
from yizhengtong.verification.holders.models import Ticket
from yizhengtong.verification.relying_parties.authenticating import PARTY
from yizhengtong.verification.relying_parties.models import RelyingParty

_CLAIMS = ("showing.claim", "holders.claim")


class _Made(Protocol):
    """What a check and a ticket about one have in common."""

    relying_party: RelyingParty | None
    way: str
    purpose: str


@dataclass(frozen=True, slots=True)
class WordedCheck:
    """A check in words. `outcome`: its code; `party_id`: none where whoever checked is not registered."""

    id: str
    at: datetime
    party_id: str | None
    party: str
    way: str
    purpose: str
    outcome: str
    outcome_words: str
    claims: tuple[str, ...]

    @property
    def has_failed(self) -> bool:
        return self.outcome in {Outcome.NO_MATCH, Outcome.REFUSED}


def worded_check(check: Check, language: str) -> WordedCheck:
    """Return a check in words; only names of what was compared or told, for no values are kept."""
    return _worded(check, check.pk, check.at, check.ended, check.claims or (), language)


def worded_doubt(ticket: Ticket, language: str) -> WordedCheck:
    """Return the check that a ticket is about, in words."""
    return _worded(ticket, ticket.check_id, ticket.checked_at, ticket.outcome, ticket.claims, language)


def _worded(
    made: _Made, check_id: UUID, at: datetime, outcome: str, claims: Sequence[str], language: str
) -> WordedCheck:
    party = made.relying_party
    return WordedCheck(
        id=public_id("chk", check_id),
        at=at,
        party_id=public_id(PARTY, party.pk) if party else None,
        party=party.name if party else say("holders.somebody", language),
        way=say(f"holders.way_{made.way}", language),
        purpose=say(f"relying_parties.purpose_{made.purpose}", language),
        outcome=outcome,
        outcome_words=say(f"holders.outcome_{outcome}", language),
        claims=tuple(_claim(name, language) for name in claims),
    )


def _claim(name: str, language: str) -> str:
    """Return the words of a claim, or of a field that was compared; `other` for one that has none."""
    codes = [f"{room}_{name}" for room in _CLAIMS]
    return say(next(filter(knows, codes), "holders.claim_other"), language)
