"""What pages of a member share: their policy, the organisation, the shapes of forms."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.errors import NotFound
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.policies import own_party

MEMBER = PrincipalKind.REPORTER
"""The kind of account that acts for an organisation; whether it acts for one, `own_party` says."""
own_page = page("member of the organisation", who=MEMBER)
adding_page = page("member of the organisation", who=MEMBER, limits=("organisation_changes",))
"""Sent, it makes a row. What stops or takes away is never kept waiting."""
WRONG = 422


def party_of(request: HttpRequest) -> RelyingParty:
    """Return the organisation of who is signed in. Raises NotFound, Forbidden `relying_parties.ended`."""
    return own_party(signed_in(request))


def party_or_none(request: HttpRequest) -> RelyingParty | None:
    """Return the organisation of who reads, if any."""
    principal = reader_of(request).principal
    if principal is None or principal.kind != MEMBER:
        return None
    try:
        return own_party(principal)
    except NotFound:
        return None


def choose_from(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    """Give a field its choices, in the words of who reads."""
    field.choices = choices  # type: ignore[attr-defined]  # a ChoiceField


def environments(reader: Reader) -> list[tuple[str, str]]:
    """Return both environments in words."""
    return [(each, reader.say(f"partner.environment_{each}")) for each in ("test", "production")]


def render(
    request: HttpRequest,
    name: str,
    context: Mapping[str, Any],
    *,
    title: str,
    back: str,
    form: forms.Form | None = None,
) -> HttpResponse:
    """Return a page of the portal; a form that was wrong with 422."""
    is_wrong = form is not None and form.is_bound and bool(form.errors)
    shown = {**context, **({"form": form} if form is not None else {})}
    return render_page(
        request, f"partner/{name}.html", shown, title=title, back=back, status=WRONG if is_wrong else 200
    )


def done_by(form: Any, act: Callable[[], Any]) -> list[Any]:
    """Return what a form's act gave, in a list; nothing when the form was wrong or the service refused it."""
    given: list[Any] = []
    if form.is_valid():
        form.does(lambda: given.append(act()))
    return given
