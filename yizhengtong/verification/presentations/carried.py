"""How the claims of purposes are made of what credentials say: which of their claims are asked for, what is told then.

A masked name or number is asked for whole, for wallets have no other; the relying party is told the masked one alone.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from yizhengtong.credentials.catalogue.types import ClaimType, CredentialType
from yizhengtong.credentials.showing.claims import PHOTO, masked_name, masked_number
from yizhengtong.kernel.regions import name_of

KIND = "kind"
"""Told by what the credential is; no claim is asked for."""
Values = Mapping[str, Any]
"""By code of the catalogue, as they stand in the credential."""


@dataclass(frozen=True, slots=True)
class Source:
    """`needed`: claims that must be there; `optional`: that a permit may lack."""

    needed: tuple[str, ...]
    told: Callable[[Values], Any]
    optional: tuple[str, ...] = ()


def _same(code: str) -> Callable[[Values], Any]:
    return lambda values: values[code]


def _first_day(values: Values) -> Any:
    """The last day on which the permit is good as it stands: of its validity or of its endorsed year."""
    return min((values[code] for code in _ENDS if code in values), default=None)


_ENDS = ("last_valid_day", "endorsed_until")
SOURCES: Mapping[str, Source] = {
    "name": Source(("name",), _same("name")),
    "name_masked": Source(("name",), lambda values: masked_name(values["name"])),
    "number": Source(("document_number",), _same("document_number")),
    "number_masked": Source(("document_number",), lambda values: masked_number(values["document_number"])),
    "birth_date": Source(("birth_date",), _same("birth_date")),
    "over_18": Source(("age_over_18",), _same("age_over_18")),
    "over_60": Source(("age_over_60",), _same("age_over_60")),
    "over_65": Source(("age_over_65",), _same("age_over_65")),
    "place": Source(("region",), lambda values: name_of(values["region"]) or values["region"]),
    "authority": Source(("authority",), _same("authority")),
    "last_day": Source((), _first_day, _ENDS),
    PHOTO: Source(("portrait",), _same("portrait")),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of one type of credential."""

    type: CredentialType
    needed: tuple[ClaimType, ...]
    optional: tuple[ClaimType, ...]

    @property
    def all(self) -> tuple[ClaimType, ...]:
        return (*self.needed, *self.optional)


def is_carried(claim: str) -> bool:
    """Whether any credential says it."""
    return claim == KIND or claim in SOURCES


def wanted_of(kind: CredentialType, claims: Collection[str]) -> Wanted | None:
    """Return what of a type serves claims; None where it has not all that is needed."""
    by_code = {claim.code: claim for claim in kind.claims}
    sources = [SOURCES[claim] for claim in claims if claim != KIND]
    needed = dict.fromkeys(code for source in sources for code in source.needed)
    optional = dict.fromkeys(code for source in sources for code in source.optional)
    if not needed.keys() <= by_code.keys():
        return None
    return Wanted(
        kind, tuple(by_code[code] for code in needed), tuple(by_code[code] for code in optional if code in by_code)
    )


def told(values: Values, claims: Collection[str]) -> dict[str, Any]:
    """Return the claims asked for, and nothing else that was shown; those a permit lacks are left out."""
    found = {claim: SOURCES[claim].told(values) for claim in claims if claim != KIND}
    return {claim: value for claim, value in found.items() if value is not None}
