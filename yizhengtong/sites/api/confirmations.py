"""What registers said of an application, in words."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from yizhengtong.foundation.texts import say
from yizhengtong.law.law import Law
from yizhengtong.permitting.applications.confirming import REGISTERS
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.permitting.applications.models import Confirmation
from yizhengtong.permitting.casework.wording import worded_confirmation


class ConfirmationOut(BaseModel):
    """What a register said of one kind of proof. Where it is confirmed, no paper is asked for."""

    kind: str = Field(description="The kind of proof.")
    result: str = Field(description="confirmed, not_enough, not_found or unavailable")
    words: str
    register_kind: str
    as_of: date | None = Field(description="Of which day the register's content is.")
    asked_at: datetime
    basis: str = Field(description="statutory_duty, or the use that was agreed to.")
    source: str


def confirmation_out(confirmation: Confirmation, language: str) -> ConfirmationOut:
    """Return what a register said of a kind of proof."""
    return ConfirmationOut(
        kind=confirmation.evidence,
        result=confirmation.result,
        words=worded_confirmation(confirmation, language),
        register_kind=confirmation.kept_in,
        as_of=confirmation.as_of,
        asked_at=confirmation.asked_at,
        basis=confirmation.basis,
        source=confirmation.source,
    )


def confirmed_words(kind: str, law: Law, facts: Facts, language: str) -> str:
    """Return by which register a kind of proof stands confirmed, and as of when; empty where it does not."""
    confirmed = facts.confirmed.get(kind)
    if confirmed is None:
        return ""
    kept_in = {proof.evidence: proof.kept_in for proof in (law.value(REGISTERS) if REGISTERS in law else None) or ()}
    told = {"register": f"registers.{kept_in.get(kind, '')}", "day": confirmed.as_of}
    return say("applications.register_confirmed", language, told)
