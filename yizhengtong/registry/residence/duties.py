"""Who must register on crossing into a county, until when, and who must report others. Pure: no clock, no database.

浙江省流动人口居住登记条例 arts. 2, 7–13, 16, 38; numbers, groups and times come from the pack alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from yizhengtong.kernel.dates import Duration
from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.kernel.regions import area_around, name_of
from yizhengtong.kernel.workdays import Deadline
from yizhengtong.law.floating import RegistrationExemption, ReportDuty
from yizhengtong.law.law import Law
from yizhengtong.law.values import Limit
from yizhengtong.registry.residence.rules import Stay

MAINLAND = "CN"
_NOT_DISTRICTS = ("林区", "特区")


@dataclass(frozen=True, slots=True)
class Report:
    """What reporting at a place means: the last day in time where the pack says one, and whether the person is told."""

    due: Deadline | None
    tells_resident: bool
    source: Source | None


def value_of(law: Law | None, key: str) -> Any:
    """Return the deciding value of a key; None where no pack sets it, or says that it was not found."""
    return law.value(key) if law is not None and key in law else None


def is_one_place(first: str, second: str) -> bool:
    """条例 arts. 2, 19: one county, or two districts of one city (市区)."""
    if first == second:
        return True
    is_one_city = area_around(first, "city") == area_around(second, "city")
    return is_one_city and _is_district(first) and _is_district(second)


def _is_district(county: str) -> bool:
    name = name_of(county) or ""
    return name.endswith("区") and not name.endswith(_NOT_DISTRICTS)


def counted_stays(stays: Sequence[Stay], place: str, *, from_declaration: bool, districts_are_one: bool) -> list[Stay]:
    """条例 art. 16: stays as they count: from the day of declaration, districts of one city as the place itself."""
    counted = []
    for stay in stays:
        start = max(stay.start, stay.declared_on or stay.start) if from_declaration else stay.start
        if stay.until is not None and stay.until <= start:
            continue
        region = place if districts_are_one and is_one_place(stay.region, place) else stay.region
        counted.append(replace(stay, start=start, region=region))
    return counted


def is_away_from_home(hukou: str, place: str, crossing: str | None) -> bool:
    """条例 art. 2, S3-11: whether the household register is elsewhere; crossing `city`: only another city counts."""
    if crossing == "city":
        return area_around(hukou, "city") != area_around(place, "city")
    return not is_one_place(hukou, place)


def must_register(region: str, hukou: str, place: str, group: str, law: Law | None) -> Finding:
    """条例 arts. 2, 7, 12, 38, S3-11, D14: must somebody from there register at `place`.

    `region`: HK, MO, TW or CN. `hukou`: county of the household register. `group`: of the pack's
    `registration.exempt`, empty for none. `met` None: no pack of that place says so. Facts: `days` of a short stay.
    """
    if region != MAINLAND:
        return Finding("residence.national_rules_apply", False, _source(law, "registration.crossing"))
    if not value_of(law, "residence.registration_required"):
        return Finding("residence.no_duty_known", None, Source(""))
    if not is_away_from_home(hukou, place, value_of(law, "registration.crossing")):
        return Finding("residence.at_home", False, _source(law, "registration.crossing"))
    exempt = next((each for each in exemptions(law) if each.group == group), None)
    if exempt is not None:
        by = {"registrar": f"residence.registered_by_{exempt.registered_by}", "days": exempt.most_days or 0}
        code = "residence.exempt_for_short_stay" if exempt.most_days else "residence.exempt"
        return Finding(code, False, _source(law, "registration.exempt"), by)
    return Finding("residence.must_register", True, _source(law, "residence.registration_required"))


def exemptions(law: Law | None) -> Sequence[RegistrationExemption]:
    """条例 art. 12: who need not declare, and who registers instead."""
    return cast(Sequence[RegistrationExemption], value_of(law, "registration.exempt") or ())


def last_day(law: Law | None, key: str, since: date) -> Deadline | None:
    """Return the last day of a limit of the pack that runs from `since`, itself not counted; None where none is set."""
    limit: Limit | None = value_of(law, key)
    return None if law is None or limit is None else law.calendar.deadline(since, limit.duration)


def duty_to_report(kind: str, known_on: date, law: Law | None) -> Report:
    """条例 arts. 8–11, S3-11: the last day on which what a reporter has known since `known_on` is reported in time."""
    duties: Sequence[ReportDuty] = value_of(law, "registration.reporters") or ()
    duty = next((each for each in duties if each.reporter == kind), None)
    if law is None or duty is None:
        return Report(None, False, None)
    source = _source(law, "registration.reporters")
    due = law.calendar.deadline(known_on, Duration(duty.n, duty.unit))
    return Report(due, duty.tells_resident, source)


def is_late(due: Deadline | None, on: date) -> bool:
    """Whether a day lies after the last day. Nothing follows from it by itself."""
    return due is not None and on > due.day


def _source(law: Law | None, key: str) -> Source:
    return law[key].source if law is not None and key in law else Source("")
