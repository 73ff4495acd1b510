"""The page on which a resident says what a relying party may be told: who, why, what, how long; yes or no.

Nothing is ticked beforehand. What is essential to a purpose cannot be left out of a yes; everything else can. Who said
yes before to all that is asked now is not asked again, unless the party wants that.
"""

from collections.abc import Sequence

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.pages.forms import Checks, PageForm
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import SeeOther, page, signed_in
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden, Invalid
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import person_of
from yizhengtong.sites.openid.authorize import SentBack
from yizhengtong.sites.openid.sessions import session_of
from yizhengtong.verification.authorization.redirects import place_of, source_of
from yizhengtong.verification.openid import lifetimes
from yizhengtong.verification.openid.deciding import (
    OVER,
    Session,
    allow,
    allow_again,
    is_meant,
    open_request,
    refuse,
    why_not,
)
from yizhengtong.verification.openid.models import SignInRequest
from yizhengtong.verification.relying_parties.queries import basis_of

_NEEDED = ("client_id", "request_uri")


class AnswerForm(PageForm):
    """Which of the claims that can be left out the party may be told."""

    words = "openid.allow."
    claims = forms.MultipleChoiceField(widget=Checks(), required=False)

    def __init__(self, data: object, *, reader: Reader, voluntary: Sequence[str]) -> None:
        super().__init__(data, reader=reader)
        field = self.fields["claims"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 as it stands above
        field.choices = [(each, reader.say(f"showing.claim_{each}")) for each in voluntary]


@page("own consent", who=PrincipalKind.RESIDENT)
def consent(request: HttpRequest) -> HttpResponse:
    """Show what a party asks, and take the answer."""
    named, by = _named(request), signed_in(request)
    session = session_of(request)
    asked, is_proved = open_request(**named, by=by, session=session)
    if session is None or not is_proved:
        raise SeeOther(f"{reverse('resident-sign-in')}?{urlencode({'next': request.get_full_path(), 'again': '1'})}")
    if request.method == "POST" and request.POST.get("answer") == "no":
        return SentBack(refuse(**named, error="access_denied", by=by))
    person = _own_person(request, by)
    if not is_meant(asked, person):
        return SentBack(refuse(**named, error="login_required", by=by))
    if request.method != "POST":
        before = allow_again(**named, person=person, session=session, by=by)
        return SentBack(before) if before else _shown(request, asked, person, None)
    return _answered(request, asked, person, session, named)


def _answered(
    request: HttpRequest, asked: SignInRequest, person: Person, session: Session, named: dict[str, str]
) -> HttpResponse:
    form = AnswerForm(request.POST, reader=reader_of(request), voluntary=_voluntary(asked))
    if not form.is_valid():
        return _shown(request, asked, person, form)
    chosen = form.cleaned_data["claims"]
    return SentBack(allow(**named, person=person, claims=chosen, session=session, by=signed_in(request)))


def _named(request: HttpRequest) -> dict[str, str]:
    given = {name: request.GET.getlist(name) for name in _NEEDED}
    if any(len(values) != 1 for values in given.values()):
        raise Invalid(OVER)
    return {name: values[0] for name, values in given.items()}


def _own_person(request: HttpRequest, by: Principal) -> Person:
    """Return the person behind the account. Raises SeeOther to the page that asks who one is, and back."""
    if by.id is None:
        raise Forbidden("web.sign_in_first")
    person = person_of(by.id)
    if person is None:
        raise SeeOther(f"{reverse('resident-register')}?{urlencode({'next': request.get_full_path()})}")
    return person


def _voluntary(asked: SignInRequest) -> list[str]:
    return [each for each in asked.claims if each not in asked.essential]


def _shown(request: HttpRequest, asked: SignInRequest, person: Person, form: AnswerForm | None) -> HttpResponse:
    reader, now = reader_of(request), timezone.now()
    why = why_not(asked, person, legal_day(now))
    response = render_page(
        request,
        "openid/consent.html",
        {
            "form": form or AnswerForm(None, reader=reader, voluntary=_voluntary(asked)),
            "party": asked.relying_party.name,
            "basis": basis_of(asked.relying_party, asked.purpose),
            "purpose": reader.say(f"relying_parties.purpose_{asked.purpose}"),
            "reason": reader.say(f"relying_parties.why_{asked.purpose}"),
            "essential": [reader.say(f"showing.claim_{each}") for each in asked.claims if each in asked.essential],
            "has_voluntary": bool(_voluntary(asked)),
            "until": legal_day(now + lifetimes.REMEMBERED),
            "place": place_of(asked.redirect_uri),
            "why_not": reader.say(why) if why else "",
        },
        title="openid.allow.title",
        status=422 if form is not None else 200,
    )
    # A browser holds what a form leads to against this policy, redirects included.
    response._csp_update = {"form-action": [source_of(asked.redirect_uri)]}  # type: ignore[attr-defined]
    return response
