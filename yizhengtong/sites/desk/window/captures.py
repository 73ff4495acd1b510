"""What is captured at the window: photograph, fingerprints, the signed form, papers brought along."""

from collections.abc import Callable

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.documents.services import store_document
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.texts import base_of
from yizhengtong.foundation.web.headers import allow_camera
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Forbidden, NotFound, Problem
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.devices.contract import AGENT
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.guiding.sayings import name_of_evidence
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.policies import ensure_may_work
from yizhengtong.permitting.casework.services.judging import add_paper
from yizhengtong.permitting.casework.services.reception import capture, use_photo_receipt
from yizhengtong.sites.desk.cases.asking import attempt, case_asked, today

_LIMITS = ("uploads", "upload_bytes")


def speaking_to_agent(response: HttpResponse) -> HttpResponse:
    """Let a page that reads a device speak to the agent on the officer's own machine; no other page may."""
    response._csp_update = {"connect-src": [AGENT]}  # type: ignore[attr-defined]  # as django-csp's decorator does
    return response


class CaptureForm(PageForm):
    """A file: taken by the camera, read by a device, or chosen."""

    words = "desk.capture."
    file = forms.FileField(widget=forms.FileInput({"accept": "image/jpeg,image/png"}))


class ReceiptForm(PageForm):
    """The number of the receipt of the digital-photo test."""

    words = "desk.capture."
    receipt = forms.CharField(max_length=64)


class PaperForm(PageForm):
    """A paper: of which kind, and its scan."""

    words = "desk.capture."
    kind = forms.ChoiceField(widget=Radios)
    file = forms.FileField(widget=forms.FileInput({"accept": "image/jpeg,image/png,application/pdf"}))


@page("clerk of the area", who=PrincipalKind.STAFF, limits=_LIMITS)
def photo(request: HttpRequest, case_id: str) -> HttpResponse:
    """Take the photograph by webcam within a guide frame, or choose a file (S2-18). The only page with a camera."""
    return allow_camera(_capture(request, case_id, "photo", "desk/window/photo.html"))


@page("clerk of the area", who=PrincipalKind.STAFF, limits=_LIMITS)
def fingerprints(request: HttpRequest, case_id: str) -> HttpResponse:
    """Take fingerprints from the scanner, or choose the file that it wrote (S2-18)."""
    return speaking_to_agent(_capture(request, case_id, "fingerprints", "desk/window/fingerprints.html"))


@page("clerk of the area", who=PrincipalKind.STAFF, limits=_LIMITS)
def signed_form(request: HttpRequest, case_id: str) -> HttpResponse:
    """Keep the scan of the form that the applicant checked and signed (S1-042)."""
    return _capture(request, case_id, "signed_form", "desk/window/signed_form.html")


def _capture(request: HttpRequest, case_id: str, kind: str, template: str) -> HttpResponse:
    case = _clerks(request, case_id)
    form = CaptureForm(request.POST or None, request.FILES or None, reader=reader_of(request))

    def keep() -> None:
        file = form.cleaned_data["file"]
        capture(
            case_id=case.pk,
            kind=kind,
            content=file.read(),
            declared_type=file.content_type or "",
            by=signed_in(request),
        )

    return _answer(request, case_id, form, keep, template, f"desk.paper.{kind}", {"case": case, "agent": AGENT})


@page("clerk of the area", who=PrincipalKind.STAFF)
def photo_receipt(request: HttpRequest, case_id: str) -> HttpResponse:
    """Look up the receipt of the digital-photo test that the applicant brought (S1-039)."""
    case = _clerks(request, case_id)
    form = ReceiptForm(request.POST or None, reader=reader_of(request))

    def use() -> None:
        use_photo_receipt(case_id=case.pk, receipt=form.cleaned_data["receipt"], by=signed_in(request))

    return _answer(request, case_id, form, use, "desk/window/photo_receipt.html", "desk.capture.receipt_title", {})


@page("clerk of the area", who=PrincipalKind.STAFF, limits=_LIMITS)
def paper(request: HttpRequest, case_id: str, document_code: str) -> HttpResponse:
    """Take a paper in that the applicant brought; it is the applicant's own, handed in at the window."""
    case, reader = _clerks(request, case_id), reader_of(request)
    law = law_for(case.item, case.application.place, case.accepted_on or today())
    document = next((each for each in item_of(law, case.item).documents if each.code == document_code), None)
    if document is None:
        raise NotFound("not_found")
    form = PaperForm(request.POST or None, request.FILES or None, reader=reader)
    form.fields["kind"].choices = [  # type: ignore[attr-defined]
        (kind, reader.say("desk.plain", words=name_of_evidence(law, kind))) for kind in document.any_of
    ]

    def hand_in() -> None:
        file, by = form.cleaned_data["file"], signed_in(request)
        kept = store_document(
            content=file.read(),
            declared_type=file.content_type or "",
            kind="evidence",
            person_id=case.person_id,
            by=by,
            purpose="applications.evidence",
        )
        add_paper(
            application_id=case.application_id,
            document_code=document_code,
            kind=form.cleaned_data["kind"],
            document=kept,
            acting=case.application.filled_by,
            on=today(),
            by=by,
        )

    title = document.name.in_language(base_of(reader.language))
    return _answer(request, case_id, form, hand_in, "desk/window/paper.html", title, {})


def _clerks(request: HttpRequest, case_id: str) -> Case:
    case = case_asked(request, case_id)
    ensure_may_work(case, signed_in(request), Role.CLERK)
    return case


def _answer(
    request: HttpRequest,
    case_id: str,
    form: PageForm,
    act: Callable[[], object],
    template: str,
    title: str,
    context: dict[str, object],
) -> HttpResponse:
    back, status = reverse("desk-window-case", args=[case_id]), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            problem: Problem | None = attempt(act)
            if isinstance(problem, Forbidden):
                raise problem
            if problem is None:
                return HttpResponseRedirect(f"{back}?done=capture")
            form.add_problem(problem)
            status = STATUSES[problem.kind]
    return render_page(
        request, template, {"form": form, "case_id": case_id, **context}, title=title, back=back, status=status
    )
