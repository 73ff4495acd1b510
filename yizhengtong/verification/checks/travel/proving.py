"""The identity platform as proof that a travel document is a permit holder's own, for linking the two numbers."""

from datetime import date

from yizhengtong.kernel.numbers import DocumentNumber
from yizhengtong.verification.checks.travel.choosing import platform_here
from yizhengtong.verification.checks.travel.contract import Question, Result
from yizhengtong.verification.links.proofs import ExitEntryRegister
from yizhengtong.verification.links.queries import LINK_USE


def register_here(on: date) -> ExitEntryRegister | None:
    """Return who says on a legal day whether a travel document is somebody's; None: nobody is asked here."""
    platform = platform_here()
    if platform is None:
        return None

    def register(number: DocumentNumber, *, name: str, birth_date: date) -> bool | None:
        asked = Question(number.kind, number.text, name, birth_date, on, LINK_USE)
        result = platform.ask(asked).result
        return None if result is Result.UNAVAILABLE else result is Result.AGREES

    return register
