"""A pack that contradicts itself: values and items that cannot both be meant."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from yizhengtong.law.errors import ErrorList, Place
from yizhengtong.law.keys import KEYS
from yizhengtong.law.packfile import PackFile, ParameterEntry
from yizhengtong.law.values import Limit

_GROUNDS: Mapping[str, tuple[str, ...]] = {
    "first_issue": (),
    "replacement": ("expired", "damaged", "moved"),
    "reissue": ("lost",),
    "endorsement": (),
    "conversion": (),
}
"""Grounds of each outcome; an outcome that is not named here says its own."""


def check_values(parameter: ParameterEntry, file: PackFile, errors: ErrorList) -> None:
    """Refuse a value that another value of the same file in force at the same time denies."""
    for other in file.parameters:
        if other is not parameter and _denies(parameter, other, file):
            errors.add(parameter.place, "law.contradiction", other=other.key, other_line=other.place.line)
    for part in parameter.entry.marks:
        if part not in _parts(parameter.value):
            errors.add(parameter.place, "law.mark_of_nothing", part=part)


def _denies(a: ParameterEntry, b: ParameterEntry, file: PackFile) -> bool:
    if a.value is None or b.value is None or not a.entry.overlaps(b.entry):
        return False
    if (a.key, b.key) == ("travel_document.accepted", "travel_document.refused"):
        return bool(set(a.value) & set(b.value))
    if (a.key, b.key) == ("proxy.minor_under_age", "proxy.rules"):
        return any(rule.who == "minor" and rule.under_age != a.value for rule in b.value)
    if (a.key, b.key) == ("decide.automatic_approval", "decide.officers"):
        return bool(a.value) and len(b.value) > 0 and not _is_set(file, "decide.system_rules")
    if (a.key, b.key) == ("decide.automatic_approval", "decide.system_rules"):
        return bool(a.value) != bool(b.value)
    if (a.key, b.key) == ("decide.officers", "decide.system_rules"):
        return {rule.opinion for rule in b.value} != set(a.value)
    return False


def _parts(value: object) -> frozenset[str]:
    fields = getattr(type(value), "model_fields", None)
    if fields is not None:
        return frozenset(fields)
    return (
        frozenset(value) if isinstance(value, tuple) and all(isinstance(each, str) for each in value) else frozenset()
    )


def check_items(file: PackFile, inherited: Collection[str], errors: ErrorList) -> None:
    """Check each service item of the file against itself, its fingerprints and the catalogue of evidence.

    `inherited`: the kinds of evidence that the files above it catalogue.
    """
    catalogue = {each.name for each in file["evidence"]}.union(inherited)
    for parameter in file.parameters:
        if parameter.key.endswith(".proofs") and catalogue and parameter.value is not None:
            for rule in parameter.value:
                _check_evidence(rule.evidence, catalogue, parameter.place, errors)
    for located in file["items"]:
        for code in _evidence_of(located.entry):
            _check_evidence(code, catalogue, located.place, errors)
        for why in _contradictions(located.entry, file):
            errors.add(located.place, "law.item_contradiction", why=why)


def _check_evidence(code: str, catalogue: Collection[str], place: Place, errors: ErrorList) -> None:
    if code not in catalogue:
        errors.add(place, "law.unknown_evidence", evidence=code)


def _evidence_of(item: Any) -> Iterator[str]:
    for document in item.documents:
        yield from document.any_of


def _contradictions(item: Any, file: PackFile) -> Iterator[str]:
    rules = {condition.rule for condition in item.conditions}
    grounds = _GROUNDS.get(item.outcome)
    if grounds is not None and (not set(item.grounds) <= set(grounds) or bool(item.grounds) != bool(grounds)):
        yield f"grounds do not belong to {item.outcome}"
    for document in item.documents:
        kind, _, ground = document.when.partition(":")
        if kind == "ground" and ground not in item.grounds:
            yield f"{document.code} is asked on the ground {ground}, which this item does not have"
    if {"holds_no_living_permit", "holds_permit_of_this_kind"} <= rules:
        yield "a permit is demanded and forbidden"
    if ("fingerprints_are_captured" in rules) != ("fingerprints" in item.captures):
        yield "fingerprints are demanded and not captured, or captured and not demanded"
    if "fingerprints_are_captured" in rules and _is_false(file, "fingerprint.required"):
        yield "fingerprint.required is false"
    if KEYS.get(item.fee) is None or not item.fee.startswith("fee."):
        yield f"{item.fee} is no fee"
    if KEYS.get(item.limit) is None or KEYS[item.limit].type is not Limit:
        yield f"{item.limit} is no limit"
    if len({step.step for step in item.steps}) != len(item.steps):
        yield "a step stands twice"


def _is_set(file: PackFile, key: str) -> bool:
    return any(parameter.key == key for parameter in file.parameters)


def _is_false(file: PackFile, key: str) -> bool:
    values = [parameter.value for parameter in file.parameters if parameter.key == key]
    return bool(values) and not any(values)
