"""What one line of a list says, and everything that is wrong with it at once."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from yizhengtong.foundation.lists.cells import EMPTY, Cell, day_written, number_written, written
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.errors import Invalid, Problem
from yizhengtong.kernel.numbers import DocumentKind, DocumentNumber, parse
from yizhengtong.law.law import Law

NEEDED = ("identity_number", "name", "residence_address", "signed_on", "proof")
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "identity_number": ("公民身份号码", "身份证号码", "身份证号", "identity_number"),
    "name": ("姓名", "name"),
    "permit_number": ("原居住证编号", "居住证编号", "permit_number"),
    "residence_address": ("现居住住址", "现居住地址", "residence_address"),
    "signed_on": ("签名日期", "signed_on"),
    "proof": ("证明种类", "proof"),
    "phone": ("联系电话", "phone"),
}
_LONGEST_ADDRESS = 200


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One holder of the list. `proof`: a kind of proof of the form; `signed_on`: the day the paper form was signed."""

    number: DocumentNumber = field(repr=False)
    name: str = field(repr=False)
    permit_number: str = field(repr=False)
    residence_address: str = field(repr=False)
    phone: str = field(repr=False)
    signed_on: date
    proof: str
    claim: str

    @property
    def index(self) -> bytes:
        """The keyed hash of all that the line says: the same line becomes a case once, whatever list it comes in."""
        said = (self.number.core, self.name, self.permit_number, self.residence_address, self.phone)
        return blind_index("casework.conversion_row", repr((*said, self.signed_on.isoformat(), self.proof)))


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a line: the field and the code."""

    field: str
    code: str


def columns_of(headings: Sequence[str]) -> list[str]:
    """Return the field of each column, empty for one that is not read.

    Raises Invalid `casework.list_columns_missing`.
    """
    names = {_folded(heading): name for name, headings in _HEADINGS.items() for heading in headings}
    columns = [names.get(_folded(heading), "") for heading in headings]
    if not set(NEEDED) <= set(columns):
        raise Invalid("casework.list_columns_missing")
    return columns


def read_row(columns: Sequence[str], cells: Sequence[Cell], law: Law, today: date) -> ListedRow | list[Wrong]:
    """Return what a line says, or all that is wrong with it."""
    named = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    texts = {name: written(named.get(name, EMPTY)) for name in _HEADINGS}
    wrong = [Wrong(name, "casework.row_lacks_cells") for name in NEEDED if not texts[name]]
    number = _number(named.get("identity_number", EMPTY)) if texts["identity_number"] else None
    signed_on = _day(named.get("signed_on", EMPTY), today) if texts["signed_on"] else None
    proof, claim = _proof(texts["proof"], law)
    if texts["identity_number"] and number is None:
        wrong.append(Wrong("identity_number", "casework.row_number_wrong"))
    if texts["signed_on"] and signed_on is None:
        wrong.append(Wrong("signed_on", "casework.row_day_wrong"))
    if texts["proof"] and not claim:
        wrong.append(Wrong("proof", "casework.row_proof_unknown"))
    if wrong or number is None or signed_on is None:
        return wrong
    return ListedRow(
        number=number,
        name=texts["name"],
        permit_number=texts["permit_number"],
        residence_address=texts["residence_address"][:_LONGEST_ADDRESS],
        phone=texts["phone"],
        signed_on=signed_on,
        proof=proof,
        claim=claim,
    )


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _number(cell: Cell) -> DocumentNumber | None:
    try:
        return parse(DocumentKind.RESIDENT_ID, number_written(cell))
    except Problem:
        return None


def _day(cell: Cell, today: date) -> date | None:
    try:
        day = day_written(cell)
    except Problem:
        return None
    return day if day <= today else None


def _proof(text: str, law: Law) -> tuple[str, str]:
    """Return the kind of proof that a word of the form, or a code, stands for, and the claim it proves."""
    for choices in (box.choices for box in law.value("conversion.form") if box.group in _CLAIM_OF):
        for choice in choices:
            if text in {choice.words, choice.code} and choice.code in law.evidence:
                return choice.code, law.evidence[choice.code].proves
    return "", ""


_CLAIM_OF = frozenset({"employment", "dwelling", "rented_dwelling", "study"})
