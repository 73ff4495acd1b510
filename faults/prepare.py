"""Set-up of the fault run, inside Django: who goes on every journey, offices, officers, registers, contacts.

`python -m faults.prepare RESIDENTS FILE` writes FILE; `python -m faults.prepare --wake` queues what the platform's own
sweeps would queue within a minute.
"""

import json
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from benchmarks import prepare as cases  # sets Django up
from benchmarks.prepare import open_session
from faults import checked
from faults.checking import CHECKED
from yizhengtong.foundation.accounts.models import Account, Office, OfficeKind
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.accounts.services import create_office
from yizhengtong.foundation.exchange.registers.contract import (
    Fact,
    HouseholdRegister,
    Kind,
    Number,
    SocialInsurance,
)
from yizhengtong.foundation.exchange.registers.files import write_register
from yizhengtong.foundation.notifications.models import Contact
from yizhengtong.kernel.dates import add_months, add_years, legal_day
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentKind, synthetic
from yizhengtong.permitting.casework.answering import name_answering
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.permits.kinds import ZHEJIANG_CARD
from yizhengtong.permitting.permits.services import hand_over_card, issue_permit, record_made
from yizhengtong.registry.consents.models import Consent
from yizhengtong.registry.people.households import Household
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.services import add_number, register_person
from yizhengtong.registry.residence.services import declare_stay

HMT, FIRST, ENDORSED = "hmt.first_issue", "floating.first_issue", "floating.endorsement"
CONVERTED, SETTLED = "floating.conversion_permit", "settlement.approval"
TURNS = (HMT, CONVERTED, FIRST, CHECKED, ENDORSED, CONVERTED, SETTLED)
"""What residents apply for, in turn; now and then a bank checks permits instead."""

QINGYUAN, RUIAN, LIXIA, NANCHONG = "331126", "330381", "370102", "511302"
POINTS = {FIRST: "330381-01", ENDORSED: "330381-01", CONVERTED: "331126-01", SETTLED: "370102-ee"}
_NAMES = {QINGYUAN: "庆元县", RUIAN: "瑞安市"}
_RULES = {
    "form_is_complete_and_declared": ("clerk", "331126-01"),
    "every_fact_is_confirmed": ("reviewer", "331126"),
    "every_condition_is_met": ("approver", "331126"),
}
_ADDRESS = "演示路1号1单元101室"
_MONTHS = 8
_FIRST_SEED = 200_000
_SMS, _EMAIL = "sms", "email"


def main(count: int, path: Path) -> None:
    """Make `count` residents, one kind of journey after another, and write who they are."""
    today = legal_day(timezone.now())
    wanted = [TURNS[n % len(TURNS)] for n in range(count)]
    cases.main(wanted.count(HMT), path)
    known = json.loads(path.read_text())
    of_city = iter(known["residents"])
    _make_offices()
    known["points"] += [_point(code) for code in dict.fromkeys(POINTS.values())]
    _name_who_answers(today)
    shown = checked.people(Office.objects.get(code=LIXIA), today)
    known["residents"] = [
        checked.bank(n, shown)
        if journey == CHECKED
        else _reachable(n, {**next(of_city), "journey": journey})
        if journey == HMT
        else _applicant(n, journey, today)
        for n, journey in enumerate(wanted)
    ]
    _load_registers(known["residents"], today)
    path.write_text(json.dumps(known))


def wake() -> None:
    """Queue the sweeps of this minute now."""
    for task in ("events.deliver", "notifications.send", "exchange.push", "bulk.run"):
        _queue(task)
    for task in ("notifications.sweep", "exchange.sweep"):
        _queue(task, timestamp=int(timezone.now().timestamp()))


def _queue(task: str, **arguments: int) -> None:
    try:
        with transaction.atomic():
            app.configure_task(task, queueing_lock=task).defer(**arguments)
    except AlreadyEnqueued:
        pass


def _make_offices() -> None:
    for county, name in _NAMES.items():
        bureau = _office(county, f"{name}公安局", county, None)
        _office(f"{county}-01", f"{name}派出所", county, bureau)
    above = Office.objects.get(code=LIXIA)
    _office(POINTS[SETTLED], f"{above.name}出入境管理机构", LIXIA, above, OfficeKind.EXIT_ENTRY)


def _office(code: str, name: str, region: str, parent: Office | None, kind: OfficeKind = OfficeKind.POLICE) -> Office:
    found = Office.objects.filter(code=code).first()
    return found or create_office(code=code, name=name, region=region, parent=parent, by=SYSTEM, kind=kind)


def _point(code: str) -> dict[str, Any]:
    return cases._point(code, Office.objects.get(code=code).region)


def _name_who_answers(today: date) -> None:
    law = law_for(CONVERTED, QINGYUAN, today)
    for rule, (role, code) in _RULES.items():
        office = Office.objects.get(code=code)
        name_answering(office=office, rule=rule, username=f"bench-{role}-{code}", law=law, on=today, by=SYSTEM)


