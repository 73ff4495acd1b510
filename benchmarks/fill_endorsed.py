"""Filling a database for `endorsement`: `python -m benchmarks.fill_endorsed PERMITS` as its superuser.

Each Zhejiang permit has its person; they were issued evenly over the days of three years, their ids in that order as
the platform's are. The last days of their endorsed years so fill a year, from yesterday on. What is sealed is as long
and as random as in benchmarks.fill_permits.
"""

import sys
from collections.abc import Mapping
from datetime import date, timedelta

from benchmarks.fill_permits import Columns, fill, row_id, sealed

# isort: split
from django.db import models
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.services import create_office
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.permits.kinds import ZHEJIANG_CARD
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.registry.people.models import Person

RUIAN = "330381"
DAYS, YEARS = 365, 3


def main(permits: int) -> None:
    """Make so many permits, analysed; the templates are two rows more, of a permit that is lost."""
    templates, columns = _templates(legal_day(timezone.now())), columns_for(permits)
    for model in columns:
        fill(columns, templates, permits, model)
    Permit.objects.filter(pk=templates[Permit].pk).update(endorsed_until=None, state=PermitState.LOST)


def columns_for(permits: int) -> Mapping[type[models.Model], Columns]:
    """Return what each of so many rows has instead of its template's columns."""
    issued = f"((n - 1)::bigint * {DAYS * YEARS} / {permits})"
    return {
        Person: {"id": row_id(1), "name": sealed(0, 32), "latin_name": sealed(10, 32)},
        Permit: {
            "id": row_id(2),
            "person_id": row_id(1),
            "number": sealed(30, 32),
            "number_index": "substr(sha256(int8send(n)), 1, 16)",
            "card": sealed(40, 384),
            "endorsed_until": f"template.endorsed_until + mod({issued}, {DAYS})::int",
        },
    }


def _templates(today: date) -> dict[type[models.Model], models.Model]:
    office = Office.objects.filter(region=RUIAN).first() or create_office(
        code=RUIAN, name="瑞安市公安局", region=RUIAN, parent=None, by=SYSTEM
    )
    issued = today.replace(year=today.year - 3, day=1)
    person = Person.objects.create(name="测试", birth_date=issued, sex="F", region="CN")
    permit = Permit.objects.create(
        person=person, kind=ZHEJIANG_CARD, number="", number_index=b"0" * 16, region=RUIAN, authority=office.name,
        valid_from=issued, last_valid_day=date.max, state=PermitState.HELD, card={}, office_id=office.pk,
        office_path=office.path, delivery="collect", made_on=issued, handed_over_on=issued, counted_from=issued,
        endorsed_until=today - timedelta(days=1), years_count_from=issued,
    )  # fmt: skip
    return {Person: person, Permit: permit}


if __name__ == "__main__":
    main(int(sys.argv[1]))
