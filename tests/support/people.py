"""Synthetic residents with travel document and stays."""

from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from tests.support.facts import ADULT, HALF_A_YEAR_AGO
from tests.support.law import LIXIA, TODAY
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentKind, HmtRegion, synthetic
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.services import add_number, register_person
from yizhengtong.registry.residence.services import declare_stay

ADDRESS = "和平路47号1单元101"
FAR = date(2031, 9, 18)
_seeds = count(1)


def next_seed() -> int:
    """Return a number that no other resident of this run was made from."""
    return next(_seeds)


@dataclass(frozen=True, slots=True)
class Resident:
    """A person and the account that acts for it."""

    person: Person
    principal: Principal
    number: str = field(repr=False)


def a_principal(account_id: UUID | None = None) -> Principal:
    """Return the principal of a resident's account."""
    return Principal(PrincipalKind.RESIDENT, account_id or new_id())


def a_resident(
    *,
    name: str = "王小明",
    region: HmtRegion = "HK",
    birth_date: date = ADULT,
    sex: str = "M",
    kind: DocumentKind | None = None,
    valid_until: date | None = FAR,
    since: date | None = HALF_A_YEAR_AGO,
    county: str = LIXIA,
    **more: Any,
) -> Resident:
    """Register 王小明 of Hong Kong, half a year in Lixia on TODAY, unless told otherwise. `since` None: no stay."""
    by = a_principal()
    person = register_person(name=name, birth_date=birth_date, sex=sex, region=region, by=by, **more)
    known = kind or (DocumentKind.MTP_TAIWAN_FIVE_YEAR if region == "TW" else DocumentKind.HRP)
    number = travel_number(known, region)
    add_number(person=person, kind=known, number=number, valid_until=valid_until, by=by)
    if since is not None:
        declare_stay(
            person=person, region=county, address=ADDRESS, start=since, reported_by="self", declared_on=TODAY, by=by
        )
    return Resident(person, by, number)


def travel_number(kind: DocumentKind, region: HmtRegion) -> str:
    """Return a well-formed number of a travel document that nobody of this run has."""
    seed = next_seed()
    makers = {
        DocumentKind.HRP: lambda: synthetic.hrp(seed, region),
        DocumentKind.HRP_NON_CHINESE: lambda: synthetic.non_chinese_hrp(seed, region),
        DocumentKind.MTP_TAIWAN_FIVE_YEAR: lambda: synthetic.mtp_taiwan(seed),
        DocumentKind.MTP_TAIWAN_ONE_TIME: lambda: synthetic.one_time_mtp(seed),
    }
    return makers[kind]()
