"""The guides of a place, by the edition of the law in force."""

from datetime import date

from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.casework.guiding.items import SUBJECTS, Guide, guide_of, guides_of


def laws_at(place: str, on: date) -> list[Law]:
    """Return the laws that speak of something to apply for at a place; those without anything there left out."""
    found = (law_at(place, subject, on) for subject in SUBJECTS)
    return [law for law in found if law is not None and guides_of(law)]


def law_at(place: str, subject: str, on: date) -> Law | None:
    """Return the law of a subject at a place on a day; None where none is in force."""
    try:
        return law_in_force(place, subject, on)
    except NotFound:
        return None


def guide_at(code: str, place: str, on: date) -> Guide:
    """Return one guide. Raises NotFound for a code that the law of the place does not have."""
    law = law_at(place, code.partition(".")[0], on) if code.partition(".")[0] in SUBJECTS else None
    if law is None:
        raise NotFound("not_found")
    return guide_of(law, code)
