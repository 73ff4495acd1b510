"""What registers said of a case's application, as its officer sees it."""

from django.http import HttpRequest
from ninja import Router

from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.applications.models import Confirmation
from yizhengtong.permitting.casework.queries import case_for_officer
from yizhengtong.sites.api.confirmations import ConfirmationOut, confirmation_out
from yizhengtong.sites.api.framework import by, policy
from yizhengtong.sites.api.words import reader_language

router = Router()


@router.get(
    "/cases/{case_id}/confirmations", response=list[ConfirmationOut], openapi_extra=policy("officer of the area")
)
def read_confirmations(request: HttpRequest, case_id: str) -> list[ConfirmationOut]:
    """Each question that registers were asked, the newest first, also those they could not answer."""
    case = case_for_officer(case_id=parse_public_id("cas", case_id), by=by(request), purpose="casework")
    told = Confirmation.objects.filter(application_id=case.application_id).order_by("-asked_at", "-id")
    return [confirmation_out(each, reader_language(request)) for each in told]
