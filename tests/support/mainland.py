"""Synthetic mainland persons, and reporters, for the duty to register in Zhejiang."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from tests.support.people import a_principal, next_seed
from yizhengtong.foundation.accounts.models import Account, Office
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.kernel.numbers.synthetic import resident_id
from yizhengtong.registry.people.households import Household
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.services import add_number, register_person
from yizhengtong.registry.residence.credit_codes import check_character
from yizhengtong.registry.residence.models import Reporter
from yizhengtong.registry.residence.reporters import register_reporter, verify_reporter

RUIAN, QINGYUAN, NANCHONG = "330381", "331126", "511302"
SHANGCHENG, XIHU = "330102", "330106"
BORN = date(1980, 5, 17)
ADDRESS = "仙降街道演示路1号101室"


@dataclass(frozen=True, slots=True)
class Mainlander:
    """A person of Nanchong and the account that acts for it."""

    person: Person
    principal: Principal
    number: str


def an_identity_number(born: date = BORN, sex: Any = "M") -> str:
    return resident_id(next_seed(), NANCHONG, born, sex)


def a_mainlander(*, name: str = "陈演示", hukou: str = NANCHONG, account: Account | None = None) -> Mainlander:
    """Register 陈演示, in the household register of Nanchong unless told otherwise."""
    by = a_principal(account.pk if account else None)
    household = Household(hukou, "演示街9号", "汉")
    person = register_person(
        name=name, birth_date=BORN, sex="M", region="CN", household=household, account=account, by=by
    )
    number = an_identity_number()
    add_number(person=person, kind=DocumentKind.RESIDENT_ID, number=number, by=by)
    return Mainlander(person, by, number)


def a_credit_code() -> str:
    first = f"91330381{next_seed():09d}"
    return first + check_character(first)


def the_office(region: str = RUIAN) -> Office:
    """Return the office of a county, made where it is not there."""
    return Office.objects.get_or_create(
        code=region, defaults={"name": "演示公安局", "region": region, "path": f"33.{region}"}
    )[0]


def a_registrar(office: Office) -> Principal:
    return Principal(
        PrincipalKind.STAFF, uuid4(), office.pk, office.path, office.region, frozenset([Role.REGISTRAR]), True
    )


def a_reporter(kind: str = "landlord", *, is_verified: bool = True) -> tuple[Reporter, Principal]:
    """Register a reporter of Rui'an with an account of its own."""
    office = the_office()
    account = Account.objects.create(username=f"reporter-{next_seed()}")
    by = Principal(PrincipalKind.REPORTER, account.pk)
    reporter = register_reporter(
        account_id=account.pk, kind=kind, name="演示物业", code=a_credit_code(), contact="0577-00000000", region=RUIAN,
        by=by,
    )  # fmt: skip
    if is_verified:
        reporter = verify_reporter(reporter_id=reporter.pk, is_verified=True, version=1, by=a_registrar(office))
    return reporter, by
