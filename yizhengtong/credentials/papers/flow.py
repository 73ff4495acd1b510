"""The flow chart of mutual recognition, rebuilt from the rules of the place (S4-28).

附件2 of 庆政办发〔2023〕43号 is a 互认转换流程图; its picture was not seen (N). Here it is drawn from what is in
force: channels, steps, conditions, who decides, time limits, what follows. A changed rule changes the chart. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from yizhengtong.foundation.texts import knows, say
from yizhengtong.kernel.findings import Source
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import Condition, ServiceItem

_SAYS = "papers.flow_"


@dataclass(frozen=True, slots=True)
class Step:
    """One box of the chart; `otherwise`: where it leads when the answer is no."""

    code: str
    words: str
    details: tuple[str, ...]
    source: Source
    otherwise: str = ""


def conversion_items(law: Law) -> tuple[ServiceItem, ...]:
    """Return the items whose outcome is a conversion, in the pack's order."""
    return tuple(item for item in law.items.values() if item.outcome == "conversion")


def flow_of(law: Law) -> tuple[Step, ...]:
    """Return the chart of a place; nothing where no pack of it knows a conversion."""
    items = conversion_items(law)
    return tuple(_steps(law, items)) if items else ()


def _steps(law: Law, items: Sequence[ServiceItem]) -> Iterator[Step]:
    channels = "；".join(_one("channel", each) for each in _list(law, "application.channels"))
    yield _step(law, "apply", "application.channels", [channels])
    yield _types(items)
    ways = "—".join(_one("way", each) for each in _list(law, "application.steps"))
    yield _step(law, "fill_in", "application.steps", [ways])
    yield _papers(items)
    yield _conditions(law, items)
    yield _deciders(law)
    yield _step(law, "issue", "conversion.limit", [_limit(law, "conversion.limit")])
    if law.values.get("conversion.push_to"):
        told = [_one("push", law.value("conversion.push_to")), _limit(law, "conversion.push_limit")]
        yield _step(law, "push", "conversion.push_limit", told)
    if law.values.get("conversion.cancels_all_earlier"):
        yield _step(law, "cancel", "conversion.cancels_all_earlier", [])
    if (fee := law.values.get("messages.completion_fee")) is not None:
        yield _step(law, "tell", "messages.completion_fee", [_one("fee", fee.charge)])


def _types(items: Sequence[ServiceItem]) -> Step:
    return Step("types", say(f"{_SAYS}types"), tuple(f"□ {item.name.zh_hans}" for item in items), items[0].source)


def _papers(items: Sequence[ServiceItem]) -> Step:
    names = dict.fromkeys(
        document.name.zh_hans for item in items for document in item.documents if document.when in _ALWAYS
    )
    claims = dict.fromkeys(
        document.name.zh_hans for item in items for document in item.documents if document.when.startswith("claim:")
    )
    told = ["、".join(names), say(f"{_SAYS}one_of", facts={"papers": "、".join(claims)})]
    return Step("papers", say(f"{_SAYS}papers"), tuple(told), items[0].documents[0].source)


_ALWAYS = ("always",)


def _conditions(law: Law, items: Sequence[ServiceItem]) -> Step:
    rules = {condition.rule: condition for item in items for condition in item.conditions}
    told = tuple(f"{at}. {_condition(each, items)}" for at, each in enumerate(rules.values(), 1))
    otherwise = ""
    if law.values.get("notice.one_time"):
        otherwise = say(f"{_SAYS}refused")
    return Step("conditions", say(f"{_SAYS}conditions"), told, law["notice.one_time"].source, otherwise)


def _condition(condition: Condition, items: Sequence[ServiceItem]) -> str:
    """Return a condition's words, or the law's where it has none of its own, and of which type it is if not of all."""
    code = f"applications.{condition.rule}"
    told = say(code) if knows(code) else condition.source.words
    of = [item.name.zh_hans for item in items if any(each.rule == condition.rule for each in item.conditions)]
    return told if len(of) == len(items) else f"{told}（{'、'.join(of)}）"


def _deciders(law: Law) -> Step:
    """D24: the system's rules where the pack lets them approve, and the officers for what they do not."""
    officers = "—".join(_one("role", role) for role in _list(law, "decide.officers"))
    if not law.values.get("decide.automatic_approval"):
        return _step(law, "officers", "decide.officers", [officers])
    rules = [
        say("papers.flow_rule", facts={"role": f"{_SAYS}role_{each.opinion}", "rule": f"casework.rule_{each.rule}"})
        for each in _list(law, "decide.system_rules")
    ]
    otherwise = say(f"{_SAYS}to_officers", facts={"officers": officers})
    return _step(law, "system", "decide.automatic_approval", rules, otherwise)


def _step(law: Law, code: str, key: str, details: Sequence[str], otherwise: str = "") -> Step:
    return Step(code, say(_SAYS + code), tuple(each for each in details if each), law[key].source, otherwise)


def _list(law: Law, key: str) -> Sequence:  # type: ignore[type-arg]
    return law.values.get(key) or ()


def _one(kind: str, code: str) -> str:
    return say(f"{_SAYS}{kind}_{code}")


def _limit(law: Law, key: str) -> str:
    limit = law.values.get(key)
    if limit is None:
        return ""
    return say(f"{_SAYS}limit_{limit.unit}", facts={"n": limit.n, "from": f"{_SAYS}from_{limit.start}"})
