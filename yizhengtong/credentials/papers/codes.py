"""The code on a paper: what it says, signed, and its picture.

A permit's document bears the code of the permit, with the least that serves a check of its validity; every other
paper a signed statement of what it is, its reference, day and office. Both are read without a network
(`credentials.showing`).
Whether a paper still holds says its reference, online.
"""

from datetime import date
from io import BytesIO
from uuid import UUID

import segno

from yizhengtong.credentials.papers.certificates import SETTLEMENT_PERMIT
from yizhengtong.credentials.papers.permit_sheets import ELECTRONIC_PERMIT, PERMIT_COPY
from yizhengtong.credentials.papers.sheet import Sheet
from yizhengtong.credentials.showing import paper
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing

PURPOSE = "validity"
_FORMS_OF_A_PERMIT = (ELECTRONIC_PERMIT, PERMIT_COPY, SETTLEMENT_PERMIT)
_MASK = 3
"""Any of the eight is read; to look for the best one costs four times as much as the picture."""


def code_text(sheet: Sheet, reference: str, permit: Permit | None, on: date) -> str:
    """Return what stands in the QR code of a paper printed on a day; `permit`: which the paper is a form of."""
    if permit is not None and standing(permit, on).is_valid:
        return paper.code_for(permit, PURPOSE, on)
    return paper.code_for_paper(kind=sheet.title, reference=reference, dated=sheet.dated, office=sheet.office)


def permit_shown(sheet: Sheet, object_id: UUID) -> Permit | None:
    """Return the permit that a paper is a form of; None where it is of something else."""
    if sheet.kind not in _FORMS_OF_A_PERMIT:
        return None
    return Permit.objects.select_related("person").get(pk=object_id)


def picture_of(text: str) -> bytes:
    """Return a QR code as PNG, a pixel a module, with a border of one; the same text gives the same picture."""
    drawn = BytesIO()
    made = segno.make(text, error="m", micro=False, boost_error=False, mask=_MASK)
    made.save(drawn, kind="png", scale=1, border=1)
    return drawn.getvalue()
