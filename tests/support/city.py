"""A small Jinan: the law in force, a few offices, officers as principals without accounts."""

from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from tests.support.law import JINAN, LIXIA, SHIZHONG, lay_down_law
from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import create_office
from yizhengtong.project.demonstration.city import OFFICERS

POINTS = {LIXIA: "370100-01", SHIZHONG: "370100-02"}
"""The service point of each county."""

_BUREAUS = {LIXIA: "济南市公安局历下分局", SHIZHONG: "济南市公安局市中分局"}
_STATIONS = {LIXIA: "历下分局科院路派出所", SHIZHONG: "市中分局六里山派出所"}
_MATE = {Role.CLERK: "demo-clerk", Role.REVIEWER: "demo-reviewer", Role.APPROVER: "demo-approver"}


@dataclass(frozen=True, slots=True)
class City:
    """Offices by code."""

    offices: dict[str, Office]

    def officer(self, username: str, *roles: Role, office: str = "", has_second_factor: bool = True) -> Principal:
        """Return an officer's principal: of the demonstration by its username, or another one with roles and office."""
        known = next((each for each in OFFICERS if each.username == username), None)
        place = self.offices[office or (known.office if known else POINTS[LIXIA])]
        return Principal(
            PrincipalKind.STAFF,
            uuid5(NAMESPACE_OID, username),
            office_id=place.pk,
            office_path=place.path,
            office_region=place.region,
            roles=frozenset(roles or (known.roles if known else ())),
            has_second_factor=has_second_factor,
        )

    @property
    def clerk(self) -> Principal:
        """Officer Li of the service point in Lixia, who accepts."""
        return self.officer(_MATE[Role.CLERK])

    @property
    def reviewer(self) -> Principal:
        """Officer Wang of the bureau of Lixia, who reviews."""
        return self.officer(_MATE[Role.REVIEWER])

    @property
    def approver(self) -> Principal:
        """Officer Zhang of the bureau of Lixia, who approves."""
        return self.officer(_MATE[Role.APPROVER])


def a_city() -> City:
    """Put the law in force and make the offices: the city, two bureaus, a service point below each."""
    lay_down_law()
    root = create_office(code=JINAN, name="济南市公安局", region=JINAN, parent=None, by=SYSTEM)
    offices = {JINAN: root}
    for county, point in POINTS.items():
        bureau = create_office(code=county, name=_BUREAUS[county], region=county, parent=root, by=SYSTEM)
        offices[county] = bureau
        offices[point] = create_office(code=point, name=_STATIONS[county], region=county, parent=bureau, by=SYSTEM)
    return City(offices)