@transaction.atomic
def _applicant(n: int, journey: str, today: date) -> dict[str, str]:
    """Make somebody who can be reached from the moment there is something to tell: the worker runs already."""
    account = Account.objects.create(username=f"faults-{n}", is_demonstration=True)
    by = Principal(PrincipalKind.RESIDENT, account.pk)
    if journey == SETTLED:
        person, number = _taiwanese(n, account, by, today), ""
    else:
        person, number = _mainlander(n, account, by)
        _settle_in(person, journey, by, today)
    made = {
        "session": open_session(account), "account": str(account.pk), "person": str(person.pk), "number": number,
        "journey": journey, "region": Office.objects.get(code=POINTS[journey]).region, "point": POINTS[journey],
    }  # fmt: skip
    return _reachable(n, made)


def _taiwanese(n: int, account: Account, by: Principal, today: date) -> Person:
    person = register_person(name="陈台生", birth_date=date(1985, 3, 1), sex="M", region="TW", account=account, by=by)
    add_number(
        person=person, kind=DocumentKind.MTP_TAIWAN_FIVE_YEAR, number=synthetic.mtp_taiwan(_FIRST_SEED + n),
        valid_until=add_years(today, 4), by=by,
    )  # fmt: skip
    return person


def _mainlander(n: int, account: Account, by: Principal) -> tuple[Person, str]:
    birth = date(1980, 5, 6) + timedelta(days=n % 3000)
    household = Household(region=NANCHONG, address="四川省南充市顺庆区某街1号", nation="汉")
    person = register_person(
        name="姚小明", birth_date=birth, sex="M", region="CN", household=household, account=account, by=by
    )
    number = synthetic.resident_id(_FIRST_SEED + n, NANCHONG, birth, "M")
    add_number(person=person, kind=DocumentKind.RESIDENT_ID, number=number, by=by)
    return person, number


def _settle_in(person: Person, journey: str, by: Principal, today: date) -> None:
    """Let somebody live in Rui'an, and hold a card whose year is nearly full, or a newer one."""
    start = add_months(today, -_MONTHS)
    declare_stay(
        person=person, region=RUIAN, address=_ADDRESS, start=start, until=None, reported_by="self", declared_on=start,
        by=by,
    )  # fmt: skip
    if journey == ENDORSED:
        _give_card(person, add_years(today, -1) + timedelta(days=10))
    elif journey == CONVERTED:
        _give_card(person, add_months(today, -2))


def _give_card(person: Person, on: date) -> None:
    """Let somebody hold a card of Rui'an."""
    station = Office.objects.get(code=POINTS[FIRST])
    permit = issue_permit(
        person=person, kind=ZHEJIANG_CARD, validity=law_for(FIRST, RUIAN, on).value("validity"), case_id=new_id(),
        office_id=station.pk, office_path=station.path, region=RUIAN, authority="瑞安市公安局",
        card={"name": person.name}, photo_id=None, delivery="collect", delivery_address="", on=on, by=SYSTEM,
    )  # fmt: skip
    record_made(permit_id=permit.pk, on=on, by=SYSTEM)
    hand_over_card(permit_id=permit.pk, on=on, by=SYSTEM, asks_old_card_back=False)


def _load_registers(residents: list[Mapping[str, str]], today: date) -> None:
    """Let the household register and the social insurance know everybody who converts."""
    numbers = [Number(DocumentKind.RESIDENT_ID, each["number"]) for each in residents if each["journey"] == CONVERTED]
    household = HouseholdRegister(NANCHONG, None, False)
    insured = SocialInsurance(_MONTHS, today.replace(day=1) - timedelta(days=1))
    facts: dict[Kind, Fact] = {Kind.HOUSEHOLD_REGISTER: household, Kind.SOCIAL_INSURANCE: insured}
    for kind, fact in facts.items():
        rows = ((number, fact) for number in numbers)
        write_register(Path(settings.YZT_REGISTERS["folder"]), kind, rows, as_of=today, register="faults")


@transaction.atomic
def _reachable(n: int, resident: dict[str, str]) -> dict[str, str]:
    """Give somebody an address, every third a mailbox; every second one also wants what no law asks for."""
    channel, address = (_EMAIL, f"resident{n}@example.org") if n % 3 == 0 else (_SMS, f"+86138{n:08d}")
    Contact.objects.create(person_id=resident["person"], channel=channel, address=address)
    if n % 2:
        Consent.objects.create(
            person_id=resident["person"], use="notifications", answer="given", account_id=resident["account"],
            law_hash="",
        )  # fmt: skip
    return resident


if __name__ == "__main__":
    if sys.argv[1:] == ["--wake"]:
        wake()
    else:
        main(int(sys.argv[1]), Path(sys.argv[2]))
