"""Purposes for which a permit is shown, each with the least that serves it: data of ours, in purposes.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from yizhengtong.credentials.showing.claims import NAMES, PHOTO
from yizhengtong.foundation.yaml_files import read_yaml
from yizhengtong.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Purpose:
    """`claims`: shown in this order, on the phone and on paper. `phone`: shown on the phone besides.

    `paper_days`: for how many days a printed code is good, the first one included.
    """

    code: str
    claims: tuple[str, ...]
    phone: tuple[str, ...]
    paper_days: int

    @property
    def on_phone(self) -> tuple[str, ...]:
        return (*self.phone, *self.claims)


@cache
def purposes() -> Mapping[str, Purpose]:
    """Return every purpose by its code, in the order of the file. Raises ValueError for a claim nobody knows."""
    table = read_yaml(Path(__file__).with_name("purposes.yaml"))
    found = {
        code: Purpose(code, tuple(each["claims"]), tuple(each["phone"]), each["paper_days"])
        for code, each in table.items()
    }
    unknown = {name for each in found.values() for name in each.on_phone} - {*NAMES, PHOTO}
    if unknown or any(PHOTO in each.claims for each in found.values()):
        raise ValueError(f"purposes.yaml: {', '.join(sorted(unknown)) or 'a photograph on paper'}")
    return found


def purpose_of(code: str) -> Purpose:
    """Return a purpose. Raises NotFound."""
    if code not in purposes():
        raise NotFound("not_found")
    return purposes()[code]
