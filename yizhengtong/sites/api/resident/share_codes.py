"""One's share codes: make one for a purpose, see who used which, end one."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.web.idempotency import TOLD_ONCE
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.sites.api.framework import In, by, own_person, policy, today
from yizhengtong.sites.api.resident.people import person_acted_for
from yizhengtong.verification.sharing.bounds import MOST_USES
from yizhengtong.verification.sharing.models import ShareCode
from yizhengtong.verification.sharing.queries import Used, share_codes_of, state_of
from yizhengtong.verification.sharing.services import end_share_code, make_share_code

router = Router()
_CODE = "shc"


class NewShareCodeIn(In):
    """For what, for how long, how often."""

    permit_id: str = Field(max_length=40)
    purpose: str = Field(max_length=24, examples=["rent"])
    days: int = Field(ge=1, le=366, description="Of 24 hours from now; each purpose has its most.")
    uses: int = Field(1, ge=1, le=MOST_USES)


class ShareUseOut(BaseModel):
    """One use. `name`: of the relying party; empty for somebody with the page, whom nobody knows."""

    at: datetime
    name: str


class ShareCodeOut(BaseModel):
    """A code as its holder sees it, without its letters."""

    id: str
    permit_id: str
    purpose: str
    claims: list[str] = Field(description="What whoever has the code and the birth date is told.")
    made_at: datetime
    ends_at: datetime
    most_uses: int
    uses: int
    state: str = Field(description="good, used_up, over, holder, wrong_birth_dates, account_recovered.")
    used: list[ShareUseOut]


class MadeOut(ShareCodeOut):
    """A new code with its letters: told this once."""

    code: str


@router.get("", response=list[ShareCodeOut], openapi_extra=policy("own person or ward"))
def list_own(request: HttpRequest, person_id: str | None = Query(None)) -> list[ShareCodeOut]:
    """Every code that is still kept, the newest first, with its uses."""
    person = person_acted_for(request, person_id)
    record_read("sharing.read", by=by(request), on=("person", person.pk), person_id=person.pk, purpose="own data")
    return [_out(each.code, each.used) for each in share_codes_of(person, timezone.now())]


@router.post("", response={201: MadeOut}, openapi_extra=policy("own person or ward", limits=["share_codes"]))
def make(request: HttpRequest, response: HttpResponse, payload: NewShareCodeIn) -> Status[MadeOut]:
    """Make a code. Its letters are in this answer alone, and kept nowhere."""
    permit = Permit.objects.select_related("person").filter(pk=parse_public_id("pmt", payload.permit_id)).first()
    if permit is None or not may_act_for(own_person(request), permit.person, today()):
        raise NotFound("not_found")
    share, code = make_share_code(
        permit=permit, purpose=payload.purpose, days=payload.days, uses=payload.uses, at=timezone.now(), by=by(request)
    )
    setattr(response, TOLD_ONCE, True)
    return Status(201, MadeOut(code=code, **_out(share, ()).model_dump()))


@router.post("/{share_code_id}/end", response=ShareCodeOut, openapi_extra=policy("own person or ward"))
def end(request: HttpRequest, share_code_id: str) -> ShareCodeOut:
    """End a code at once; one that is over stays as it is."""
    key = parse_public_id(_CODE, share_code_id)
    share = end_share_code(share_code_id=key, acting=own_person(request), at=timezone.now(), by=by(request))
    return _out(share, ())


def _out(share: ShareCode, used: Sequence[Used]) -> ShareCodeOut:
    return ShareCodeOut(
        id=public_id(_CODE, share.pk), permit_id=public_id("pmt", share.permit_id), purpose=share.purpose,
        claims=share.claims, made_at=share.made_at, ends_at=share.ends_at, most_uses=share.most_uses, uses=share.uses,
        state=state_of(share, timezone.now()), used=[ShareUseOut(at=each.at, name=each.name) for each in used],
    )  # fmt: skip
