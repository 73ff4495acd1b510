"""Who may consent, and what must be agreed to by itself."""

from collections.abc import Collection
from datetime import date

from yizhengtong.kernel.dates import age_on
from yizhengtong.law.values import DataUse

GUARDIAN = "guardian"


def needs_guardian(birth_date: date, relation: str, under_age: int, on: date) -> bool:
    """个人信息保护法 art. 31: whether only a guardian may answer; `relation` of who answers, empty: oneself."""
    return age_on(birth_date, on) < under_age and relation != GUARDIAN


def not_agreed_apart(use: DataUse, agreed: Collection[str]) -> tuple[str, ...]:
    """个人信息保护法 arts. 23, 29: the separate consents a use asks for that are not among those agreed to."""
    return tuple(each for each in use.separate if each not in agreed)
