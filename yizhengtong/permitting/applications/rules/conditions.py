"""The conditions that service items name. A pack's item says which of them apply; this table says what each asks.

Pure: facts in, findings out, no clock. `on` is the legal day on which the question is asked.
"""

from collections.abc import Collection
from datetime import date

from yizhengtong.kernel.findings import Finding
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServiceItem
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.permitting.applications.rules import floating, hmt, settlement
from yizhengtong.permitting.applications.rules.shapes import Conditions

IN_PERSON = frozenset({"photo_is_available", "fingerprints_are_captured", "form_is_signed"})
"""Conditions that only the visit to a service point can meet: they are not asked before it."""

CONDITIONS: Conditions = {**hmt.CONDITIONS, **floating.CONDITIONS, **settlement.CONDITIONS}
"""Every rule of `law.schema.RULES`, gathered from the modules of the permits."""


def look_at_conditions(
    facts: Facts, law: Law, item: ServiceItem, on: date, *, leave_out: Collection[str] = ()
) -> list[Finding]:
    """Return a finding for each condition of the item, in the pack's order."""
    return [
        CONDITIONS[condition.rule](facts, law, item, on, condition.source)
        for condition in item.conditions
        if condition.rule not in leave_out
    ]
