"""Reading the codes a holder gives: a share code, the 30-second code on a phone, the code on paper."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status
from pydantic import BaseModel, Field

from yizhengtong.credentials.showing.claims import Value
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.permits.rules import Standing
from yizhengtong.sites.api.framework import Day, In, policy
from yizhengtong.sites.api.partner.asking import caller_here
from yizhengtong.verification.checks.rules import State, state_of
from yizhengtong.verification.checks.shapes import CHECK
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.queries import claims_of
from yizhengtong.verification.sharing import sandbox
from yizhengtong.verification.sharing.claiming import tellable
from yizhengtong.verification.sharing.handed import Asker, PaperTold, PhoneTold, read_paper_code, read_phone_code
from yizhengtong.verification.sharing.reading import OTHER_PURPOSE, Asked, read_share_code
from yizhengtong.verification.sharing.shown import to_be_shown

router = Router()
_LONGEST_PAPER = 3000
_READS = policy("purpose registered", limits=["code_readings"])


class ShareCodeIn(In):
    """What the holder gave you, and what you need it for."""

    purpose: str = Field(max_length=24)
    code: str = Field(max_length=40, examples=["7K2M9-QXDH4"])
    birth_date: Day


class PhoneCodeIn(In):
    """The letters under the code on the holder's phone, or of its address."""

    purpose: str = Field(max_length=24)
    code: str = Field(max_length=40, examples=["7k2m-9qxd-h4tz"])


class PaperCodeIn(In):
    """What the QR code on the paper holds: the whole address."""

    purpose: str = Field(max_length=24)
    code: str = Field(max_length=_LONGEST_PAPER)


class CodeOut(BaseModel):
    """What a code told: claims of a permit that is good, of another its state alone."""

    outcome: str = Field(
        description="Share code: told, none. Phone: shown, used, expired, stopped, unknown. Paper: good, suspended, "
        "ended, over, early, unknown_state, paper, unreadable, unknown_key, forged. All: other_purpose."
    )
    ask_for: list[str] = Field(
        description="With other_purpose: what to ask the holder to make a share code for, or to show the permit for; "
        "any of them, what fits best first. Else empty."
    )
    state: State | None = Field(description="How the permit stands now; None where nothing was told.")
    claims: dict[str, str | bool] = Field(description="By name; days as YYYY-MM-DD.")
    photo: str = Field(description="JPEG in base64, or empty.")
    as_of: datetime
    check_id: str | None = Field(
        description="The check in the holder's history; None where nobody's permit was told of, and with a test key."
    )


@router.post("/share-codes", response={201: CodeOut}, tags=["codes"], openapi_extra=_READS)
def read_shared(request: HttpRequest, payload: ShareCodeIn) -> Status[CodeOut]:
    """Read a share code with the holder's birth date; it counts as one use, and the holder sees that you did.

    An unknown code, a wrong birth date, a code that is over, and a holder who has shut you out are answered alike.
    """
    caller, at = caller_here(request), timezone.now()
    claims = _claims(caller, payload.purpose)
    if caller.is_test:
        told = sandbox.read_share_code(
            code=payload.code, birth_date=payload.birth_date, need=payload.purpose, claims=claims, at=at
        )
    else:
        asked = Asked(payload.code, payload.birth_date, payload.purpose, caller.party, claims)
        told = read_share_code(asked=asked, at=at, by=caller.by)
    check_id = told.use.check_id if told.use else None
    return Status(201, _out(told.word, (told.purpose,), told.standing, told.values, told.photo, at, check_id))


@router.post("/phone-codes", response={201: CodeOut}, tags=["codes"], openapi_extra=_READS)
def read_phone(request: HttpRequest, payload: PhoneCodeIn) -> Status[CodeOut]:
    """Read the code on a holder's phone, once; the holder sees that you did.

    One that is shown for what does not serve your purpose tells nothing and stays good.
    """
    caller, at = caller_here(request), timezone.now()
    claims = _claims(caller, payload.purpose)
    if caller.is_test:
        told = sandbox.read_phone_code(text=payload.code, need=payload.purpose, claims=claims, at=at)
    else:
        asker = Asker(caller.party, payload.purpose, claims)
        outcome = read_phone_code(text=payload.code, at=at, by=caller.by, asker=asker)
        told = PhoneTold(outcome.word, outcome.standing, outcome.values, outcome.photo, outcome.check_id)
    shown = to_be_shown(payload.purpose)
    return Status(201, _out(told.word, shown, told.standing, told.values, told.photo, at, told.check_id))


@router.post("/paper-codes", response={201: CodeOut}, tags=["codes"], openapi_extra=_READS)
def read_paper(request: HttpRequest, payload: PaperCodeIn) -> Status[CodeOut]:
    """Check the code on a paper, signature and state; the holder sees that you did. Nothing of the code is kept."""
    caller, at = caller_here(request), timezone.now()
    claims = _claims(caller, payload.purpose)
    if caller.is_test:
        told: PaperTold = sandbox.read_paper_code(text=payload.code, need=payload.purpose, claims=claims, at=at)
    else:
        told = read_paper_code(text=payload.code, at=at, asker=Asker(caller.party, payload.purpose, claims))
    return Status(201, _out(told.word, to_be_shown(payload.purpose), None, told.values, "", at, told.check_id))


def _claims(caller: Caller, purpose: str) -> frozenset[str]:
    """Return what a caller may be told for a purpose. Raises Forbidden `relying_parties.purpose_not_registered`."""
    most = caller.require(purpose).claims
    return tellable(most if caller.is_test else claims_of(caller.party, purpose))


def _out(
    word: str, serving: Sequence[str], standing: Standing | None, values: Mapping[str, Value], photo: str, at: datetime,
    check_id: UUID | None,
) -> CodeOut:  # fmt: skip
    claims = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    return CodeOut(
        outcome=word, ask_for=list(serving) if word == OTHER_PURPOSE else [],
        state=state_of(standing) if standing else None, claims=claims, photo=photo, as_of=at,
        check_id=public_id(CHECK, check_id) if check_id else None,
    )  # fmt: skip
