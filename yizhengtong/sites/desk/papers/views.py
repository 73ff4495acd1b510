"""The papers of a case, and the note that its form was printed (S1-041)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.credentials.papers.forms import FORMS
from yizhengtong.credentials.papers.queries import papers_of_case
from yizhengtong.credentials.papers.services import print_case_paper
from yizhengtong.credentials.papers.sheet import CHINESE, PaperFormat
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.pages.languages import NAMES
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.texts import PAGE_LANGUAGES
from yizhengtong.foundation.web.callers import caller_of
from yizhengtong.foundation.web.files import file_response
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.permitting.casework.services.reception import print_form
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.sites.desk.cases.asking import case_asked

_AT_COUNTER = (CaseState.RECEIVED, CaseState.ACCEPTED)


@page("officer of the area", who=PrincipalKind.STAFF)
def list_papers(request: HttpRequest, case_id: str) -> HttpResponse:
    """Show which papers a case has, in which second language, and the button that notes the printing of the form."""
    case = case_asked(request, case_id)
    kinds = papers_of_case(case)
    context = {
        "case_id": case_id,
        "case": case,
        "kinds": [(kind, reader_of(request).say(f"papers.kind_{kind}")) for kind in kinds],
        "seconds": [(code, NAMES[code]) for code in PAGE_LANGUAGES if code != CHINESE],
        "may_note": kinds[0] in FORMS and case.state in _AT_COUNTER and Role.CLERK in signed_in(request).roles,
    }
    return render_page(
        request, "desk/papers/list.html", context, title="papers.desk_title", back=reverse("desk-case", args=[case_id])
    )


@page("officer of the area", who=PrincipalKind.STAFF)
def paper(request: HttpRequest, case_id: str, kind: str, form: PaperFormat = PaperFormat.PDF) -> HttpResponse:
    """Give a paper as PDF or OFD; `?second=` says the language of its second line."""
    case = case_asked(request, case_id)
    charge([Charge("papers", caller_of(request))])
    second = request.GET.get("second", CHINESE)
    printed = print_case_paper(
        case=case, kind=kind, language=second if second in PAGE_LANGUAGES else CHINESE,
        origin=request.build_absolute_uri("/"), by=signed_in(request), form=form,
    )  # fmt: skip
    return file_response(printed.content, printed.media_type, printed.filename)


@page("clerk of the area", who=PrincipalKind.STAFF)
def printed_form(request: HttpRequest, case_id: str) -> HttpResponse:
    """Note that the form was printed for checking and signing, and open it."""
    case = case_asked(request, case_id)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("desk-papers", args=[case_id]))
    print_form(case_id=case.pk, by=signed_in(request))
    return HttpResponseRedirect(reverse("desk-paper", args=[case_id, "form"]))
