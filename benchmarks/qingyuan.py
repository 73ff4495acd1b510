"""Set-up of `recognition`, inside Django: a county with officers who answer, and holders of a card of another county.

`python -m benchmarks.qingyuan HOLDERS FILE URL` writes FILE, a JSON document that the load generator reads: numbers,
names, sessions and filled-in drafts. URL is where the receiver listens, whose keys it writes beside FILE. Nothing of it
is in a figure: it is written in bulk, straight into the tables.
"""

import json
import os
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from django.conf import settings  # noqa: E402 Django first
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.prepare import open_session  # noqa: E402
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember  # noqa: E402
from yizhengtong.foundation.accounts.principals import SYSTEM  # noqa: E402
from yizhengtong.foundation.accounts.roles import Role  # noqa: E402
from yizhengtong.foundation.accounts.services import create_office  # noqa: E402
from yizhengtong.foundation.exchange.models import SendingKey  # noqa: E402
from yizhengtong.foundation.exchange.registers.contract import (  # noqa: E402
    Fact,
    HouseholdRegister,
    Kind,
    Number,
    SocialInsurance,
)
from yizhengtong.foundation.exchange.registers.files import write_register  # noqa: E402
from yizhengtong.foundation.exchange.services import add_destination, resume  # noqa: E402
from yizhengtong.foundation.vault.indexes import blind_index  # noqa: E402
from yizhengtong.kernel.dates import legal_day  # noqa: E402
from yizhengtong.kernel.numbers import DocumentKind, parse, synthetic  # noqa: E402
from yizhengtong.permitting.casework.answering import answering_for, name_answering  # noqa: E402
from yizhengtong.permitting.casework.gathering import law_for  # noqa: E402
from yizhengtong.permitting.permits.kinds import ZHEJIANG_CARD  # noqa: E402
from yizhengtong.permitting.permits.models import Permit  # noqa: E402
from yizhengtong.permitting.permits.rules import last_day_of_year  # noqa: E402
from yizhengtong.permitting.permits.states import PermitState  # noqa: E402
from yizhengtong.registry.people.models import Person, PersonNumber  # noqa: E402
from yizhengtong.registry.people.services import birth_index, name_indexes, number_index  # noqa: E402

ITEM, QINGYUAN, STATION, RUIAN, NANCHONG = "floating.conversion_permit", "331126", "331126-01", "330381", "511302"
CLERK = "bench-converting-clerk"
DESTINATION = "bench"
_HELD_DAYS = 30
_FIRST_BIRTH, _BIRTHS = date(1960, 1, 1), 15_000
_FIRST_CHARACTER, _CHARACTERS = 0x4E00, 20_000
_BATCH = 200


def main(count: int, path: Path, url: str) -> None:
    """Make the counties, the holders, what registers say of them, and the destination; write who they are."""
    today = legal_day(timezone.now())
    station = _county(today)
    elsewhere = _office(RUIAN, "瑞安市公安局", RUIAN, None)
    holders = [
        holder
        for first in range(0, count, _BATCH)
        for holder in _holders(range(first, min(first + _BATCH, count)), elsewhere, today)
    ]
    _registers([holder["number"] for holder in holders], today)
    path.with_name("keys.json").write_text(json.dumps(_destination(url)))
    path.write_text(json.dumps({"station": station.code, "place": QINGYUAN, "item": ITEM, "holders": holders}))


def _county(today: date) -> Office:
    """Make the county that converts, and name who answers for its rules."""
    county = _office(QINGYUAN, "庆元县公安局", QINGYUAN, None)
    station = _office(STATION, "庆元县公安局松源派出所", QINGYUAN, county)
    law, places = law_for(ITEM, QINGYUAN, today), {"accepting_station": station, "county_authority": county}
    known = answering_for([county.pk, station.pk])
    for named in law.value("decide.system_rules"):
        office = places[named.answers]
        if (office.pk, named.rule) not in known:
            member = _officer(f"bench-{named.opinion}-{office.code}", office, Role(named.opinion))
            name_answering(
                office=office, rule=named.rule, username=member.account.username, law=law, on=today, by=SYSTEM
            )
    _officer(CLERK, station, Role.CLERK)
    return station


