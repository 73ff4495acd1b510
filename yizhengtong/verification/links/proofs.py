"""What shows that a travel document is the permit holder's own, where no officer has it in hand.

A number that somebody once typed in proves nothing. The permit's card does: its item 往来通行证号码 was printed when
officers decided with the original before them. The exit–entry register does, where a deployment can ask it.
"""

from datetime import date
from typing import Protocol

from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers import DocumentKind, DocumentNumber, parse
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.links.models import Link

PRINTED = "travel_document_number"


class ExitEntryRegister(Protocol):
    """Whoever can say whether a travel document is this person's. None: it cannot be told now."""

    def __call__(self, number: DocumentNumber, *, name: str, birth_date: date) -> bool | None: ...


def proof_of(permit: Permit, number: DocumentNumber, register: ExitEntryRegister | None) -> str:
    """Return the proof that a number is the permit holder's own; empty where there is none.

    The register is asked only where the card does not say it: a document issued after the permit.
    """
    if _printed_core(permit, number.kind) == number.core:
        return Link.Proof.CARD
    person = permit.person
    if register is not None and register(number, name=person.name, birth_date=person.birth_date):
        return Link.Proof.REGISTER
    return ""


def _printed_core(permit: Permit, kind: DocumentKind) -> str:
    """Return the lifelong part of the number on the card, read as the document asked about; empty where it is none."""
    try:
        return parse(kind, str(permit.card.get(PRINTED, ""))).core
    except Invalid:
        return ""
