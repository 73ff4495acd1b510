"""An account that becomes an organisation's: it then opens /api/reporter/organisation, and no resident's pages."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status
from pydantic import BaseModel, Field

from yizhengtong.kernel.ids import public_id
from yizhengtong.sites.api.framework import In, by, policy
from yizhengtong.verification.relying_parties.authenticating import PARTY
from yizhengtong.verification.relying_parties.bounds import LONGEST_CONTACT, LONGEST_NAME
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.services import join_organisation, register_organisation

router = Router()
_OWN = "own account"


class OrganisationIn(In):
    """An organisation that wants to check permits, and how whoever registers it is reached."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    code: str = Field(min_length=1, max_length=24, description="统一社会信用代码.")
    contact: str = Field(min_length=1, max_length=LONGEST_CONTACT)


class JoiningIn(In):
    """An invitation's code, and how one is reached."""

    code: str = Field(min_length=1, max_length=64)
    contact: str = Field(min_length=1, max_length=LONGEST_CONTACT)


class OrganisationMadeOut(BaseModel):
    """`id` is the organisation's `client_id`."""

    id: str
    name: str
    state: str


@router.post("", response={201: OrganisationMadeOut}, openapi_extra=policy(_OWN, limits=["linking"]))
def become_organisation(request: HttpRequest, payload: OrganisationIn) -> Status[OrganisationMadeOut]:
    """Make this account an organisation's. The sandbox is open at once; purposes are asked for from there."""
    return Status(201, _made(register_organisation(**payload.model_dump(), by=by(request))))


@router.post("/membership", response={201: OrganisationMadeOut}, openapi_extra=policy(_OWN, limits=["linking"]))
def join(request: HttpRequest, payload: JoiningIn) -> Status[OrganisationMadeOut]:
    """Make this account one of an organisation that invited it."""
    return Status(201, _made(join_organisation(**payload.model_dump(), by=by(request), at=timezone.now())))


def _made(party: RelyingParty) -> OrganisationMadeOut:
    return OrganisationMadeOut(id=public_id(PARTY, party.pk), name=party.name, state=party.state)
