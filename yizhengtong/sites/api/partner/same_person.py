"""Whether two documents are one person's, for who knows both."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import BaseModel, Field

from yizhengtong.kernel.ids import public_id
from yizhengtong.kernel.numbers import LONGEST, DocumentKind
from yizhengtong.registry.people.names import LONGEST_NAME
from yizhengtong.sites.api.framework import In, policy, today
from yizhengtong.sites.api.partner.asking import caller_here
from yizhengtong.verification.checks.same_person import Document, same_person
from yizhengtong.verification.checks.shapes import CHECK

router = Router()


class DocumentIn(In):
    """A document as its holder showed it."""

    kind: DocumentKind = Field(description="`hmt_permit`, or the kind of travel permit; one of each is needed.")
    number: str = Field(max_length=LONGEST)
    name: str = Field(min_length=1, max_length=LONGEST_NAME, description="As it is printed on this document.")


class SamePersonIn(In):
    """The document an account was opened with, and the one that is shown now. Both are sent whole."""

    purpose: str = Field(max_length=24)
    known: DocumentIn
    other: DocumentIn


class SamePersonOut(BaseModel):
    """Yes or no. No number comes back, and no says no more than that it is not known here."""

    is_same: bool
    subject: str | None = Field(description="What this person is called before you, for ever. Only with yes.")
    as_of: datetime
    check_id: str = Field(description="Of the check, whatever it found. With a test key it is nobody's.")


@router.post(
    "/same-person", response={201: SamePersonOut}, tags=["checks"],
    openapi_extra=policy("purpose registered", limits=["checks"]),
)  # fmt: skip
def ask(request: HttpRequest, payload: SamePersonIn) -> Status[SamePersonOut]:
    """Ask whether a residence permit and a travel permit are one person's who has linked them; the holder sees it.

    A link that is not there, one in question, a name that does not fit, and a holder who did not agree or has shut you
    out are answered alike.
    """
    caller = caller_here(request)
    known, other = (Document(each.kind, each.number, each.name) for each in (payload.known, payload.other))
    answer = same_person(caller=caller, purpose=payload.purpose, known=known, other=other, on=today())
    told = SamePersonOut(
        is_same=answer.is_same, subject=answer.subject, as_of=answer.as_of, check_id=public_id(CHECK, answer.check_id)
    )
    return Status(201, told)
