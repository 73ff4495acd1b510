"""Files as a school sends them, and parties that send them."""

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import openpyxl

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.kernel.numbers import hmt_permit_number
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import RelyingPartyKey
from yizhengtong.verification.relying_parties.services import register_relying_party

HEADINGS = ("证件类型", "证件号码", "姓名", "出生日期", "自编号")
Line = Sequence[object]


def a_school(*purposes: str, name: str = "泉城演示学校", environment: str = "production") -> Caller:
    """Return a relying party and the key it calls by."""
    party, _ = register_relying_party(
        name=name, legal_basis="义务教育法", purposes=purposes or ("school",), by=SYSTEM, environment=environment
    )
    key = RelyingPartyKey.objects.get(relying_party=party)
    return Caller(party, key.pk, environment == "test")


@cache
def number_of_nobody(n: int) -> str:
    """Return a number that can be right and that nobody has."""
    return hmt_permit_number("HK", date(1950, 1, 1) + timedelta(days=n), 7)


def nobody(n: int) -> Line:
    """Return a row about nobody."""
    return (
        "港澳台居民居住证",
        number_of_nobody(n),
        "陈嘉欣",
        (date(1950, 1, 1) + timedelta(days=n)).isoformat(),
        f"S{n}",
    )


def as_csv(lines: Sequence[Line], headings: Sequence[str] = HEADINGS, *, encoding: str = "utf-8") -> bytes:
    """Return rows as a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows([headings, *lines])
    return text.getvalue().encode(encoding)


def as_workbook(lines: Sequence[Line], headings: Sequence[str] = HEADINGS) -> bytes:
    """Return rows as an Excel file."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.create_sheet(index=0)
    for line in (headings, *lines):
        sheet.append(list(line))
    book.save(file)
    return file.getvalue()
