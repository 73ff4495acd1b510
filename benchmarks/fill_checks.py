"""Filling a database with permits for `checks`: `python -m benchmarks.fill_checks PERMITS FILE` as its superuser.

The first ones are whole: a name that opens, a number of its own, a consent. Those are checked. The others are rows of
the same length that nobody asks for: they are there to be searched among. FILE tells numbers, names and the secret of
a bank that may check.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from django.db import models  # noqa: E402 Django first
from django.utils import timezone  # noqa: E402

from benchmarks.fill_permits import Columns, fill, row_id, sealed  # noqa: E402
from benchmarks.templates import save_templates  # noqa: E402
from yizhengtong.foundation.accounts.principals import SYSTEM  # noqa: E402
from yizhengtong.foundation.vault.indexes import blind_index  # noqa: E402
from yizhengtong.kernel.dates import legal_day  # noqa: E402
from yizhengtong.kernel.ids import new_id  # noqa: E402
from yizhengtong.kernel.numbers import synthetic  # noqa: E402
from yizhengtong.permitting.permits.kinds import HMT  # noqa: E402
from yizhengtong.permitting.permits.models import Permit  # noqa: E402
from yizhengtong.permitting.permits.states import PermitState  # noqa: E402
from yizhengtong.registry.consents.models import Consent  # noqa: E402
from yizhengtong.registry.people.models import Person  # noqa: E402
from yizhengtong.verification.relying_parties.services import register_relying_party  # noqa: E402

CHECKED = 4000
PURPOSE = "bank"
_FIRST_BIRTH = date(1960, 1, 1)
_PER_BIRTH_DATE = 10
_BATCH = 1000
_SURNAMES, _GIVEN = "陈林黄张李王吴刘蔡杨", "子轩嘉敏志明美玲家豪诗雅"
_COLUMNS: Mapping[type[models.Model], Columns] = {
    Person: {"id": row_id(1), "name": sealed(0, 32), "latin_name": sealed(10, 32), "birth_date": sealed(20, 38)},
    Permit: {
        "id": row_id(4),
        "person_id": row_id(1),
        "number": sealed(30, 46),
        "number_index": "substr(sha256(int8send(n)), 1, 16)",
        "card": sealed(40, 384),
    },
}


@dataclass(frozen=True, slots=True)
class Checked:
    """Somebody who is checked."""

    number: str
    name: str
    birth_date: date


def main(permits: int, path: Path) -> None:
    """Fill, analyse, and write whom to check."""
    permit = _template()
    for one in (permit.person, permit):
        fill(_COLUMNS, {type(one): one}, permits - CHECKED, type(one))
    _save(everybody(), like=permit)
    _party, secret = register_relying_party(
        name="测试银行", legal_basis="反洗钱法第十六条", purposes=[PURPOSE], by=SYSTEM
    )
    known = [{"number": one.number, "name": one.name, "birth_date": str(one.birth_date)} for one in everybody()]
    path.write_text(json.dumps({"secret": secret, "purpose": PURPOSE, "known": known}, ensure_ascii=False))


def _template() -> Permit:
    """Save a permit of somebody that nobody is checked as: the others are like it."""
    person, _, case = save_templates()
    today = legal_day(timezone.now())
    return Permit.objects.create(
        person=person, kind=HMT, number="", number_index=b"0" * 16, region="370102", authority="济南市公安局历下分局",
        valid_from=today - timedelta(days=30), last_valid_day=today + timedelta(days=1795), state=PermitState.HELD,
        card={}, office_id=case.office_id, office_path=case.office_path, delivery="collect",
    )  # fmt: skip


def _save(people: Iterator[Checked], like: Permit) -> None:
    """Save whom is checked, each with a permit and a consent."""
    persons, permits, consents = [], [], []
    for one in people:
        person = Person(name=one.name, birth_date=one.birth_date, sex="F", region="HK")
        permit = copy(like)
        permit.pk, permit.person, permit.number = new_id(), person, one.number
        permit.number_index, permit.card = blind_index("permits.number", one.number), {"name": one.name}
        persons.append(person)
        permits.append(permit)
        consents.append(
            Consent(person=person, use=f"check_{PURPOSE}", answer="given", account_id=person.pk, law_hash="bench")
        )
    Person.objects.bulk_create(persons, _BATCH)
    Permit.objects.bulk_create(permits, _BATCH)
    Consent.objects.bulk_create(consents, _BATCH)


def everybody() -> Iterator[Checked]:
    """Yield whom checks ask for: the same ones in every database."""
    for at in range(CHECKED):
        birth = _FIRST_BIRTH + timedelta(days=at // _PER_BIRTH_DATE)
        number = synthetic.resident_id(at % _PER_BIRTH_DATE, "810000", birth, "F")
        given = _GIVEN[at // 10 % len(_GIVEN)] + _GIVEN[at // 100 % len(_GIVEN)]
        yield Checked(number, _SURNAMES[at % len(_SURNAMES)] + given, birth)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
