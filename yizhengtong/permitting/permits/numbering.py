"""Numbers of permits.

The number of a Hong Kong, Macao or Taiwan permit is the holder's citizen number (国办发〔2018〕81号 art. 3): it stays
for life, over every replacement. A deployment that is given numbers by its province's issuing system sets them when it
imports; without one, the platform allocates them from its own series.

A Zhejiang permit shows its holder's identity number and, on the back, a number of its own (S3-14), whose form is in no
source (N): `YZT_PERMIT_NUMBER_PATTERN` says it. Every document gets another one (I).
"""

from datetime import date
from typing import cast

from django.conf import settings
from django.db import connection

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.errors import Conflict
from yizhengtong.kernel.numbers import DocumentKind, HmtRegion, hmt_permit_number
from yizhengtong.permitting.permits.kinds import HMT
from yizhengtong.registry.people.models import Person, Sex
from yizhengtong.registry.people.queries import current_number, number_is_taken
from yizhengtong.registry.people.services import add_number

_NEXT = """
    INSERT INTO permits_numberseries (series_index, given) VALUES (%s, 1)
    ON CONFLICT (series_index) DO UPDATE SET given = permits_numberseries.given + 1 RETURNING given
"""
_LAST_SEQUENCE = 999  # GB 11643: three digits, odd for men and even for women


def number_of(kind: str, person: Person, *, region: str, on: date, by: Principal) -> str:
    """Return the number of a permit that is being issued. Raises Conflict `permits.numbers_used_up`."""
    return number_for(person, by=by) if kind == HMT else document_numbers(1, region=region, on=on)[0]


def document_numbers(count: int, *, region: str, on: date) -> list[str]:
    """Return the numbers of so many Zhejiang permits, in one statement. One that is not used is not given again."""
    pattern: str = settings.YZT_PERMIT_NUMBER_PATTERN
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('permits_document_number') FROM generate_series(1, %s)", [count])
        return [pattern.format(county=region, year=on.year, running=running) for (running,) in cursor.fetchall()]


def number_for(person: Person, *, by: Principal) -> str:
    """Return the permit number of a person, allocated once. Raises Conflict `permits.numbers_used_up`."""
    held = current_number(person, DocumentKind.HMT_PERMIT)
    if held is not None:
        return str(held.number)
    number = _next_number(person)
    while number_is_taken(DocumentKind.HMT_PERMIT, number):  # by somebody whose permit was imported
        number = _next_number(person)
    add_number(person=person, kind=DocumentKind.HMT_PERMIT, number=number, by=by)
    return number


def _next_number(person: Person) -> str:
    return hmt_permit_number(cast(HmtRegion, person.region), person.birth_date, _next_sequence(person))


def _next_sequence(person: Person) -> int:
    index = blind_index("permits.series", f"{person.region}{person.birth_date:%Y%m%d}{person.sex}")
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [index])
        given: int = cursor.fetchone()[0]
    sequence = 2 * given - (1 if person.sex == Sex.MALE else 0)
    if sequence > _LAST_SEQUENCE:
        raise Conflict("permits.numbers_used_up")
    return sequence
