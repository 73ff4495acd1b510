"""One's papers: of a case, of a permit, of where one lives."""

import re
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yizhengtong.credentials.papers.queries import papers_of_case, papers_of_permit
from yizhengtong.credentials.papers.services import (
    Printed,
    print_case_paper,
    print_permit_paper,
    print_residence_certificate,
    print_voucher,
)
from yizhengtong.credentials.papers.sheet import PaperFormat
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.web.callers import caller_of
from yizhengtong.foundation.web.files import file_response
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import case_for_resident
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.registry.residence.models import Registration
from yizhengtong.sites.resident.acting import acting_for, own_person
from yizhengtong.sites.resident.mine.asking import today

_COUNTY = re.compile(r"[0-9]{6}")


@page("own person or ward", who=PrincipalKind.RESIDENT)
def list_papers(request: HttpRequest, case_id: str) -> HttpResponse:
    """Show which papers a case has, to open or to print."""
    case = _case(request, case_id)
    context = {"case_id": case_id, "kinds": papers_of_case(case)}
    return render_page(
        request, "resident/papers/list.html", context, title="papers.title", back=reverse("case", args=[case_id])
    )


@page("own person or ward", who=PrincipalKind.RESIDENT)
def case_paper(request: HttpRequest, case_id: str, kind: str, form: PaperFormat = PaperFormat.PDF) -> HttpResponse:
    """Give a paper of a case as PDF or OFD."""
    case = _case(request, case_id)
    return _file(print_case_paper(case=case, kind=kind, form=form, **_asked(request)))


@page("own person or ward", who=PrincipalKind.RESIDENT)
def papers_of_one_permit(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Show which papers a permit has, each as PDF and as OFD, and what the two are."""
    found = _permit(request, permit_id)
    context = {"permit_id": permit_id, "kinds": papers_of_permit(found, today())}
    return render_page(
        request, "resident/papers/permit.html", context, title="papers.of_permit",
        back=reverse("resident-permit", args=[permit_id]),
    )  # fmt: skip


@page("own person or ward", who=PrincipalKind.RESIDENT)
def permit_paper(request: HttpRequest, permit_id: str, kind: str, form: PaperFormat = PaperFormat.PDF) -> HttpResponse:
    """Give a paper of a permit as PDF or OFD."""
    found = _permit(request, permit_id)
    return _file(print_permit_paper(permit=found, kind=kind, on=today(), form=form, **_asked(request)))


@page("own person or ward", who=PrincipalKind.RESIDENT)
def residence_certificate(request: HttpRequest, form: PaperFormat = PaperFormat.PDF) -> HttpResponse:
    """Give a certificate of where one lives, as of today; `?place=` says for which county the days are counted."""
    place = request.GET.get("place", "")
    if place and not _COUNTY.fullmatch(place):
        raise NotFound("not_found")
    whose = acting_for(request)
    return _file(print_residence_certificate(person=whose, place=place, on=today(), form=form, **_asked(request)))


@page("own person or ward", who=PrincipalKind.RESIDENT)
def voucher(request: HttpRequest, stay_id: str, form: PaperFormat = PaperFormat.PDF) -> HttpResponse:
    """Give the voucher of a registration."""
    stay = Registration.objects.select_related("person").filter(pk=parse_public_id("sty", stay_id)).first()
    if stay is None or not may_act_for(own_person(request), stay.person, today()):
        raise NotFound("not_found")
    return _file(print_voucher(registration=stay, form=form, **_asked(request)))


def _case(request: HttpRequest, case_id: str) -> Case:
    case = case_for_resident(case_id=parse_public_id("cas", case_id), acting=own_person(request), on=today())
    _note(request, "casework.read", ("case", case.pk), case.person_id)
    return case


def _permit(request: HttpRequest, permit_id: str) -> Permit:
    found = Permit.objects.select_related("person").filter(pk=parse_public_id("pmt", permit_id)).first()
    if found is None or not may_act_for(own_person(request), found.person, today()):
        raise NotFound("not_found")
    _note(request, "permits.read", ("permit", found.pk), found.person_id)
    return found


def _note(request: HttpRequest, action: str, about: tuple[str, UUID], person_id: UUID) -> None:
    record_read(action, by=signed_in(request), on=about, person_id=person_id, purpose="own data")


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Return what every paper needs besides; drawing one is charged, since it costs a processor."""
    charge([Charge("papers", caller_of(request))])
    return {
        "language": reader_of(request).language,
        "origin": request.build_absolute_uri("/"),
        "by": signed_in(request),
    }


def _file(printed: Printed) -> HttpResponse:
    return file_response(printed.content, printed.media_type, printed.filename)
