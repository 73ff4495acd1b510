"""Officers of the small city at their desks: browsers that are signed in with a second factor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client

from tests.support.city import POINTS, City
from tests.support.law import LIXIA, SHIZHONG
from tests.support.sessions import session
from yizhengtong.foundation.accounts.models import StaffMember
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.models import Case

OFFICERS = {
    "clerk": ("李受理", POINTS[LIXIA], Role.CLERK),
    "reviewer": ("王审核", LIXIA, Role.REVIEWER),
    "approver": ("张审批", LIXIA, Role.APPROVER),
    "elsewhere": ("赵受理", POINTS[SHIZHONG], Role.CLERK),
    "auditor": ("周审计", POINTS[LIXIA], Role.AUDITOR),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """A city with officers who have accounts, each with a browser."""

    city: City
    browsers: Mapping[str, Client]
    accounts: Mapping[str, UUID]

    def get(self, who: str, address: str, **named: Any) -> Any:
        """Ask for a page as one of the officers."""
        return self.browsers[who].get(address, **named)

    def post(self, who: str, address: str, **data: Any) -> Any:
        """Send a form as one of the officers."""
        return self.browsers[who].post(address, data)

    def step(self, who: str, case: Case, action: str, **data: Any) -> Any:
        """Take a step in a case as the page of the step sends it, at the version that lies in the database."""
        version = Case.objects.values_list("version", flat=True).get(pk=case.pk)
        return self.post(who, f"{address_of(case)}/step/{action}", version=version, **data)


def a_desk(city: City) -> Desk:
    """Appoint the officers and sign each of them in."""
    browsers, accounts = {}, {}
    for who, (name, office, role) in OFFICERS.items():
        member = appoint_officer(
            username=f"desk-{who}",
            password="Aa1-2345-xyz!",
            name=name,
            office=city.offices[office],
            roles=[role],
            by=SYSTEM,
        )
        browsers[who], accounts[who] = signed_in(member), member.account_id
    return Desk(city, browsers, accounts)


def signed_in(member: StaffMember, *, has_second_factor: bool = True) -> Client:
    """Return a browser with the session of an officer."""
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = session(member.account, has_second_factor=has_second_factor)
    return browser


def address_of(case: Case) -> str:
    """Return the address of a case's page."""
    return f"/desk/cases/{public_id('cas', case.pk)}"


def window_of(case: Case) -> str:
    """Return the address of a case's visit at the window."""
    return f"/desk/window/cases/{public_id('cas', case.pk)}"


def words_as_found(case: Case, **changes: str) -> dict[str, str]:
    """Return the fields of a checklist judged as the rules find it; `changes`: the word of a line, by its name."""
    from yizhengtong.permitting.casework.examination import examine
    from yizhengtong.sites.desk.cases.asking import today

    fields = {}
    for line in examine(case, today()).lines:
        fields[f"{line.target}.{line.code}.word"] = "unmet" if line.found is False else "met"
    for name, word in changes.items():
        target, _, code = name.partition("__")
        fields[f"{target}.{code}.word"] = word
        fields[f"{target}.{code}.reason"] = "已核对原件"
    return fields
