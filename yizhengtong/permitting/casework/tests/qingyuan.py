"""Qingyuan for tests: offices and officers who answer for the rules, holders and registrations, drafts, registers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from unittest import mock
from uuid import UUID

from tests.support.cases import add_paper
from tests.support.law import TODAY, lay_down_law
from tests.support.people import Resident, a_principal, next_seed
from yizhengtong.foundation.accounts.models import Office, StaffMember
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer, create_office
from yizhengtong.kernel.dates import add_months
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentKind, synthetic
from yizhengtong.permitting.applications import confirmed as source
from yizhengtong.permitting.applications.facts import Confirmed
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.services import item_of, save_answers, start_application
from yizhengtong.permitting.casework.answering import name_answering
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.promising import promise_of
from yizhengtong.permitting.casework.services.promises import make_promise
from yizhengtong.permitting.casework.services.reception import receive_application
from yizhengtong.permitting.permits.kinds import ZHEJIANG_CARD, ZHEJIANG_ELECTRONIC
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import hand_over_card, issue_permit, record_made
from yizhengtong.registry.people.households import Household
from yizhengtong.registry.people.services import add_number, register_person
from yizhengtong.registry.residence.services import declare_stay

QINGYUAN, RUIAN, NANCHONG = "331126", "330381", "511302"
STATIONS = {QINGYUAN: "331126-01", RUIAN: "330381-01"}
BY_PERMIT, BY_STAYS = "floating.conversion_permit", "floating.conversion_registrations"
ADDRESS = "浙江省庆元县松源街道某路3号"
RULES = {
    "form_is_complete_and_declared": (Role.CLERK, "station"),
    "every_fact_is_confirmed": (Role.REVIEWER, "county"),
    "every_condition_is_met": (Role.APPROVER, "county"),
}


@dataclass(frozen=True, slots=True)
class County:
    """A county's bureau and its station, where applications arrive."""

    code: str
    county: Office
    station: Office

    def officer(self, *roles: Role, at: str = "station") -> Principal:
        office = getattr(self, at)
        return Principal(
            PrincipalKind.STAFF, new_id(), office_id=office.pk, office_path=office.path, office_region=self.code,
            roles=frozenset(roles), has_second_factor=True,
        )  # fmt: skip


def a_county(code: str = QINGYUAN, name: str = "庆元县", *, answering: bool = True) -> County:
    """Make a county; `answering`: an officer is named for each rule of the system, where its pack has rules."""
    county = create_office(code=code, name=f"{name}公安局", region=code, parent=None, by=SYSTEM)
    station = create_office(code=STATIONS[code], name=f"{name}派出所", region=code, parent=county, by=SYSTEM)
    made = County(code, county, station)
    if answering:
        name_all(made)
    return made


def name_all(county: County, *, on: date = TODAY) -> None:
    """Appoint three officers and name each for a rule."""
    law = law_for(BY_PERMIT, county.code, on)
    for rule, (role, at) in RULES.items():
        member = an_officer(getattr(county, at), role)
        name_answering(office=member.office, rule=rule, username=member.account.username, law=law, on=on, by=SYSTEM)


def an_officer(office: Office, *roles: Role) -> StaffMember:
    return appoint_officer(
        username=f"officer-{next_seed()}",
        password="正确的马电池订书钉",
        name="吴警官",
        office=office,
        roles=roles,
        by=SYSTEM,
    )


def the_law() -> None:
    lay_down_law()


def a_mainlander(*stays: tuple[str, date, date | None], name: str = "姚小明", hukou: str = NANCHONG) -> Resident:
    """Register 姚小明 of Nanchong, with stays: county, first day, first day no longer there."""
    seed, by = next_seed(), a_principal()
    birth = date(1980, 5, 6) + timedelta(days=seed % 3000)  # a day has 500 numbers a sex
    household = Household(region=hukou, address="四川省南充市顺庆区某街1号", nation="汉")
    person = register_person(name=name, birth_date=birth, sex="M", region="CN", household=household, by=by)
    number = synthetic.resident_id(seed, hukou, birth, "M")
    add_number(person=person, kind=DocumentKind.RESIDENT_ID, number=number, by=by)
    for county, start, until in stays:
        declare_stay(
            person=person, region=county, address=ADDRESS, start=start, until=until, reported_by="self",
            declared_on=start, by=by,
        )  # fmt: skip
    return Resident(person, by, number)