def _office(code: str, name: str, region: str, parent: Office | None) -> Office:
    found = Office.objects.filter(code=code).first()
    return found or create_office(code=code, name=name, region=region, parent=parent, by=SYSTEM)


def _officer(username: str, office: Office, role: Role) -> StaffMember:
    account = Account.objects.create(username=username, is_demonstration=True)
    return StaffMember.objects.create(account=account, office=office, name="测试员", roles=[role.value])


@transaction.atomic
def _holders(numbers: range, office: Office, today: date) -> list[dict[str, str]]:
    """Make accounts with sessions, persons with an identity number, and a card of another county in their hands."""
    accounts = Account.objects.bulk_create(
        [Account(username=f"bench-holder-{n}", is_demonstration=True) for n in numbers]
    )
    persons = Person.objects.bulk_create([_person(n, account) for n, account in zip(numbers, accounts, strict=True)])
    written = [synthetic.resident_id(n // _BIRTHS, NANCHONG, _birth(n), "M") for n in numbers]
    PersonNumber.objects.bulk_create([_number(person, number) for person, number in zip(persons, written, strict=True)])
    Permit.objects.bulk_create([_card(person, office, today) for person in persons])
    return [
        {"number": number, "name": person.name, "session": open_session(account)}
        for number, person, account in zip(written, persons, accounts, strict=True)
    ]


def _birth(n: int) -> date:
    return _FIRST_BIRTH + timedelta(days=n % _BIRTHS)


def _person(n: int, account: Account) -> Person:
    name = "".join(chr(_FIRST_CHARACTER + n * step % _CHARACTERS) for step in (7, 11, 13))
    return Person(
        account=account, name=name, birth_date=_birth(n), sex="M", region="CN", hukou_region=NANCHONG,
        hukou_address="演示街9号", nation="汉", name_bigrams=name_indexes(name, ""), birth_index=birth_index(_birth(n)),
    )  # fmt: skip


def _number(person: Person, number: str) -> PersonNumber:
    parsed = parse(DocumentKind.RESIDENT_ID, number)
    return PersonNumber(
        person=person, kind=DocumentKind.RESIDENT_ID, number=parsed.text, number_index=number_index(parsed)
    )


def _card(person: Person, office: Office, today: date) -> Permit:
    issued, number = today - timedelta(days=_HELD_DAYS), f"bench-{person.pk}"
    return Permit(
        person=person, kind=ZHEJIANG_CARD, number=number, number_index=blind_index("permits.number", number),
        region=RUIAN, authority=office.name, valid_from=issued, last_valid_day=date.max, state=PermitState.HELD,
        card={"name": person.name}, office_id=office.pk, office_path=office.path, delivery="collect", made_on=issued,
        handed_over_on=issued, counted_from=issued, endorsed_until=last_day_of_year(issued, 1),
        years_count_from=issued,
    )  # fmt: skip


def _registers(numbers: list[str], today: date) -> None:
    """Let the registers of household and insurance confirm everybody."""
    said: tuple[tuple[Kind, Fact], ...] = (
        (Kind.HOUSEHOLD_REGISTER, HouseholdRegister(NANCHONG, None, has_died=False)),
        (Kind.SOCIAL_INSURANCE, SocialInsurance(12, today.replace(day=1) - timedelta(days=1))),
    )
    for kind, fact in said:
        rows = [(Number(DocumentKind.RESIDENT_ID, number), fact) for number in numbers]
        register = f"bench-{kind.value}".replace("_", "-")
        write_register(Path(settings.YZT_REGISTERS["folder"]), kind, rows, as_of=today, register=register)


def _destination(url: str) -> dict[str, list[Any]]:
    """Name the receiver as a destination that is on, and return the key set that it checks signatures with."""
    destination = add_destination(
        code=DESTINATION, name="演示数据平台", url=url, legal_basis="国令716 art. 12", by=SYSTEM
    )
    resume(code=DESTINATION, by=SYSTEM)
    return {"keys": [key.public for key in SendingKey.objects.filter(destination=destination)]}


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
