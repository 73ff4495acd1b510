"""Reading the code on somebody's phone: asked for by its letters or by its address, opened by a press of the button.

An address that is only opened tells nothing and uses nothing up: a telephone that looks ahead does no harm.
"""

from http import HTTPStatus

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.showing.codes import normal
from yizhengtong.credentials.showing.services import ANYBODY, SHOWN, Outcome
from yizhengtong.credentials.showing.wording import standing_words, worded
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.foundation.web.headers import allow_pictures_within
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.sharing.handed import read_phone_code

_MOST = 40


class CodeForm(PageForm):
    """The letters under the code."""

    words = "checker.code_form."
    code = forms.CharField(
        max_length=_MOST,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        asked = normal(self.cleaned_data["code"])
        if not asked:
            raise forms.ValidationError(self.reader.say("checker.code_form.code_wrong"))
        return asked


@page("public")
def home(request: HttpRequest) -> HttpResponse:
    """Say how each form of a permit is checked."""
    return render_page(request, "checker/home.html", title="checker.title", back=reverse("front-page"))


@page("public")
def land(request: HttpRequest, shown: str) -> HttpResponse:
    """Show the form with the code that was read off a phone; whether it is good is said when it is sent."""
    form = CodeForm(reader=reader_of(request), initial={"code": normal(shown)})
    context = {"form": form, "code": normal(shown)}
    return render_page(request, "checker/code.html", context, title="checker.code_title", back=reverse("check"))


@page("public", limits=("code_checks",))
def read(request: HttpRequest) -> HttpResponse:
    """Open a code, or say in a word why it opens nothing."""
    if request.method != "POST":
        return land(request, "")
    form = CodeForm(request.POST, reader=reader_of(request))
    if not form.is_valid():
        return _asked_again(request, form)
    officer = officer_of(request)
    told = read_phone_code(text=form.cleaned_data["code"], at=timezone.now(), by=officer or ANYBODY)
    return _told(request, told, officer)


def _asked_again(request: HttpRequest, form: CodeForm) -> HttpResponse:
    return render_page(
        request, "checker/code.html", {"form": form, "code": ""}, title="checker.code_title", back=reverse("check"),
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )  # fmt: skip


def _told(request: HttpRequest, told: Outcome, officer: Principal | None) -> HttpResponse:
    reader = reader_of(request)
    context = {
        "word": told.word,
        "is_shown": told.word == SHOWN,
        "is_valid": told.standing is not None and told.standing.is_valid,
        "standing": standing_words(told.standing, reader.say) if told.standing else "",
        "purpose_words": reader.say(f"showing.purpose_{told.purpose.code}") if told.purpose else "",
        "claims": worded(told.values, reader.say),
        "photo": told.photo,
        "wants_photo": told.purpose is not None and bool(told.purpose.phone),
        "as_of": timezone.now(),
        "permit_id": _forms_for(officer, told),
    }
    status = HTTPStatus.OK if told.word == SHOWN else HTTPStatus.NOT_FOUND
    response = render_page(
        request, "checker/read.html", context, title="checker.code_title", back=reverse("check"), status=status
    )
    return allow_pictures_within(response)


def _forms_for(officer: Principal | None, told: Outcome) -> str:
    """Return the permit's id for an officer of its area, who may see its forms; nothing for anybody else."""
    if officer is None or told.permit_id is None:
        return ""
    path = Permit.objects.filter(pk=told.permit_id).values_list("office_path", flat=True).first()
    return public_id("pmt", told.permit_id) if path is not None and officer.covers(path) else ""


def officer_of(request: HttpRequest) -> Principal | None:
    """Return the officer who reads at the desk; anybody else reads as anybody."""
    principal = reader_of(request).principal
    is_officer = principal is not None and principal.kind == PrincipalKind.STAFF and principal.has_second_factor
    return principal if is_officer else None
