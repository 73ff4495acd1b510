"""What officers do to a permit that was issued."""

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import void_permit
from yizhengtong.sites.api.framework import In, by, policy, today
from yizhengtong.sites.api.out import permit_out
from yizhengtong.sites.api.schemas import PermitOut

router = Router()


class VoidIn(In):
    """Why a permit is declared void: one of the grounds of the place's law."""

    ground: str = Field(max_length=24, examples=["false_proof"])


@router.post("/{permit_id}/void", response=PermitOut, openapi_extra=policy("approver of the area"))
def declare_void(request: HttpRequest, permit_id: str, payload: VoidIn) -> PermitOut:
    """Declare a permit void (国办发〔2018〕81号（作废，条号未见）)."""
    permit = Permit.objects.filter(pk=parse_public_id("pmt", permit_id)).first()
    if permit is None:
        raise NotFound("not_found")
    allowed = law_for(permit.kind, permit.region, today()).value("void.grounds")
    voided = void_permit(permit_id=permit.pk, ground=payload.ground, allowed=allowed, on=today(), by=by(request))
    return permit_out(voided, today())
