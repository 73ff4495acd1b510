"""Values of the law as sentences: a code of texts.yaml with its facts, where it stands, how certain it is, since when.

Pure. A value of several parts is one sentence with parts; what is known not to be found is said so, never left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yizhengtong.kernel.findings import Source
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import Parameter, Reading
from yizhengtong.law.schema import Names
from yizhengtong.law.values import Certainty, ProofRule

_CENTS = 100


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence: `facts` fill the words of `code`."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What the law says of one thing, in `parts` where it says several.

    `is_partly_certain`: parts of it are less certain than the whole. `readings`: all values in force where the texts
    differ, the most favourable first; empty where there is one. `since`, `until`: days in force, half-open.
    """

    key: str
    says: Saying
    source: Source
    certainty: Certainty
    since: date | None = None
    until: date | None = None
    parts: tuple[Saying, ...] = ()
    is_partly_certain: bool = False
    readings: tuple["Told", ...] = ()


def told(law: Law, key: str) -> Told | None:
    """Return what the law says for a key; None where no pack sets it."""
    if key not in law:
        return None
    parameter = law[key]
    readings = tuple(_one(law, key, each) for each in parameter.readings) if parameter.deviation else ()
    return _one(law, key, parameter, readings)


def told_all(law: Law, keys: Iterable[str]) -> tuple[Told, ...]:
    """Return what the law says for those of the keys that it sets, in their order."""
    return tuple(found for key in keys if (found := told(law, key)) is not None)


def _one(law: Law, key: str, said: Parameter | Reading, readings: tuple[Told, ...] = ()) -> Told:
    says, *parts = _sentences(law, key, said.value)
    return Told(
        key,
        says,
        said.source,
        said.certainty,
        said.since,
        said.until,
        tuple(parts),
        any(mark != "C" for mark in said.marks.values()),
        readings,
    )


def _sentences(law: Law, key: str, value: Any) -> Sequence[Saying]:
    """Return the sentence for a value, then its parts."""
    if value is None:
        return [Saying("guide.not_found", {"what": f"guide.of.{key}"})]
    if key in _SAID:
        return _SAID[key](law, value)
    if key.endswith(".proofs"):
        return [Saying(f"guide.of.{key}"), *(each for rule in value for each in proof(law, rule))]
    if isinstance(value, bool):
        return [Saying(f"guide.{key}.{'yes' if value else 'no'}")]
    if isinstance(value, str):
        return [Saying(f"guide.{key}.{value}")]
    return [Saying(f"guide.of.{key}"), *(Saying(f"guide.{key}.{each}") for each in value)]


def proof(law: Law, rule: ProofRule) -> list[Saying]:
    """Return a kind of proof with the least time it must show, then what else must be so."""
    named = {"name": name_of_evidence(law, rule.evidence)}
    if rule.minimum is not None:
        measured = {"n": rule.n, "unit": f"guide.unit_{rule.unit}"}
        first = Saying(f"guide.proof_{rule.measured or 'held'}", {**named, **measured})
    else:
        first = Saying("guide.proof", named)
    if not rule.requires:
        return [first]
    requires = [f"applications.requires_{each}" for each in rule.requires]
    if rule.minimum is None:
        return [Saying("guide.proof_requires", {**named, "requirement": requires})]
    return [first, Saying("guide.proof_requires", {**named, "requirement": requires})]


def name_of_evidence(law: Law, code: str) -> object:
    """Return the names of a kind of paper by language, as `say` takes them; its code where no pack names it."""
    return _by_language(law.evidence[code].name) if code in law.evidence else code


def _measure(_law: Law, value: Any) -> list[Saying]:
    facts = {"n": value.n, "area": f"guide.area_{value.scope}"}
    kind = "contiguous" if value.contiguous else "summed"
    evidence = [Saying("guide.residence_registered")] if value.evidence == "registered" else []
    return [Saying(f"guide.residence_{value.measure}_{kind}", facts), *evidence]


def _limit(_law: Law, value: Any) -> list[Saying]:
    facts = {"n": value.n, "unit": f"guide.unit_{value.unit}", "start": f"guide.start_{value.start}"}
    return [Saying(f"guide.limit_{value.end}", facts)]


def _extension(_law: Law, value: Any) -> list[Saying]:
    return [Saying(f"guide.extension_{value.where}", {"n": value.n, "unit": f"guide.unit_{value.unit}"})]


def _fee(_law: Law, value: Any) -> list[Saying]:
    if value.charge == "free":
        return [Saying("guide.fee_free")]
    if value.fen is None:
        return [Saying("guide.fee_amount_unknown")]
    return [Saying("guide.fee_amount", {"yuan": f"{value.fen / _CENTS:.2f}"})]


def _proxies(_law: Law, value: Any) -> list[Saying]:
    return [Saying("guide.of.proxy.rules"), *(_proxy(rule) for rule in value)]


def _proxy(rule: Any) -> Saying:
    facts: dict[str, object] = {
        "by": [f"guide.by_{each}" for each in rule.by],
        "papers": [f"guide.proxy_paper_{each}" for each in rule.papers],
        "age": rule.under_age or rule.from_age or "",
    }
    kind = "elderly_from" if rule.who == "elderly" and rule.from_age else rule.who
    return Saying(f"guide.proxy_{kind}" if rule.papers else f"guide.proxy_{kind}_alone", facts)


