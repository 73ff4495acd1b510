"""What must hold between entries and between packs: no contradiction inside one, nothing stricter or poorer than the
nation's in a local pack for Hong Kong, Macao and Taiwan residents (济政办字〔2019〕25号 part 五, S2-42)."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from yizhengtong.law.contradictions import check_items, check_values
from yizhengtong.law.errors import ErrorList
from yizhengtong.law.keys import KEYS
from yizhengtong.law.packfile import Located, PackFile, ParameterEntry
from yizhengtong.law.topics import check_topic
from yizhengtong.law.values import ResidenceMeasure

NATION = "cn"


def validate(files: Iterable[PackFile], errors: ErrorList) -> None:
    """Check every file by itself and against the files above it. Everything wrong goes to `errors`."""
    by_subject: dict[str, list[PackFile]] = {}
    for file in files:
        by_subject.setdefault(file.header.subject, []).append(file)
    for subject, group in by_subject.items():
        national = [file for file in group if file.header.region == NATION]
        for file in group:
            _check_alone(file, group, errors)
            _check_overrides(file, group, errors)
            if file.header.region != NATION and subject == "hmt":
                _check_against_nation(file, national, errors)


def _check_alone(file: PackFile, group: list[PackFile], errors: ErrorList) -> None:
    _check_dates(file.parameters, errors)
    for parameter in file.parameters:
        check_values(parameter, file, errors)
    above = set(chain(file.header.region)) - {file.header.region}
    inherited = {each.name for other in group if other.header.region in above for each in other["evidence"]}
    check_items(file, inherited, errors)
    for name in ("years", "points", "clauses", "entitlements", "grants", "topics"):
        _check_twice(file[name], errors)
    for topic in file["topics"]:
        check_topic(topic.entry, topic.place, errors)


def _check_dates(parameters: tuple[ParameterEntry, ...], errors: ErrorList) -> None:
    by_key: dict[str, list[ParameterEntry]] = {}
    for parameter in parameters:
        by_key.setdefault(parameter.key, []).append(parameter)
    for entries in by_key.values():
        for first, second in combinations(entries, 2):
            if first.entry.overlaps(second.entry):
                errors.add(second.place, "law.dates_overlap", other=first.place.line)


def _check_twice(located: tuple[Located, ...], errors: ErrorList) -> None:
    seen: dict[object, int] = {}
    for each in located:
        identity = _identity(each)
        if identity in seen:
            errors.add(each.place, "law.entry_twice", other=seen[identity])
        seen.setdefault(identity, each.place.line)


def _identity(located: Located) -> object:
    for name in ("code", "row", "clause", "year", "id"):
        if hasattr(located.entry, name):
            return getattr(located.entry, name)
    return located.name


def chain(region: str) -> tuple[str, ...]:
    """The regions whose law holds in `region`, the nation first: cn, province, city, county."""
    if region == NATION:
        return (NATION,)
    return tuple(dict.fromkeys((NATION, region[:2] + "0000", region[:4] + "00", region)))


def _check_overrides(file: PackFile, group: list[PackFile], errors: ErrorList) -> None:
    above = set(chain(file.header.region)) - {file.header.region}
    inherited = {each.key for other in group if other.header.region in above for each in other.parameters}
    for parameter in file.parameters:
        if parameter.key in inherited:
            continue
        if parameter.entry.override:
            errors.add(parameter.place, "law.override_of_nothing")
        if parameter.entry.deviation is not None:
            errors.add(parameter.place, "law.deviation_from_nothing")


def _check_against_nation(file: PackFile, national: list[PackFile], errors: ErrorList) -> None:
    nations = [each for other in national for each in other.parameters]
    for parameter in file.parameters:
        for other in nations:
            if other.key == parameter.key and other.entry.overlaps(parameter.entry):
                _compare(parameter, other, errors)
    _check_items(file, national, errors)
    _check_grants(file, national, errors)


def _compare(local: ParameterEntry, nation: ParameterEntry, errors: ErrorList) -> None:
    """Refuse what is stricter or poorer, unless it is a known deviation; refuse what cannot be told."""
    key = KEYS[local.key]
    facts = {"nation": f"{nation.place.file}:{nation.place.line}", "national_article": nation.place.article}
    if nation.value is None:
        return
    if local.value is None:
        errors.add(local.place, "law.value_lost", **facts)
        return
    if _days_against_months(local.value, nation.value):
        errors.add(local.place, "law.days_are_not_months", **facts)
        return
    sign = key.favours(local.value, nation.value)
    if sign is None:
        errors.add(local.place, "law.not_comparable", **facts)
    elif local.entry.deviation is not None and sign == 0:
        errors.add(local.place, "law.deviation_without_difference", **facts)
    elif sign < 0 and local.entry.deviation is None:
        code = "law.stricter_than_nation" if key.kind == "condition" else "law.poorer_than_nation"
        errors.add(local.place, code, **facts)


def _days_against_months(local: object, nation: object) -> bool:
    if not (isinstance(local, ResidenceMeasure) and isinstance(nation, ResidenceMeasure)):
        return False
    return local.measure != nation.measure


def _check_items(file: PackFile, national: list[PackFile], errors: ErrorList) -> None:
    items = {each.name: each.entry for other in national for each in other["items"]}
    for each in file["items"]:
        nation = items.get(each.name)
        if nation is None:
            continue
        for stricter in _stricter_parts(each.entry, nation):
            errors.add(each.place, "law.item_stricter_than_nation", part=stricter)


def _stricter_parts(local: Any, nation: Any) -> Iterator[str]:
    yield from sorted({c.rule for c in local.conditions} - {c.rule for c in nation.conditions})
    demanded = {d.code: d for d in nation.documents}
    for document in local.documents:
        known = demanded.get(document.code)
        if known is None or not set(document.any_of) >= set(known.any_of):
            yield document.code


def _check_grants(file: PackFile, national: list[PackFile], errors: ErrorList) -> None:
    """A place that lists what it grants may leave nothing out, nor tie to the place what the nation gives anywhere."""
    grants = file["grants"]
    if not grants:
        return
    given = {each.entry.code: each.entry for other in national for each in other["entitlements"]}
    listed = {each.entry.code for each in grants}
    for code in sorted(given.keys() - listed):
        errors.add(grants[0].place, "law.entitlement_left_out", entitlement=code)
    for each in grants:
        nation = given.get(each.entry.code)
        if nation is None:
            errors.add(each.place, "law.unknown_entitlement", entitlement=each.entry.code)
        elif each.entry.place_bound and not nation.place_bound:
            errors.add(each.place, "law.entitlement_bound", entitlement=each.entry.code)
