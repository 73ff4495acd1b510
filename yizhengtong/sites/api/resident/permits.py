"""One's permits: state, loss."""

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.permits import services
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.sites.api.framework import by, own_person, policy, today
from yizhengtong.sites.api.out import permit_out
from yizhengtong.sites.api.resident.people import person_acted_for
from yizhengtong.sites.api.schemas import PermitOut

router = Router()


@router.get("", response=list[PermitOut], openapi_extra=policy("own person or ward"))
def list_own(request: HttpRequest, person_id: str | None = Query(None)) -> list[PermitOut]:
    """Every permit one has had, the newest first."""
    person = person_acted_for(request, person_id)
    record_read("permits.read", by=by(request), on=("person", person.pk), person_id=person.pk, purpose="own data")
    return [permit_out(permit, today()) for permit in person.permits.order_by("-issued_at")[:PAGE_LIMIT]]


@router.post("/{permit_id}/loss", response=PermitOut, openapi_extra=policy("own person or ward"))
def report_loss(request: HttpRequest, permit_id: str) -> PermitOut:
    """Report the card lost: from now on it proves nothing, and a new one can be applied for."""
    return permit_out(services.report_loss(permit_id=_own(request, permit_id).pk, by=by(request)), today())


@router.post("/{permit_id}/recovery", response=PermitOut, openapi_extra=policy("own person or ward"))
def report_found(request: HttpRequest, permit_id: str) -> PermitOut:
    """Report a lost card found, if no new one was issued meanwhile."""
    return permit_out(services.report_found(permit_id=_own(request, permit_id).pk, by=by(request)), today())


def _own(request: HttpRequest, permit_id: str) -> Permit:
    permit = Permit.objects.select_related("person").filter(pk=parse_public_id("pmt", permit_id)).first()
    if permit is None or not may_act_for(own_person(request), permit.person, today()):
        raise NotFound("not_found")
    return permit
