"""From pack files to what holds in one region on one day: inheritance, deviations, items, annexes."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cmp_to_key
from types import MappingProxyType

from yizhengtong.kernel.workdays import Calendar
from yizhengtong.law.keys import KEYS
from yizhengtong.law.packfile import Located, PackFile, ParameterEntry
from yizhengtong.law.parameter import (
    Condition,
    Duty,
    Entitlement,
    Evidence,
    ItemStep,
    Parameter,
    Reading,
    RequiredDocument,
    ServiceItem,
    ServicePoint,
)
from yizhengtong.law.schema import Dated


def in_force(entry: Dated, on: date) -> bool:
    return entry.since <= on and (entry.until is None or on < entry.until)


def change_days(files: Iterable[PackFile]) -> tuple[date, ...]:
    """The days on which something begins or ceases to hold, in order: between two of them the law stands still."""
    files = tuple(files)
    entries: list[Dated] = [each.entry for file in files for each in file.parameters]
    entries += [each.entry for file in files for each in file["items"]]
    days = {entry.since for entry in entries} | {entry.until for entry in entries if entry.until is not None}
    return tuple(sorted(days))


def parameters(files: Iterable[PackFile], on: date) -> Mapping[str, Parameter]:
    """Key to parameter; `files` from the nation downwards. The nearest value decides, a deviation is weighed."""
    found: dict[str, tuple[Reading, ...]] = {}
    for file in files:
        for parameter in file.parameters:
            if in_force(parameter.entry, on):
                found[parameter.key] = _with(found.get(parameter.key, ()), _reading(file, parameter))
    return MappingProxyType({key: _parameter(readings) for key, readings in found.items()})


def _with(inherited: tuple[Reading, ...], reading: Reading) -> tuple[Reading, ...]:
    if not reading.deviation:
        return (reading,)
    return tuple(sorted((*inherited, reading), key=cmp_to_key(_better_first)))


def _better_first(a: Reading, b: Reading) -> int:
    return -(KEYS[a.key].favours(a.value, b.value) or 0)


def _reading(file: PackFile, parameter: ParameterEntry) -> Reading:
    entry = parameter.entry
    return Reading(
        key=parameter.key,
        value=parameter.value,
        unit=entry.unit,
        source=file.source(entry.source),
        rows=entry.rows,
        certainty=entry.certainty,
        note=entry.note,
        pack=file.path,
        line=parameter.place.line,
        since=entry.since,
        until=entry.until,
        marks=MappingProxyType(dict(entry.marks)),
        deviation=entry.deviation.why if entry.deviation else "",
    )


def _parameter(readings: tuple[Reading, ...]) -> Parameter:
    best = readings[0]
    return Parameter(
        key=best.key,
        value=best.value,
        unit=best.unit,
        source=best.source,
        rows=best.rows,
        certainty=best.certainty,
        note=best.note,
        pack=best.pack,
        line=best.line,
        since=best.since,
        until=best.until,
        deviation=any(reading.deviation for reading in readings),
        readings=readings,
        marks=best.marks,
    )


def items(files: Iterable[PackFile], on: date) -> Mapping[str, ServiceItem]:
    found = {each.name: _item(file, each) for file in files for each in file["items"] if in_force(each.entry, on)}
    return MappingProxyType(found)


def _item(file: PackFile, located: Located) -> ServiceItem:
    entry = located.entry
    return ServiceItem(
        code=located.name,
        name=entry.name,
        permit_kind=entry.permit_kind,
        outcome=entry.outcome,
        grounds=entry.grounds,
        form=entry.form,
        fee=entry.fee,
        conditions=tuple(Condition(c.rule, file.source(c.source), c.rows, c.certainty) for c in entry.conditions),
        documents=tuple(
            RequiredDocument(d.code, d.name, d.any_of, d.when, file.source(d.source), d.rows, d.certainty)
            for d in entry.documents
        ),
        captures=entry.captures,
        steps=tuple(ItemStep(s.step, s.role, file.source(s.source), s.rows, s.certainty) for s in entry.steps),
        source=file.source(entry.source),
        rows=entry.rows,
        certainty=entry.certainty,
        since=entry.since,
        until=entry.until,
        pack=file.path,
        line=located.place.line,
        limit=entry.limit,
    )


def evidence(files: Iterable[PackFile]) -> Mapping[str, Evidence]:
    found = {
        each.name: Evidence(
            each.name,
            each.entry.name,
            each.entry.proves,
            file.source(each.entry.source),
            each.entry.rows,
            each.entry.certainty,
        )
        for file in files
        for each in file["evidence"]
    }
    return MappingProxyType(found)


def calendar(files: Iterable[PackFile]) -> Calendar:
    years = [each.entry for file in files for each in file["years"]]
    days = {
        announced: frozenset(
            off.first + timedelta(days=count)
            for year in years
            if year.announced is announced
            for off in year.days_off
            for count in range((off.last - off.first).days + 1)
        )
        for announced in (True, False)
    }
    return Calendar(
        announced=frozenset(year.year for year in years if year.announced),
        days_off=days[True],
        days_worked=frozenset(day for year in years for day in year.worked),
        expected_off=days[False],
    )


def service_points(files: Iterable[PackFile]) -> tuple[ServicePoint, ...]:
    return tuple(_point(file, each) for file in files for each in file["points"])


def _point(file: PackFile, located: Located) -> ServicePoint:
    entry = located.entry
    source_id = next(iter(file.sources))
    text = file.sources[source_id]
    return ServicePoint(
        code=f"{file.header.region}-{entry.number:02}",
        number=entry.number,
        name=entry.name,
        kind=entry.kind,
        address=entry.address,
        phone=entry.phone,
        phone_normalised=entry.phone_normalised,
        area_code_certainty=entry.area_code_certainty,
        region=entry.region,
        zone=entry.zone,
        as_of=text.published,
        source=file.source_of(source_id, f"附件 {entry.number}"),
        rows=(entry.row, *entry.rows),
        certainty=entry.certainty,
        pack=file.path,
        line=located.place.line,
    )


def duties(files: Iterable[PackFile]) -> tuple[Duty, ...]:
    return tuple(_duty(file, each) for file in files for each in file["clauses"])


def _duty(file: PackFile, located: Located) -> Duty:
    entry = located.entry
    return Duty(
        clause=entry.clause,
        agencies=entry.agencies,
        with_district_governments=entry.with_district_governments,
        open_ended=entry.open_ended,
        duty=entry.duty,
        tasks=entry.tasks,
        serves=entry.serves,
        coordinates=entry.coordinates,
        source=file.source(entry.source),
        rows=entry.rows,
        certainty=entry.certainty,
        pack=file.path,
        line=located.place.line,
    )


def entitlements(files: tuple[PackFile, ...], duty_clauses: tuple[Duty, ...]) -> tuple[Entitlement, ...]:
    return tuple(_entitlement(file, each, files, duty_clauses) for file in files for each in file["entitlements"])


def _entitlement(
    file: PackFile, located: Located, files: tuple[PackFile, ...], duty_clauses: tuple[Duty, ...]
) -> Entitlement:
    entry = located.entry
    serving = tuple(duty.clause for duty in duty_clauses if entry.code in duty.serves)
    general = tuple(duty.clause for duty in duty_clauses if duty.coordinates)
    grants = [(local, each.entry) for local in files for each in local["grants"] if each.entry.code == entry.code]
    return Entitlement(
        code=entry.code,
        kind=entry.kind,
        number=entry.number,
        name=entry.name,
        place_bound=entry.place_bound,
        source=file.source(entry.source),
        rows=(*entry.rows, *(row for _, grant in grants for row in grant.rows)),
        certainty=entry.certainty,
        note=entry.note,
        served_by=serving or general,
        assigned=bool(serving),
        granted_by=tuple(local.source(grant.source) for local, grant in grants),
        pack=file.path,
        line=located.place.line,
    )
