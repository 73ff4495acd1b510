"""Which of two values of the law is better for the applicant.

Every function answers 1 (the first is better), -1 (the second is), 0 (neither) or None (they cannot be compared).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from yizhengtong.law.floating import RegistrationExemption
from yizhengtong.law.values import (
    Extension,
    Fee,
    Limit,
    ProofRule,
    ProxyRule,
    ResidenceMeasure,
    Validity,
)

Favour = Callable[[Any, Any], int | None]


def lower(a: Any, b: Any) -> int:
    return int(a < b) - int(a > b)


def higher(a: Any, b: Any) -> int:
    return int(a > b) - int(a < b)


def one_is(best: object) -> Favour:
    """`best` is better than any other value; the others are alike."""
    return lambda a, b: (a == best) - (b == best)


def same(a: Any, b: Any) -> int | None:
    """Nobody gains by either: equal or not to be compared."""
    return 0 if a == b else None


def neutral(a: Any, b: Any) -> int:  # noqa: ARG001
    """How a thing is done or called: nothing an applicant gains or loses."""
    return 0


def more_choices(a: Iterable[Any], b: Iterable[Any]) -> int | None:
    """A list of which any one will do: more is better."""
    first, second = set(a), set(b)
    if first == second:
        return 0
    return 1 if first > second else -1 if first < second else None


def fewer_demands(a: Iterable[Any], b: Iterable[Any]) -> int | None:
    """A list of which all are demanded or refused: fewer is better."""
    return _turned(more_choices(a, b))


def together(parts: Iterable[int | None]) -> int | None:
    """The whole is better if no part is worse; parts that pull both ways cannot be compared."""
    signs = set(parts)
    if None in signs or {1, -1} <= signs:
        return None
    return 1 if 1 in signs else -1 if -1 in signs else 0


def limit(a: Limit, b: Limit) -> int | None:
    if (a.unit, a.start) != (b.unit, b.start):
        return None
    return together((lower(a.n, b.n), _ends_earlier(a.end, b.end)))


def longer_limit(a: Limit, b: Limit) -> int | None:
    """A time the applicant has: the longer the better."""
    if (a.unit, a.start, a.end) != (b.unit, b.start, b.end):
        return None
    return higher(a.n, b.n)


def extension(a: Extension, b: Extension) -> int | None:
    return lower(a.n, b.n) if (a.unit, a.where) == (b.unit, b.where) else None


def residence(a: ResidenceMeasure, b: ResidenceMeasure) -> int | None:
    if a.measure != b.measure:
        return None
    return together(
        (
            lower(a.n, b.n),
            _wider(a.scope, b.scope),
            one_is(False)(a.contiguous, b.contiguous),
            one_is("any")(a.evidence, b.evidence),
        )
    )


def fee(a: Fee, b: Fee) -> int | None:
    if a == b:
        return 0
    if "free" in (a.charge, b.charge):
        return one_is("free")(a.charge, b.charge)
    return None if a.fen is None or b.fen is None else lower(a.fen, b.fen)


def proxies(a: tuple[ProxyRule, ...], b: tuple[ProxyRule, ...]) -> int | None:
    return _rules(a, b, name=lambda rule: rule.who, compare=_proxy)


def proofs(a: tuple[ProofRule, ...], b: tuple[ProofRule, ...]) -> int | None:
    return _rules(a, b, name=lambda rule: rule.evidence, compare=_proof)


def exemptions(a: tuple[RegistrationExemption, ...], b: tuple[RegistrationExemption, ...]) -> int | None:
    """More groups are better, and for each a longer stay."""
    return _rules(a, b, name=lambda rule: rule.group, compare=lambda x, y: _longer(x.most_days, y.most_days))


def validity(a: Validity, b: Validity) -> int | None:
    if a.n is not None and b.n is not None and a.unit != b.unit:
        return None
    return together((_longer(a.n, b.n), one_is("none")(a.endorsement, b.endorsement)))


def _turned(sign: int | None) -> int | None:
    return None if sign is None else -sign


def _longer(a: int | None, b: int | None) -> int:
    endless = (a is None) - (b is None)
    return endless if a is None or b is None else higher(a, b)


def _ends_earlier(a: str, b: str) -> int | None:
    """To have the permit issued within a time is more than to have only a notice or a signature within it."""
    return one_is("issued")(a, b) if "issued" in (a, b) else same(a, b)


_SCOPES: Mapping[str, int] = {"county": 0, "city": 1, "province": 2, "nation": 3}


def _wider(a: str, b: str) -> int:
    return higher(_SCOPES[a], _SCOPES[b])


def _rules(a: tuple[Any, ...], b: tuple[Any, ...], *, name: Callable[[Any], str], compare: Favour) -> int | None:
    first, second = {name(rule): rule for rule in a}, {name(rule): rule for rule in b}
    shared = (compare(first[each], second[each]) for each in sorted(first.keys() & second.keys()))
    return together((more_choices(first, second), *shared))


def _proxy(a: ProxyRule, b: ProxyRule) -> int | None:
    ages = (_longer(a.under_age, b.under_age), _turned(_later(a.from_age, b.from_age)))
    return together((*ages, more_choices(a.by, b.by), fewer_demands(a.papers, b.papers)))


def _later(a: int | None, b: int | None) -> int:
    return higher(a or 0, b or 0)


def _proof(a: ProofRule, b: ProofRule) -> int | None:
    demands = fewer_demands(a.requires, b.requires)
    if a.n is None or b.n is None:
        return together(((a.n is None) - (b.n is None), demands))
    return together((lower(a.n, b.n) if a.unit == b.unit else None, demands))
