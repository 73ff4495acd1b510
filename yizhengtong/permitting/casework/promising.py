"""告知承诺 and the declaration: what is told before one promises, in the pack's own words, and its fingerprint.

国办发〔2020〕42号: the authority tells in writing what must hold and what a false promise costs. S4-11 makes it
the first of four steps, S4-25 ends the form with the declaration.
"""

import json
from dataclasses import dataclass
from hashlib import sha256

from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServiceItem


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that is told: the code of what must hold or of what follows, its words in the law, and where."""

    code: str
    words: str
    text: str
    article: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised: the conditions, then what a false promise costs. `hash` names exactly this text."""

    conditions: tuple[Told, ...]
    consequences: tuple[Told, ...]
    hash: str


def promise_of(law: Law, item: ServiceItem) -> Promise:
    """Return what one promises who applies for an item at a place, by the law of the day."""
    conditions = tuple(
        Told(condition.rule, condition.source.words, condition.source.text, condition.source.article)
        for condition in item.conditions
    )
    consequences = tuple(
        Told(penalty.act, penalty.act, law["penalties"].source.text, penalty.article)
        for penalty in law.values.get("penalties") or ()
        if _FRAUD in penalty.act
    )
    told = [[each.code, each.words, each.text, each.article] for each in (*conditions, *consequences)]
    return Promise(conditions, consequences, sha256(json.dumps([item.code, told]).encode()).hexdigest())


_FRAUD = "骗领"
"""Of the penalties that the law knows, those for getting a permit by false papers."""
