"""What of a permit can be shown, claim by claim. Nothing is opened that was not asked for.

A value is a text, a day or a yes or no; words for it are made where it is read (`wording.py`).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from yizhengtong.kernel.dates import add_years
from yizhengtong.kernel.regions import name_of
from yizhengtong.permitting.permits.kinds import HMT
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import place_of

Value = str | date | bool
PHOTO = "photo"
HMT_TAIWAN = "hmt_taiwan"
NO_END = date.max
_HIDDEN = "*"
_TAIL = 4
_SHOWN_OF_LATIN = 1


def values_of(permit: Permit, names: Iterable[str], on: date) -> dict[str, Value]:
    """Return the values of the claims named, on a legal day; those a permit lacks are left out.

    It opens personal data: the caller records the read. The photograph is not among them (`photos.py`).
    """
    found = {name: _READERS[name](permit, on) for name in names if name != PHOTO}
    return {name: value for name, value in found.items() if value not in (None, "")}


def masked_name(name: str) -> str:
    """Return a name of which the first character, or the first letter of each word, is left: 欧阳小明 → 欧***."""
    words = name.split(" ")
    return " ".join(word[:_SHOWN_OF_LATIN] + _HIDDEN * (len(word) - _SHOWN_OF_LATIN) for word in words if word)


def masked_number(number: str) -> str:
    """Return a number of which the last four characters are left, enough to compare with a card in hand."""
    return _HIDDEN * max(len(number) - _TAIL, 0) + number[-_TAIL:]


def kind_shown(kind: str, region: str) -> str:
    """Return the kind that a permit's name tells: that of Taiwan residents has a name of its own (D17, S1-031)."""
    return HMT_TAIWAN if kind == HMT and region == "TW" else kind


def last_day_of(permit: Permit) -> date:
    """Return the last day on which the permit is good as it stands: of its validity or of its endorsed year."""
    return min(permit.last_valid_day, permit.endorsed_until or permit.last_valid_day)


def _over(years: int) -> Callable[[Permit, date], bool]:
    return lambda permit, on: add_years(permit.person.birth_date, years) <= on


_READERS: Mapping[str, Callable[[Permit, date], Value | None]] = {
    "kind": lambda permit, _on: kind_shown(permit.kind, permit.person.region),
    "name": lambda permit, _on: str(permit.card.get("name") or permit.person.name),
    "latin_name": lambda permit, _on: permit.person.latin_name,
    "name_masked": lambda permit, _on: masked_name(str(permit.card.get("name") or permit.person.name)),
    "number": lambda permit, _on: permit.number,
    "number_masked": lambda permit, _on: masked_number(permit.number),
    "birth_date": lambda permit, _on: permit.person.birth_date,
    "over_18": _over(18),
    "over_60": _over(60),
    "over_65": _over(65),
    "place": lambda permit, _on: name_of(place_of(permit)) or place_of(permit),
    "authority": lambda permit, _on: permit.authority,
    "last_day": lambda permit, _on: None if last_day_of(permit) == NO_END else last_day_of(permit),
}
NAMES = tuple(_READERS)
