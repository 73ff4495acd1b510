"""What somebody may apply for, and where: items with what stands against beginning them, places, service points."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q

from yizhengtong.foundation.accounts.models import Office, OfficeKind
from yizhengtong.kernel.errors import Invalid, NotFound
from yizhengtong.kernel.findings import Finding
from yizhengtong.kernel.regions import ancestors, region
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServiceItem
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.rules import look_at_conditions
from yizhengtong.permitting.casework.gathering import gather_facts
from yizhengtong.permitting.casework.takingin import ensure_takes_in
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import relation_to

SUBJECTS = ("hmt", "floating", "settlement")
"""Subjects of the law that have items to apply for."""

KNOWN_BEFORE = frozenset({
    "is_hong_kong_macao_or_taiwan_resident", "holds_accepted_travel_document", "holds_no_living_permit",
    "holds_permit_of_this_kind", "minor_is_represented", "is_taiwan_resident", "is_under_the_floating_rules",
    "lives_away_from_household_registration", "holds_no_permit_of_the_family", "holds_permit_to_endorse",
    "endorsement_window_is_open", "holds_valid_zhejiang_permit",
})  # fmt: skip
"""Conditions about who somebody is and what permit they hold. No form can mend them: an item is not begun for nothing.

All else is met by what is filled in, handed in or waited for, so it keeps nobody from beginning.
"""
_WHO_IT_IS_FOR = frozenset({
    "is_hong_kong_macao_or_taiwan_resident", "is_taiwan_resident", "is_under_the_floating_rules",
})  # fmt: skip
_MAINLAND = "CN"


@dataclass(frozen=True, slots=True)
class Offer:
    """An item at a place. `against`: what stands against beginning it, by article; empty: it can be begun."""

    item: ServiceItem
    law: Law
    against: tuple[Finding, ...]


def offers_at(*, person: Person, acting: Person, place: str, on: date) -> list[Offer]:
    """Return every item of a place, in the order of the packs, as it stands for a person today."""
    relation = relation_to(acting, person, on) if acting.pk != person.pk else ""
    found = []
    for law in _laws(place, on):
        for item in law.items.values():
            application = Application(person=person, filled_by=acting, relation=relation, item=item.code, place=place)
            facts = gather_facts(application, law, confirmed={})
            found.append(Offer(item, law, _against(facts, law, item, on)))
    return found


def _laws(place: str, on: date) -> Iterable[Law]:
    for subject in SUBJECTS:
        try:
            yield law_in_force(place, subject, on)
        except NotFound:
            continue


def _against(facts: Facts, law: Law, item: ServiceItem, on: date) -> tuple[Finding, ...]:
    """Return the unmet conditions known before; who an item is not for is told that alone."""
    looked = zip(item.conditions, look_at_conditions(facts, law, item, on), strict=True)
    known = {each.rule: finding for each, finding in looked if each.rule in KNOWN_BEFORE}
    rule = "is_hong_kong_macao_or_taiwan_resident"
    if facts.region == _MAINLAND and rule in known:
        known[rule] = replace(known[rule], met=False)
    not_for = tuple(finding for rule, finding in known.items() if rule in _WHO_IT_IS_FOR and finding.met is False)
    return not_for or tuple(finding for finding in known.values() if finding.met is False)


def places_offered() -> tuple[str, ...]:
    """Return the counties in which an office takes applications in, in the order of their codes."""
    codes = Office.objects.filter(merged_into=None).values_list("region", flat=True).distinct()
    known = ((code, region(code)) for code in codes)
    return tuple(sorted(code for code, found in known if found is not None and found.level in {"county", "zone"}))


def offices_taking_in(law: Law, place: str) -> list[Office]:
    """Return the offices at which an item of this law can be handed in for a county (S1-036), by code.

    Where the pack lists service points: those of the county and of the zones that are open here; else the county's
    offices of the right kind, and of offices above one another the lowest.
    """
    points = {point.code for point in law.service_points if point.zone or point.region == place}
    offices = Office.objects.filter(merged_into=None).order_by("code")
    if law.service_points:
        return [office for office in offices.filter(code__in=points) if _takes_in(office, law)]
    above = Q(region__in=ancestors(place), kind=OfficeKind.EXIT_ENTRY)
    found = [office for office in offices.filter(Q(region=place) | above) if _takes_in(office, law)]
    parents = {office.parent_id for office in found}
    return [office for office in found if office.pk not in parents]


def _takes_in(office: Office, law: Law) -> bool:
    try:
        ensure_takes_in(office, law)
    except Invalid:
        return False
    return True
