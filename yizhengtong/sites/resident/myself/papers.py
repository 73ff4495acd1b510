"""My documents: the numbers on file, and a new one in place of an old one."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.errors import Conflict, Invalid
from yizhengtong.registry.people.services import add_number
from yizhengtong.sites.resident.acting import acting_for
from yizhengtong.sites.resident.myself.forms import DocumentForm


@page("own person or ward", who=PrincipalKind.RESIDENT)
def documents(request: HttpRequest) -> HttpResponse:
    """Show who I am on file, or who I act for, with every number."""
    person = acting_for(request)
    by = signed_in(request)
    record_read("people.read", by=by, on=("person", person.pk), person_id=person.pk, purpose="own data")
    numbers = person.numbers.order_by("-is_current", "-pk")
    shown = {"person": person, "region": f"myself.region_{person.region}", "sex": f"myself.sex_{person.sex}"}
    papers = [(f"numbers.kinds.{each.kind}", each) for each in numbers]
    return render_page(
        request,
        "resident/myself/documents.html",
        {**shown, "papers": papers},
        title="myself.documents_title",
        back=reverse("resident-home"),
    )


@page("own person or ward", who=PrincipalKind.RESIDENT, limits=("linking",))
def new_document(request: HttpRequest) -> HttpResponse:
    """Take a new document in; it takes the place of the one of its kind."""
    person = acting_for(request)
    form = DocumentForm(request.POST or None, reader=reader_of(request), region=person.region)
    if request.method == "POST" and form.is_valid():
        try:
            add_number(person=person, by=signed_in(request), **form.cleaned_data)
        except (Invalid, Conflict) as problem:
            form.add_problem(problem)
        else:
            return HttpResponseRedirect(reverse("resident-documents"))
    return render_page(
        request,
        "resident/myself/new_document.html",
        {"form": form},
        title="myself.document_new_title",
        back=reverse("resident-documents"),
        status=422 if form.errors else 200,
    )
