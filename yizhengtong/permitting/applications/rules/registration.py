"""浙江省流动人口居住登记条例 arts. 2, 16, 19: where and how long somebody is registered.

Pure. A stay counts from the day of its declaration where the pack says so; the districts of one city are one place.
Days and months are never converted (D5), and a gap is never an automatic refusal (D6).
"""

from collections.abc import Collection, Sequence
from datetime import date

from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.kernel.regions import area_around
from yizhengtong.law.law import Law
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.registry.residence.duties import counted_stays, is_one_place
from yizhengtong.registry.residence.rules import Stay, has_lived_here_long_enough, lived_long_enough_by_any

_EXEMPTION_LIST = "exemption_proof"


def lives_away_from_household_registration(hukou: str, place: str, crossing: str | None, source: Source) -> Finding:
    """条例 art. 2, S3-11: the household register is in another county, or outside the districts of the city applied in.

    `crossing` city: only another city counts. Without a known household register an officer looks.
    """
    code = "applications.lives_away_from_household_registration"
    if not hukou:
        return Finding(code, None, source)
    if crossing == "city":
        return Finding(code, area_around(hukou, "city") != area_around(place, "city"), source)
    return Finding(code, not is_one_place(hukou, place), source)


def is_registered_long_enough(facts: Facts, law: Law, on: date) -> Finding:
    """条例 art. 16, S3-35, D4, D5: registered in this place for the time its pack asks; the exempt need no time."""
    stays = _stays(facts, law, districts_are_one=bool(law.value("residence.districts_are_one")))
    lived = lived_long_enough_by_any(
        stays,
        on,
        law["residence.requirement"].readings,
        facts.place,
        gap_tolerance_days=law.value("residence.gap_tolerance_days"),
    )
    return _unless_exempt(facts, law, lived)


def registrations_add_up(facts: Facts, law: Law, on: date) -> Finding:
    """庆政办发〔2023〕43号 一.2, S4-05, D6: registrations all over the province as one run; a gap is for an officer."""
    parameter = law["conversion.residence"]
    lived = has_lived_here_long_enough(
        _stays(facts, law, districts_are_one=False),
        on,
        parameter.value,
        facts.place,
        parameter.source,
        gap_tolerance_days=law.value("residence.gap_tolerance_days"),
    )
    return _unless_exempt(facts, law, lived)


def _stays(facts: Facts, law: Law, *, districts_are_one: bool) -> list[Stay]:
    from_declaration = law.value("residence.counts_from") == "declaration"
    return counted_stays(
        facts.stays, facts.place, from_declaration=from_declaration, districts_are_one=districts_are_one
    )


def _unless_exempt(facts: Facts, law: Law, lived: Finding) -> Finding:
    """条例 art. 16, S4-06: investors and talent that a county names. A list settles it, else an officer."""
    groups: Collection[str] = law.value("residence.exempt_groups") or ()
    if lived.met or facts.is_exempt not in groups:
        return lived
    said = _is_on_the_list(facts)
    if said is False:
        return lived
    group = {"group": f"applications.group_{facts.is_exempt}"}
    return Finding("applications.exempt_from_time", said, law["residence.exempt_groups"].source, group)


def _is_on_the_list(facts: Facts) -> bool | None:
    if _EXEMPTION_LIST in facts.confirmed:
        return facts.is_exempt not in facts.confirmed[_EXEMPTION_LIST].lacks
    word = facts.judged_documents.get(_EXEMPTION_LIST)
    if word is not None:
        return word.met
    return None if facts.evidence.get(_EXEMPTION_LIST) else False


def is_registered_here(stays: Sequence[Stay], place: str, on: date, source: Source) -> Finding:
    """条例 art. 19, S3-27, D12: a stay registered in this place that goes on; also one begun after a move here."""
    here = [stay for stay in stays if is_one_place(stay.region, place)]
    met = any(stay.start <= on and (stay.until is None or on < stay.until) for stay in here)
    return Finding("applications.is_registered_here", met, source)
