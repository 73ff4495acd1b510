"""A bank that checks, and what it sends."""

from datetime import date
from typing import Any

from tests.support.law import TODAY
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.verification.checks.matching import Answer, match
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.services import register_relying_party

NAME, BORN = "葉小明", date(1994, 8, 23)


def a_caller(*purposes: str, name: str = "泉城演示银行", is_test: bool = False) -> Caller:
    """Return a relying party that calls by a key of its own."""
    party, _ = register_relying_party(name=name, legal_basis="反洗钱法", purposes=purposes, by=SYSTEM)
    return Caller(party, new_id(), is_test)


def ask(caller: Caller, number: str, **changes: Any) -> Answer:
    """Check as a bank does that was shown everything, changed in some fields."""
    sent: dict[str, Any] = {
        "purpose": "bank", "kind": DocumentKind.HMT_PERMIT, "number": number, "name": NAME, "birth_date": BORN,
        "on": TODAY,
    }  # fmt: skip
    return match(caller=caller, **(sent | changes))


def told(answer: Answer) -> tuple[bool, str | None]:
    """Return the answer in short: whether all agrees, and how the permit stands."""
    return answer.is_match, answer.state
