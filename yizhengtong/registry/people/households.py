"""The household register of mainland persons: 常住户口所在地 and 民族, as the permit shows them (国令663 art. 4)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from yizhengtong.kernel import regions
from yizhengtong.kernel.errors import FieldError
from yizhengtong.registry.people.models import Person, Region
from yizhengtong.registry.people.names import LONGEST_ADDRESS, LONGEST_NATION

_FIELDS = ("hukou_region", "hukou_address", "nation")


@dataclass(frozen=True, slots=True)
class Household:
    """Where somebody is in the household register: GB/T 2260 code of the county, the address, 民族 as printed."""

    region: str
    address: str = field(repr=False)
    nation: str = field(repr=False)


def wrong_household(person: Person) -> list[FieldError]:
    """Return what is wrong with what is said of the household register.

    A mainland person has all three fields. Residents of Hong Kong, Macao and Taiwan have no household register on the
    mainland (81号 art. 2) and none of them.
    """
    if person.region != Region.CHINA:
        return [FieldError(name, "people.household_is_not_theirs") for name in _FIELDS if getattr(person, name)]
    return list(_wrong_fields(person))


def _wrong_fields(person: Person) -> Iterator[FieldError]:
    code = _wrong_region(person.hukou_region)
    if code:
        yield FieldError("hukou_region", code)
    for name, most in (("hukou_address", LONGEST_ADDRESS), ("nation", LONGEST_NATION)):
        text = (getattr(person, name) or "").strip()
        if not text:
            yield FieldError(name, f"people.{name}_missing")
        elif len(text) > most:
            yield FieldError(name, f"people.{name}_too_long", {"most": most})


def _wrong_region(code: str) -> str:
    """A code that is in no list is taken: places of an old register may be abolished since."""
    if len(code) != len(regions.NATION) or not (code.isascii() and code.isdigit()):
        return "people.hukou_region_malformed"
    if code == regions.NATION or not regions.is_on_the_mainland(code):
        return "people.hukou_not_on_the_mainland"
    return "people.hukou_region_too_wide" if regions.children(code) else ""
