"""Having registers asked instead of handing papers in."""

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.applications import services
from yizhengtong.permitting.applications.models import Application, ApplicationState, Confirmation
from yizhengtong.permitting.applications.policies import ensure_may_touch
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.sites.api.confirmations import ConfirmationOut, confirmation_out
from yizhengtong.sites.api.framework import In, by, own_person, policy, today
from yizhengtong.sites.api.words import reader_language

router = Router()


class AskedRegistersIn(In):
    """Which registers to ask."""

    kinds: list[str] | None = Field(
        None, max_length=20, description="Kinds of proof; none: all that the application's claims need."
    )


@router.post(
    "/{application_id}/confirmations",
    response=list[ConfirmationOut],
    openapi_extra=policy("own person or ward", limits=["registers"]),
)
def confirm(request: HttpRequest, application_id: str, payload: AskedRegistersIn) -> list[ConfirmationOut]:
    """Have registers asked about a draft. What they confirm need not be handed in; all else is handed in as before."""
    application = _own(request, application_id)
    told = services.ask_registers(
        application_id=application.pk,
        law=law_for(application.item, application.place, today()),
        kinds=payload.kinds,
        acting=own_person(request),
        on=today(),
        by=by(request),
    )
    return [confirmation_out(each, reader_language(request)) for each in told]


@router.get(
    "/{application_id}/confirmations", response=list[ConfirmationOut], openapi_extra=policy("own person or ward")
)
def read_confirmations(request: HttpRequest, application_id: str) -> list[ConfirmationOut]:
    """What registers said of an application, each question that was asked, the newest first."""
    application = _own(request, application_id)
    record_read(
        "applications.read", by=by(request), on=("application", application.pk), person_id=application.person_id,
        purpose="own data", fields=["confirmations"],
    )  # fmt: skip
    told = Confirmation.objects.filter(application=application).order_by("-asked_at", "-id")
    return [confirmation_out(each, reader_language(request)) for each in told]


def _own(request: HttpRequest, application_id: str) -> Application:
    key = parse_public_id("apl", application_id)
    application = Application.objects.select_related("person").exclude(state=ApplicationState.DISCARDED).filter(pk=key)
    found = application.first()
    if found is None:
        raise NotFound("not_found")
    ensure_may_touch(found, own_person(request), today())
    return found
