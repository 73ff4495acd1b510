"""An account for somebody with neither telephone nor mail: made at the window, handed over as a printed slip."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yizhengtong.foundation.accounts.policies import ensure_role, ensure_second_factor
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.texts import LANGUAGES
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid
from yizhengtong.kernel.numbers import LONGEST, DocumentKind
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import TRAVEL_KINDS, find_by_number
from yizhengtong.registry.people.slips import make_account_for
from yizhengtong.sites.desk.accounts.slips import hand_to_printer

_KINDS = (*TRAVEL_KINDS, DocumentKind.RESIDENT_ID)


class SlipForm(PageForm):
    """Whose account: the document that was shown, and the language of the account."""

    words = "desk_accounts."
    kind = forms.ChoiceField(widget=Radios)
    number = forms.CharField(max_length=LONGEST)
    language = forms.ChoiceField(widget=Radios, initial="zh-Hans")
    seen = forms.BooleanField()

    def __init__(self, *args: object, reader: Reader, **named: object) -> None:
        super().__init__(*args, reader=reader, **named)
        self.fields["kind"].choices = [(kind, reader.say(f"numbers.kinds.{kind}")) for kind in _KINDS]  # type: ignore[attr-defined]
        self.fields["language"].choices = [(code, reader.say(f"desk_accounts.{code}")) for code in LANGUAGES]  # type: ignore[attr-defined]


@page("clerk", who=PrincipalKind.STAFF, limits=("linking",))
def new_account(request: HttpRequest) -> HttpResponse:
    """Make an account; its slip is printed on the next page, once."""
    by = signed_in(request)
    ensure_second_factor(by)
    ensure_role(by, Role.CLERK)
    form = SlipForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            return _slip(request, form, by)
        except (Invalid, Conflict) as problem:
            form.add_problem(problem)
    return render_page(
        request,
        "desk/accounts/new.html",
        {"form": form, "is_slip_gone": request.GET.get("slip") == "gone"},
        title="desk_accounts.title",
        back=reverse("desk-home"),
        status=422 if form.errors else 200,
    )


def _slip(request: HttpRequest, form: SlipForm, by: Principal) -> HttpResponse:
    person = _person(form, by)
    slip = make_account_for(person=person, language=form.cleaned_data["language"], by=by)
    region = person.region if person else ""
    return hand_to_printer(request, slip, region=region, is_on_file=person is not None)


def _person(form: SlipForm, by: Principal) -> Person | None:
    """Return who the document names, as far as this office may know; others register at their first sign-in."""
    kind, number = form.cleaned_data["kind"], form.cleaned_data["number"]
    try:
        return find_by_number(kind, number, by, "account at the window")
    except Invalid as wrong:
        raise Invalid(wrong.code, errors=[FieldError("number", wrong.code)]) from wrong
