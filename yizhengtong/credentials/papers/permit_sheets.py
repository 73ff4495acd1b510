"""A permit as a document: the electronic permit itself, or a copy of a card that says it is none.

Which items stand on it says the pack (`card.items`: 国令663 art. 4, 国办发〔2018〕81号 art. 3), and whether an
electronic form is the permit (`eform.statutory`, D27). Fingerprints never stand on it.
"""

import logging
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import date

from yizhengtong.credentials.catalogue.portraits import scaled
from yizhengtong.credentials.papers.sheet import Part, Sheet, Tongue, day, line, mark, person, text
from yizhengtong.foundation.audit.trail import Actor
from yizhengtong.foundation.documents.services import open_document
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.kernel.regions import name_of
from yizhengtong.law.law import Law
from yizhengtong.permitting.permits.kinds import HMT, SETTLEMENT, ZHEJIANG_ELECTRONIC
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import law_of_permit, place_of, standing
from yizhengtong.permitting.permits.states import PermitState

log = logging.getLogger(__name__)

ELECTRONIC_PERMIT, PERMIT_COPY = "electronic_permit", "permit_copy"
_SEXES = {"M": "男", "F": "女"}
_NEVER = ("photo", "fingerprints")
"""The photograph has a place of its own; fingerprints have none."""


def permit_kind(permit: Permit, on: date) -> str:
    """Return which document a permit has on a day: the electronic permit, a copy, or none.

    None where it is not good, not handed over, or no law speaks of it. A settlement permit is a paper of its own.
    """
    if permit.kind == SETTLEMENT or permit.state != PermitState.HELD or not standing(permit, on).is_valid:
        return ""
    law = _law(permit, on)
    if law is None or "card.items" not in law:
        return ""
    is_permit = permit.kind == ZHEJIANG_ELECTRONIC and law.values.get("eform.statutory") is True
    return ELECTRONIC_PERMIT if is_permit else PERMIT_COPY


def permit_sheet(permit: Permit, tongue: Tongue, on: date, by: Actor) -> Sheet:
    """Return the document of a permit as it stands on a day. It records the opening of the photograph alone."""
    kind, law = permit_kind(permit, on), law_of_permit(permit, on)
    name = f"papers.permit_{_name(permit)}"
    title = name if kind == ELECTRONIC_PERMIT else "papers.copy_of"
    facts = {} if kind == ELECTRONIC_PERMIT else {"permit": name}
    says = f"papers.{kind}_says"
    parts: list[Part] = []
    if kind == PERMIT_COPY:
        parts.append(mark(tongue.words("papers.copy_mark"), tongue.second("papers.copy_mark")))
    parts += [
        person(_items(permit, law, tongue), _portrait(permit, by), tongue.words("papers.portrait_words")),
        text(tongue.words(says), tongue.second(says)),
    ]
    return Sheet(
        kind=kind, title=tongue.words(title, **facts), title_second=tongue.second(title, **facts), parts=parts,
        dated=max(permit.valid_from, permit.endorsed_on or permit.valid_from), office=permit.authority,
        number=tongue.words("papers.permit_number", number=permit.number), is_signed=True,
        signed_by=permit.authority,
    )  # fmt: skip


def _name(permit: Permit) -> str:
    """S1-031: what a permit is called follows the holder's region."""
    if permit.kind == HMT:
        return "hmt_TW" if permit.person.region == "TW" else "hmt_HK"
    return "zhejiang_digital" if permit.kind == ZHEJIANG_ELECTRONIC else "zhejiang"


def _items(permit: Permit, law: Law, tongue: Tongue) -> list[dict[str, str]]:
    """Return the items of the card in the pack's order, then what an endorsement adds (国令663 art. 10)."""
    asked = [name for name in law.value("card.items") if name not in _NEVER]
    found = [(name, _READERS[name](permit, tongue)) for name in asked if name in _READERS]
    if permit.endorsed_until:
        found += [
            ("endorsed_on", day(permit.endorsed_on or permit.valid_from)),
            ("endorsed_until", day(permit.endorsed_until)),
            ("endorsed_place", name_of(place_of(permit)) or place_of(permit)),
        ]
    return [line(tongue, name, value) for name, value in found if value]


def _until(permit: Permit, tongue: Tongue) -> str:
    last = tongue.words("papers.no_last_day") if permit.last_valid_day == date.max else day(permit.last_valid_day)
    return f"{day(permit.valid_from)} — {last}"


def _of_card(name: str) -> Callable[[Permit, Tongue], str]:
    return lambda permit, _tongue: str(permit.card.get(name) or "")


def _number(permit: Permit, _tongue: Tongue) -> str:
    """公民身份号码: of a Hong Kong, Macao or Taiwan resident the one the permit gives (81号 art. 3)."""
    return permit.number if permit.kind == HMT else str(permit.card.get("identity_number") or "")


_READERS: Mapping[str, Callable[[Permit, Tongue], str]] = {
    "name": _of_card("name"),
    "sex": lambda permit, _tongue: _SEXES.get(permit.card.get("sex", ""), ""),
    "nation": _of_card("nation"),
    "birth_date": lambda permit, _tongue: day(date.fromisoformat(permit.card["birth_date"])),
    "number": _number,
    "household_address": _of_card("hukou_address"),
    "residence_address": _of_card("residence_address"),
    "authority": lambda permit, _tongue: permit.authority,
    "issued_on": lambda permit, _tongue: day(permit.valid_from),
    "validity": _until,
    "issue_count": lambda permit, _tongue: str(permit.issue_count),
    "travel_document_number": _of_card("travel_document_number"),
}


def _portrait(permit: Permit, by: Actor) -> str:
    """Return the photograph as JPEG in base64; empty where there is none or it cannot be opened, which is logged.

    Fails open: a document without a picture says the rest, and the permit has another form to show a face.
    """
    if permit.photo_id is None:
        return ""
    try:
        _, content = open_document(document_id=permit.photo_id, by=by, purpose="papers")
    except (NotFound, Conflict) as error:
        log.warning("papers.portrait_left_out document=%s code=%s", permit.photo_id, error.code)
        return ""
    return b64encode(scaled(content)).decode()


def _law(permit: Permit, on: date) -> Law | None:
    try:
        return law_of_permit(permit, on)
    except NotFound:
        return None
