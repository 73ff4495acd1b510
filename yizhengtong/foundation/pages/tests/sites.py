"""Addresses for the tests of the kit: pages for everybody, for residents, for officers, and those that fail."""

from uuid import uuid4

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import include, path

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.forms import Checks, Day, PageForm, Radios
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import SeeOther, page, signed_in
from yizhengtong.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound

PROBLEMS = {
    "invalid": Invalid("web.fields_wrong", errors=[FieldError("answers.username", "web.field_missing")]),
    "forbidden": Forbidden("accounts.role_missing"),
    "conflict": Conflict("web.stale_version"),
    "not_found": NotFound("not_found"),
}


class Form(PageForm):
    words = "entering."
    username = forms.CharField(max_length=8)
    password = forms.CharField(required=False)
    born = forms.DateField(required=False, widget=Day())
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], required=False, widget=Radios())
    some = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], required=False, widget=Checks())


@page("public")
def anybody(request: HttpRequest) -> HttpResponse:
    return render_page(request, "pages/problem.html", {"problem": {"detail": "ok"}}, title="pages.home", back="/before")


@page("own", who=PrincipalKind.RESIDENT)
def mine(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"mine {signed_in(request).id}")


@page("public")
def form(request: HttpRequest) -> HttpResponse:
    shown = Form(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and shown.is_valid():
        problem = PROBLEMS.get(request.GET.get("fails", ""))
        if problem is None:
            return HttpResponseRedirect("/done")
        shown.add_problem(problem)
    status = 422 if request.method == "POST" else 200
    return render_page(request, "kit_form.html", {"form": shown}, title="entering.title", status=status)


@page("public", limits=("sign_in",))
def writes(request: HttpRequest, how: str) -> HttpResponse:
    """Write an account, then end as told."""
    Account.objects.create(username=f"kit-{uuid4().hex}")
    if how in PROBLEMS:
        raise PROBLEMS[how]
    if how == "elsewhere":
        raise SeeOther("/anybody")
    return HttpResponse(status=int(how))


@page("own", who=PrincipalKind.RESIDENT)
def refuses(request: HttpRequest, how: str) -> HttpResponse:
    raise {"http404": Http404("H12345674"), "denied": PermissionDenied("H12345674")}.get(how) or PROBLEMS[how]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("H12345674")


urlpatterns = [
    path("anybody", anybody),
    path("mine", mine),
    path("form", form),
    path("writes/<str:how>", writes),
    path("refuses/<str:how>", refuses),
    path("broken", broken),
    path("desk/broken", broken),
    path("api/broken", broken),
    path("", include("yizhengtong.project.urls")),
]
handler400 = "yizhengtong.foundation.pages.failures.bad_request"
handler403 = "yizhengtong.foundation.pages.failures.forbidden"
handler404 = "yizhengtong.foundation.pages.failures.not_found"
handler500 = "yizhengtong.foundation.pages.failures.defect"
