"""Synthetic people for tests."""

from datetime import date
from typing import Any
from uuid import UUID

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.services import register_person

OFFICER_LI = Principal(PrincipalKind.STAFF, UUID(int=0x11), office_id=UUID(int=0x22), office_path="37.3701.370102")


def a_person(**changes: Any) -> Person:
    """王小明 of Hong Kong, born 1994-08-23, unless told otherwise."""
    facts: dict[str, Any] = {
        "name": "王小明", "birth_date": date(1994, 8, 23), "sex": "M", "region": "HK", "by": OFFICER_LI,
    }  # fmt: skip
    return register_person(**(facts | changes))
