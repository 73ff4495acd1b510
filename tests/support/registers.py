"""Registers of the deployment for tests: a folder of their own, and what stands in it about a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from yizhengtong.foundation.exchange.registers.contract import (
    BusinessLicence,
    Fact,
    HouseholdRegister,
    Kind,
    Number,
    SocialInsurance,
)
from yizhengtong.foundation.exchange.registers.files import write_register
from yizhengtong.kernel.numbers import DocumentKind

NANCHONG = "511302"
ALIVE = HouseholdRegister(NANCHONG, "演示街9号", has_died=False)
INSURED = SocialInsurance(3, date(2026, 8, 31))
LICENSED = BusinessLicence(date(2026, 6, 1), "active")


def registers_in(settings: Any, folder: Path, **changes: Any) -> None:
    """Let the deployment ask the registers of a folder."""
    settings.YZT_REGISTERS = {**settings.YZT_REGISTERS, "folder": folder, "services": {}, **changes}


def put(settings: Any, kind: Kind, number: str, *facts: Fact, as_of: date) -> None:
    """Put a register in place that knows one person."""
    rows = [(Number(DocumentKind.RESIDENT_ID, number), fact) for fact in facts]
    write_register(settings.YZT_REGISTERS["folder"], kind, rows, as_of=as_of, register=f"test-{kind.replace('_', '-')}")


@contextmanager
def answering_source() -> Iterator[None]:
    """Have decisions ask what was kept, as a running deployment does."""
    from yizhengtong.permitting.applications import confirmed
    from yizhengtong.permitting.applications.confirming import confirmations_of

    before = confirmed._source
    confirmed.answer_from(confirmations_of)
    try:
        yield
    finally:
        confirmed.answer_from(before)
