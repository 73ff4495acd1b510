"""What a permit's credentials say: values from the permit and the items of its card, in the shape of each format.

SD-JWT VC: days as `YYYY-MM-DD`, the portrait as a `data:` address. mdoc: days as `date`, the portrait as bytes.
Sex: 1 male, 2 female (ISO/IEC 5218, as GB/T 2261.1). What a permit does not have is left out, never empty.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yizhengtong.credentials.catalogue.portraits import portrait_of
from yizhengtong.credentials.catalogue.types import AGES, ClaimType, CredentialType, Format
from yizhengtong.kernel.dates import age_on
from yizhengtong.kernel.errors import NotFound
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import law_of_permit, place_of

_SEXES = {"M": 1, "F": 2}
_TITLE_LANGUAGE = "zh-Hans"
_STATUTORY = "eform.statutory"


@dataclass(frozen=True, slots=True)
class Claims:
    """`flat`: for `sd_jwt.issue`; `elements`: for `mdoc.issue`, by namespace; `values`: by the catalogue's codes."""

    flat: Mapping[str, Any] = field(repr=False)
    elements: Mapping[str, Mapping[str, Any]] = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)


def claims_for(permit: Permit, types: tuple[CredentialType, ...], on: date) -> Claims:
    """Return what these types say of a permit on a day. Opens personal data."""
    flat: dict[str, Any] = {}
    elements: dict[str, dict[str, Any]] = {}
    values = _values(permit, types[0], on) if types else {}
    for each in types:
        for claim in each.claims:
            if claim.code in values:
                _put(flat, elements, each.format, claim, values[claim.code])
    return Claims(flat, elements, values)


def _put(flat: dict[str, Any], elements: dict[str, dict[str, Any]], kind: Format, claim: ClaimType, value: Any) -> None:
    if kind == Format.MDOC:
        namespace, element = claim.path
        elements.setdefault(namespace, {})[element] = value
    elif len(claim.path) == 1:
        flat[claim.path[0]] = _in_json(value)
    else:
        flat.setdefault(claim.path[0], {})[claim.path[1]] = value


def _in_json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return f"data:image/jpeg;base64,{b64encode(value).decode('ascii')}" if isinstance(value, bytes) else value


def _values(permit: Permit, kind: CredentialType, on: date) -> dict[str, Any]:
    """Return the values of one permit by the codes of claims; what it does not have is left out."""
    card = permit.card
    born = date.fromisoformat(card["birth_date"]) if card.get("birth_date") else permit.person.birth_date
    printed = ("name", "nation", "identity_number", "travel_document_number", "residence_address", "authority")
    said: dict[str, Any] = {
        **{code: card.get(code) for code in printed},
        "permit_name": kind.title(_TITLE_LANGUAGE, permit.person.region),
        "sex": _SEXES.get(card.get("sex", "")),
        "birth_date": born,
        "household_address": card.get("hukou_address"),
        "settlement_address": card.get("settles_at"),
        "authority": card.get("authority") or permit.authority,
        "document_number": permit.number,
        "portrait": portrait_of(permit.photo_id),
        "region": place_of(permit),
        "valid_from": permit.valid_from,
        "last_valid_day": permit.last_valid_day if permit.last_valid_day != date.max else None,
        "endorsed_until": permit.endorsed_until,
        "issue_count": permit.issue_count,
        "statutory": _is_statutory(permit, kind, on),
        **_ages(kind, age_on(born, on)),
    }
    return {code: value for code, value in said.items() if value is not None and value != ""}


def _ages(kind: CredentialType, age: int) -> dict[str, bool]:
    return {claim.code: age >= claim.years for claim in kind.claims if claim.value == AGES and claim.years is not None}


def _is_statutory(permit: Permit, kind: CredentialType, on: date) -> bool | None:
    """Return what the law of the place says of the electronic form; None where it does not say (D27)."""
    if kind.statutory == "no":
        return False
    if kind.statutory == "unsaid":
        return None
    try:
        law = law_of_permit(permit, on)
    except NotFound:
        return None
    return bool(law.value(_STATUTORY)) if _STATUTORY in law else None
