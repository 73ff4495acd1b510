"""Purposes of relying parties, each with the most that may be told and compared for it: data, in purposes.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from yizhengtong.credentials.showing.claims import NAMES, PHOTO
from yizhengtong.foundation.yaml_files import read_yaml
from yizhengtong.kernel.errors import NotFound

FIELDS = ("number", "name", "birth_date")
"""What may be compared."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """`use`: code of the law's use that says on which basis it may be checked. `claims`: the most that may be told.

    `match`: the fields that may be sent to be compared. `days`: the longest that one share code serves it.
    """

    code: str
    use: str
    claims: tuple[str, ...]
    match: tuple[str, ...]
    days: int


@cache
def purposes() -> Mapping[str, Purpose]:
    """Return every purpose by its code, in the order of the file. Raises ValueError for a claim nobody knows."""
    table = read_yaml(Path(__file__).with_name("purposes.yaml"))
    found = {
        code: Purpose(code, f"check_{code}", tuple(each["claims"]), tuple(each["match"]), each["days"])
        for code, each in table.items()
    }
    unknown = {name for each in found.values() for name in each.claims} - {*NAMES, PHOTO}
    unknown |= {name for each in found.values() for name in each.match} - set(FIELDS)
    if unknown:
        raise ValueError(f"purposes.yaml: {', '.join(sorted(unknown))}")
    return found


def purpose_of(code: str) -> Purpose:
    """Return a purpose. Raises NotFound."""
    if code not in purposes():
        raise NotFound("not_found")
    return purposes()[code]