def _validity(_law: Law, value: Any) -> list[Saying]:
    if value.n is not None:
        return [Saying("guide.validity", {"n": value.n, "unit": f"guide.unit_{value.unit}"})]
    return [Saying(f"guide.validity_{value.endorsement}")]


def _window(_law: Law, value: Any) -> list[Saying]:
    return [Saying("guide.endorsement.window", {"n": value.n, "unit": f"guide.unit_{value.unit}"})]


def _evidence(key: str) -> Callable[[Law, Any], list[Saying]]:
    return lambda law, value: [
        Saying(f"guide.of.{key}"),
        *(Saying("guide.proof", {"name": name_of_evidence(law, each)}) for each in value),
    ]


def _codes(key: str, prefix: str) -> Callable[[Law, Any], list[Saying]]:
    return lambda _law, value: [Saying(f"guide.of.{key}"), *(Saying(f"{prefix}{each}") for each in value)]


def _number(key: str) -> Callable[[Law, Any], list[Saying]]:
    return lambda _law, value: [Saying(f"guide.{key}", {"n": value})]


def _text(key: str) -> Callable[[Law, Any], list[Saying]]:
    return lambda _law, value: [Saying(f"guide.{key}", {"name": value})]


def _grounds(_law: Law, value: Any) -> list[Saying]:
    return [Saying("guide.of.settle.grounds"), *(_ground(each) for each in value)]


def _ground(ground: Any) -> Saying:
    if ground.married_years is not None:
        return Saying("guide.ground_married", {"n": ground.married_years})
    if ground.least_usd is not None:
        return Saying("guide.ground_invested", {"amount": f"{ground.least_usd:,}"})
    if ground.least_tax_yuan is not None:
        return Saying("guide.ground_taxed", {"amount": f"{ground.least_tax_yuan:,}"})
    if ground.ground == "alone_with_lineal_kin":
        return Saying("guide.ground_alone")
    return Saying(f"settlement.ground_{ground.ground}")


def _exemptions(_law: Law, value: Any) -> list[Saying]:
    parts = [
        Saying(
            f"guide.exempt_{each.group}",
            {"registrar": f"residence.registered_by_{each.registered_by}", "days": each.most_days or ""},
        )
        for each in value
    ]
    return [Saying("guide.of.registration.exempt"), *parts]


def _online_entries(_law: Law, value: Any) -> list[Saying]:
    parts = [
        Saying("guide.online_entry", {"name": _by_language(each.name)})
        if each.section is None
        else Saying(
            "guide.online_entry_section", {"name": _by_language(each.name), "section": _by_language(each.section)}
        )
        for each in value.entries
    ]
    return [Saying("guide.of.application.online_entries", {"platform": _by_language(value.platform)}), *parts]


def _by_language(names: Names) -> object:
    """Return names as `say` takes them."""
    return names.model_dump(by_alias=True)


def _reporters(_law: Law, value: Any) -> list[Saying]:
    parts = [
        Saying(f"guide.reporter_{each.reporter}", {"n": each.n, "unit": f"guide.unit_{each.unit}"}) for each in value
    ]
    return [Saying("guide.of.registration.reporters"), *parts]


_SAID: Mapping[str, Callable[[Law, Any], Sequence[Saying]]] = {
    "residence.requirement": _measure,
    "conversion.residence": _measure,
    "residence.gap_tolerance_days": lambda _law, value: [
        Saying("guide.gap_tolerance" if value else "guide.gap_for_officer", {"n": value})
    ],
    "issue.limit": _limit,
    "conversion.limit": _limit,
    "conversion.push_limit": _limit,
    "notice.one_time_limit": _limit,
    "remedy.reconsideration": lambda _law, value: [
        Saying("guide.remedy_reconsideration", {"n": value.n, "unit": f"guide.unit_{value.unit}"})
    ],
    "remedy.lawsuit": lambda _law, value: [
        Saying("guide.remedy_lawsuit", {"n": value.n, "unit": f"guide.unit_{value.unit}"})
    ],
    "residence.report_within": _limit,
    "registration.change_within": _limit,
    "move.report_within": _limit,
    "identity_card.issue_limit": _limit,
    "settle.notice_validity": _limit,
    "issue.remote_extension": _extension,
    **{f"fee.{name}": _fee for name in ("first", "replace", "reissue", "endorse", "register", "change", "exchange")},
    "messages.completion_fee": lambda law, value: [
        Saying("guide.messages_free" if value.charge == "free" else _fee(law, value)[0].code)
    ],
    "proxy.rules": _proxies,
    "registration.proxy_rules": _proxies,
    "proxy.minor_under_age": _number("proxy.minor_under_age"),
    "validity": _validity,
    "endorsement.window": _window,
    "travel_document.accepted": _evidence("travel_document.accepted"),
    "claims.any_of": _codes("claims.any_of", "applications.claim_"),
    "residence.exempt_groups": _codes("residence.exempt_groups", "applications.group_"),
    "form.name": _text("form.name"),
    "acceptance.points_per_county": _number("acceptance.points_per_county"),
    "registration.from_days": _number("registration.from_days"),
    "settle.grounds": _grounds,
    "settle.refusal_grounds": _codes("settle.refusal_grounds", "settlement.refusal_"),
    "settle.health_certificate_months": _number("settle.health_certificate_months"),
    "registration.exempt": _exemptions,
    "registration.reporters": _reporters,
    "application.online_entries": _online_entries,
}
