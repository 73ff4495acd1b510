"""Issuing: room is made for the new permit and it is written, in one transaction.

A conversion ends every other living permit of the family (S4-24). Whoever reads sees the old ones or the new one,
never both and never none: one transaction becomes visible at one instant (docs/adr/0037).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Count

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import together, use_case
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.dates import add_months, add_years
from yizhengtong.kernel.errors import Conflict
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.law.values import Validity
from yizhengtong.permitting.permits.kinds import ELECTRONIC, family_of
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.numbering import number_of
from yizhengtong.permitting.permits.rules import last_day_of_year
from yizhengtong.permitting.permits.states import LIVING, PermitState
from yizhengtong.permitting.permits.steps import end
from yizhengtong.registry.people.models import Person

CONVERTED = "converted"
"""Why a permit ended that a conversion took the place of."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a caller that issues many has read at once, in the same transaction.

    `living`: every living permit of the family, locked with its person in the order of ids; `number`: from
    `document_numbers`; `issued_before`: how many of this kind the person had. Whoever gives it keeps a savepoint around
    each issue.
    """

    living: tuple[Permit, ...]
    number: str
    issued_before: int


@dataclass(frozen=True, slots=True)
class _Before:
    """What was ended to make room: the one that is replaced, and those that were converted."""

    replaced: Permit | None = None
    converted: tuple[Permit, ...] = ()


@use_case
def issue_permit(
    *,
    person: Person,
    kind: str,
    validity: Validity,
    case_id: UUID,
    office_id: UUID,
    office_path: str,
    region: str,
    authority: str,
    card: Mapping[str, Any],
    photo_id: UUID | None,
    delivery: str,
    delivery_address: str,
    on: date,
    by: Principal,
    ground: str = "",
    supersedes: Collection[str] = (),
    known: Known | None = None,
) -> Permit:
    """Issue the permit that a case grants, and end those it replaces or supersedes in the same transaction.

    `ground` empty: a first issue. `supersedes`: the kinds of which every living permit ends by conversion. Delivery
    `electronic`: no card is made, it is held from its issue. `known`: what need not be read again. Raises Conflict
    `permits.already_holds_one`, `permits.numbers_used_up`.
    """
    permit_id = new_id()
    living = list(known.living) if known else _living(person, {*family_of(kind), *supersedes})
    before = _make_room(living, kind, ground, supersedes, successor=permit_id, on=on, by=by)
    number = known.number if known else number_of(kind, person, region=region, on=on, by=by)
    issued_before = known.issued_before if known else Permit.objects.filter(person=person, kind=kind).count()
    issue_count = issued_before + 1
    is_electronic = delivery == ELECTRONIC
    permit = Permit(
        id=permit_id,
        person=person,
        kind=kind,
        number=number,
        number_index=blind_index("permits.number", number),
        issue_count=issue_count,
        region=region,
        authority=authority,
        valid_from=on,
        last_valid_day=last_valid_day(on, validity),
        state=PermitState.HELD if is_electronic else PermitState.ORDERED,
        handed_over_on=on if is_electronic else None,
        photo_id=photo_id,
        office_id=office_id,
        office_path=office_path,
        case_id=case_id,
        delivery=delivery,
        delivery_address=delivery_address,
        replaces=before.replaced,
        card={**card, "number": number, "issue_count": issue_count},
        **_endorsed(validity, before, on),
    )
    _keep(permit, before, by)
    return permit


def _keep(permit: Permit, before: _Before, by: Principal) -> None:
    """Write the permit down, on record and told. Raises Conflict `permits.already_holds_one`."""
    try:
        with together():
            permit.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("permits.already_holds_one") from error
    record_act("permits.issue", by=by, on=("permit", permit.pk), person_id=permit.person_id)
    facts: dict[str, object] = {"kind": permit.kind}
    if before.converted:
        facts["ended"] = len(before.converted)
    publish("permits.issued", on=("permit", permit.pk), person_id=permit.person_id, facts=facts)


def issued_counts(person_ids: Collection[UUID], kind: str) -> Mapping[UUID, int]:
    """Return how many permits of a kind each person was ever issued, none left out, in one statement."""
    found = Permit.objects.filter(person_id__in=person_ids, kind=kind).values_list("person_id")
    return {**dict.fromkeys(person_ids, 0), **dict(found.annotate(number=Count("pk")))}


def last_valid_day(issued: date, validity: Validity) -> date:
    """Return the last day of a permit issued on `issued`, inclusive.

    Source: 国办发〔2018〕81号 art. 6 for how long, 民法典 art. 202 for where it ends. No expiry: the last date.
    """
    if validity.n is None:
        return date.max
    if validity.unit == "year":
        return add_years(issued, validity.n)
    if validity.unit == "month":
        return add_months(issued, validity.n)
    return issued + timedelta(days=validity.n)


def _make_room(
    living: list[Permit], kind: str, ground: str, supersedes: Collection[str], *, successor: UUID, on: date,
    by: Principal,
) -> _Before:  # fmt: skip
    if not supersedes:
        return _Before(_replace(living, kind, ground, successor, on=on, by=by))
    if any(old.kind not in supersedes for old in living):
        raise Conflict("permits.already_holds_one")
    facts = {"successor": public_id("pmt", successor)}
    for old in living:
        old.succeeded_by_id = successor
        end(old, action="convert", reason=CONVERTED, on=on, by=by, facts=facts)
    return _Before(converted=tuple(living))


def _living(person: Person, kinds: Collection[str]) -> list[Permit]:
    """Return the living permits of some kinds, locked in the order of their ids, which no two acts take in another.

    Where there are several kinds the person is locked first: no constraint spans them.
    """
    if len(kinds) > 1:
        Person.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    living = Permit.objects.filter(person=person, kind__in=sorted(kinds), state__in=LIVING)
    return list(living.order_by("pk").select_for_update())


def _replace(
    living: list[Permit], kind: str, ground: str, successor: UUID, *, on: date, by: Principal
) -> Permit | None:
    """End the one that is replaced: that of the same kind, else the one of the family in another form."""
    if not living:
        return None
    same = [old for old in living if old.kind == kind]
    if not ground or (not same and len(living) > 1):
        raise Conflict("permits.already_holds_one")
    old = (same or living)[0]
    old.succeeded_by_id = successor
    end(old, action="replace", reason=ground, on=on, by=by)
    return old


def _endorsed(validity: Validity, before: _Before, on: date) -> dict[str, Any]:
    """Return what a permit that is endorsed yearly begins with (国令663 art. 10).

    A replacement goes on where the old card was (I: a new card does not put off an endorsement). A conversion begins
    its own year; years of residence go on from the permit that counted longest and was in force (I).
    """
    if validity.endorsement != "yearly":
        return {}
    old = before.replaced
    if old is not None and old.endorsed_until is not None:
        return {
            "counted_from": old.counted_from or old.valid_from,
            "endorsed_until": old.endorsed_until,
            "endorsed_on": old.endorsed_on,
            "endorsed_region": old.endorsed_region,
            "years_count_from": old.years_count_from,
        }
    counted = [each.years_count_from for each in before.converted if each.years_count_from and _was_in_force(each, on)]
    return {
        "counted_from": on,
        "endorsed_until": last_day_of_year(on, 1),
        "years_count_from": min(counted, default=on),
    }


def _was_in_force(old: Permit, on: date) -> bool:
    """Whether a permit that a conversion ended today had its functions until then."""
    return old.endorsed_until is not None and on <= old.endorsed_until