def half_a_year(county: str = RUIAN) -> tuple[str, date, date | None]:
    """Return a stay of exactly six months on TODAY."""
    return county, add_months(TODAY, -6), None


def a_card(who: Resident, county: County, *, on: date = TODAY, kind: str = ZHEJIANG_CARD) -> Permit:
    """Give somebody a Zhejiang permit in the hand, issued on a day."""
    permit = issue_permit(
        person=who.person, kind=kind, validity=law_for(BY_PERMIT, QINGYUAN, TODAY).value("validity"), case_id=new_id(),
        office_id=county.station.pk, office_path=county.station.path, region=county.code, authority=county.county.name,
        card={"name": who.person.name}, photo_id=None, delivery="collect", delivery_address="", on=on,
        by=county.officer(Role.APPROVER),
    )  # fmt: skip
    if kind == ZHEJIANG_ELECTRONIC:
        return permit
    by = county.officer(Role.CLERK)
    record_made(permit_id=permit.pk, on=on, by=by)
    return hand_over_card(permit_id=permit.pk, on=on, by=by, asks_old_card_back=False)


def confirmed(**kinds: Mapping[str, Any]) -> dict[str, Confirmed]:
    """Return what registers said: the identity, and the kinds given."""
    return {
        kind: Confirmed(register="test", as_of=TODAY, **said) for kind, said in {"identity_card": {}, **kinds}.items()
    }


ALL_CONFIRMED: Mapping[str, Mapping[str, Any]] = {"labour_contract": {}}


@contextmanager
def registers_say(said: Mapping[str, Confirmed] | None = None) -> Iterator[None]:
    """Let registers answer so of every application; None: the identity and a labour contract."""
    answer = confirmed(**ALL_CONFIRMED) if said is None else said

    def say(applications: Sequence[Application]) -> dict[UUID, Mapping[str, Confirmed]]:
        return {application.pk: answer for application in applications}

    with mock.patch.object(source, "_source", say):
        yield


def answers(county: str = QINGYUAN, **changes: Any) -> dict[str, Any]:
    return {
        "residence_address": ADDRESS, "phone": "13800000000", "service_point": STATIONS[county], "declares_true": True,
        "acknowledges_cancellation": True, "declares_own_will": True, **changes,
    }  # fmt: skip


def a_draft(
    who: Resident,
    item: str = BY_PERMIT,
    *,
    county: str = QINGYUAN,
    on: date = TODAY,
    claims: tuple[str, ...] = ("employment",),
    promises: bool = True,
    papers: Mapping[str, str] | None = None,
    ground: str = "",
    **changes: Any,
) -> Application:
    """Return a draft filled in over the four steps, all but the last."""
    law = law_for(item, county, on)
    draft = start_application(
        person=who.person, acting=who.person, item=item, place=county, ground=ground, law=law, on=on, by=who.principal
    )
    if promises:
        draft = make_promise(
            application_id=draft.pk, text_hash=promise_of(law, item_of(law, item)).hash, acting=who.person,
            version=draft.version, on=on, by=who.principal,
        )  # fmt: skip
    draft = save_answers(
        application_id=draft.pk, answers=answers(county, **changes), claims=claims, acting=who.person,
        version=draft.version, on=on, by=who.principal,
    )  # fmt: skip
    for code, kind in (papers or {}).items():
        add_paper(draft, who, code, kind, on=on)
    return draft


def submitted(who: Resident, draft: Application, *, on: date = TODAY, **confirms: bool) -> Case:
    return receive_application(
        application_id=draft.pk, acting=who.person, version=draft.version, on=on, by=who.principal, confirms=confirms
    )
