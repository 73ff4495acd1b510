"""Zhejiang permits for tests: the law of the place, an office there, permits in any state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.support.law import library
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import create_office
from yizhengtong.kernel.ids import new_id
from yizhengtong.law.law import Law
from yizhengtong.law.values import Validity
from yizhengtong.permitting.permits.kinds import ELECTRONIC, ZHEJIANG, ZHEJIANG_CARD, ZHEJIANG_ELECTRONIC
from yizhengtong.permitting.permits.models import Endorsement, Permit
from yizhengtong.permitting.permits.services import endorse_permit, hand_over_card, issue_permit, record_made

RUIAN, QINGYUAN, HANGZHOU = "330381", "331126", "330106"
ISSUED = date(2021, 1, 1)
YEARLY = Validity(n=None, unit=None, endorsement="yearly")
CARD: Mapping[str, str] = {
    "name": "姚小明", "sex": "M", "nation": "汉", "birth_date": "1980-05-06", "identity_number": "511302198005060018",
    "hukou_address": "四川省南充市顺庆区某街1号", "residence_address": "浙江省瑞安市仙降街道某路2号",
    "authority": "瑞安市公安局",
}  # fmt: skip


def floating_law(place: str = RUIAN, on: date = ISSUED) -> Law:
    """Return the law of the domestic permit at a place on a day, straight from the packs."""
    return library().law(place, "floating", on)


@dataclass(frozen=True, slots=True)
class County:
    """An office and its approver."""

    office: Office

    @property
    def approver(self) -> Principal:
        return self.officer(Role.APPROVER)

    def officer(self, *roles: Role) -> Principal:
        return Principal(
            PrincipalKind.STAFF, new_id(), office_id=self.office.pk, office_path=self.office.path,
            office_region=self.office.region, roles=frozenset(roles), has_second_factor=True,
        )  # fmt: skip


def a_county(code: str = RUIAN) -> County:
    return County(create_office(code=code, name="瑞安市公安局", region=code, parent=None, by=SYSTEM))


def a_permit(
    county: County, who: Resident | None = None, *, kind: str = ZHEJIANG_CARD, on: date = ISSUED, **more: Any
) -> Permit:
    """Return a permit as it is right after its issue."""
    given: dict[str, Any] = {
        "validity": YEARLY, "case_id": new_id(), "office_id": county.office.pk, "office_path": county.office.path,
        "region": county.office.region, "authority": "瑞安市公安局", "card": CARD, "photo_id": None,
        "delivery": ELECTRONIC if kind == ZHEJIANG_ELECTRONIC else "collect", "delivery_address": "",
    }  # fmt: skip
    person = (who or a_resident(since=None)).person
    return issue_permit(person=person, kind=kind, on=on, by=county.approver, **(given | more))


def a_held_permit(county: County, who: Resident | None = None, **more: Any) -> Permit:
    permit = a_permit(county, who, **more)
    if permit.delivery == ELECTRONIC:
        return permit
    record_made(permit_id=permit.pk, on=permit.valid_from, by=county.approver)
    return hand_over_card(permit_id=permit.pk, on=permit.valid_from, by=county.approver, asks_old_card_back=False)


def convert(county: County, who: Resident, *, on: date, **more: Any) -> Permit:
    """Issue the electronic permit that takes the place of all others."""
    return a_permit(county, who, kind=ZHEJIANG_ELECTRONIC, on=on, supersedes=ZHEJIANG, **more)


def endorsed(permit: Permit, county: County, *, on: date, law: Law | None = None) -> Endorsement:
    return endorse_permit(
        permit_id=permit.pk, law=law or floating_law(on=on), region=county.office.region, office_id=county.office.pk,
        office_path=county.office.path, case_id=new_id(), on=on, by=county.approver,
    )  # fmt: skip


def fresh(permit: Permit) -> Permit:
    return Permit.objects.get(pk=permit.pk)
