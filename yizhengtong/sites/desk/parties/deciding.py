"""What is decided about an organisation: each purpose by itself, suspended and let in again, its quota, its end."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.showing.wording import labels
from yizhengtong.foundation.pages.forms import Checks, PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import signed_in
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.sites.desk.parties.views import reviewer_page
from yizhengtong.verification.relying_parties.authenticating import PARTY
from yizhengtong.verification.relying_parties.bounds import LONGEST_REASON, MOST_QUOTA
from yizhengtong.verification.relying_parties.models import PurposeGrant, RelyingParty
from yizhengtong.verification.relying_parties.policies import ensure_reviews
from yizhengtong.verification.relying_parties.reviewing import (
    answer_purpose,
    end,
    resume,
    set_quota,
    suspend,
    withdraw_purpose,
)
from yizhengtong.verification.relying_parties.shapes import GRANT, told_of_grant, told_of_party

_MOST_DIGITS = 9
_WRONG, _FINE = 422, 200


class AnswerForm(PageForm):
    """Granted with which claims, or refused with a reason."""

    words = "desk_parties.answer."
    is_granted = forms.ChoiceField(widget=Radios())
    claims = forms.MultipleChoiceField(required=False, widget=Checks())
    reason = forms.CharField(required=False, max_length=LONGEST_REASON, widget=forms.Textarea())

    def __init__(self, data: Any = None, *, reader: Reader, grant: PurposeGrant) -> None:
        super().__init__(data, reader=reader, initial={"claims": grant.claims})
        answers = [("yes", reader.say("desk_parties.grant")), ("no", reader.say("desk_parties.refuse"))]
        cast(forms.ChoiceField, self.fields["is_granted"]).choices = answers
        claims = list(zip(grant.claims, labels(grant.claims, reader.say), strict=True))
        cast(forms.MultipleChoiceField, self.fields["claims"]).choices = claims
        if not claims:
            del self.fields["claims"]


def _reason() -> forms.CharField:
    return forms.CharField(max_length=LONGEST_REASON, widget=forms.Textarea())


class WithdrawalForm(PageForm):
    """Why a purpose is taken away."""

    words = "desk_parties.withdraw_form."
    reason = _reason()


class SuspensionForm(PageForm):
    """Why an organisation is let in no more."""

    words = "desk_parties.suspend_form."
    reason = _reason()


class EndForm(PageForm):
    """Why an organisation's access ends."""

    words = "desk_parties.end_form."
    reason = _reason()


class QuotaForm(PageForm):
    """Requests in a legal day; empty: what everybody has."""

    words = "desk_parties.quota_form."
    quota_a_day = forms.IntegerField(
        required=False, min_value=0, max_value=MOST_QUOTA,
        widget=forms.NumberInput({"inputmode": "numeric", "class": "short"}),
    )  # fmt: skip


@reviewer_page
def answer(request: HttpRequest, grant_id: str) -> HttpResponse:
    """Grant one purpose with what of it serves, or refuse it with a reason."""
    grant, party = _grant(request, grant_id)
    form = AnswerForm(request.POST or None, reader=reader_of(request), grant=grant)

    def act() -> None:
        given = form.cleaned_data
        answer_purpose(
            grant_id=grant.pk, is_granted=given["is_granted"] == "yes", claims=given.get("claims", []),
            reason=given["reason"], version=_version(request), by=signed_in(request), at=timezone.now(),
        )  # fmt: skip

    return _decided(request, party, form, act, "answer_title", "send_answer", grant=grant)


@reviewer_page
def withdraw(request: HttpRequest, grant_id: str) -> HttpResponse:
    """Take a granted purpose away, with a reason."""
    grant, party = _grant(request, grant_id)
    form = WithdrawalForm(request.POST or None, reader=reader_of(request))

    def act() -> None:
        withdraw_purpose(
            grant_id=grant.pk, reason=form.cleaned_data["reason"], version=_version(request), by=signed_in(request),
            at=timezone.now(),
        )  # fmt: skip

    return _decided(request, party, form, act, "withdraw", "withdraw", lead="withdraw_lead", grant=grant)


@reviewer_page
def shut_out(request: HttpRequest, party_id: str) -> HttpResponse:
    """Let an organisation in no more, until it is let in again."""
    party, form = _party(request, party_id), SuspensionForm(request.POST or None, reader=reader_of(request))
    act = _with_reason(request, party, form, suspend)
    return _decided(request, party, form, act, "suspend", "suspend", lead="suspend_lead")


@reviewer_page
def end_for_good(request: HttpRequest, party_id: str) -> HttpResponse:
    """End an organisation's access for good."""
    party, form = _party(request, party_id), EndForm(request.POST or None, reader=reader_of(request))
    act = _with_reason(request, party, form, end)
    return _decided(request, party, form, act, "end", "end", lead="end_lead")


@reviewer_page
def give_quota(request: HttpRequest, party_id: str) -> HttpResponse:
    """Say how many requests an organisation may make in a day."""
    party = _party(request, party_id)
    form = QuotaForm(request.POST or None, reader=reader_of(request), initial={"quota_a_day": party.quota_a_day})

    def act() -> None:
        set_quota(
            party_id=party.pk, quota_a_day=form.cleaned_data["quota_a_day"], version=_version(request),
            by=signed_in(request), at=timezone.now(),
        )  # fmt: skip

    return _decided(request, party, form, act, "set_quota", "set_quota", lead="quota_lead")


@reviewer_page
def let_in_again(request: HttpRequest, party_id: str) -> HttpResponse:
    """Let a suspended organisation in again; only a sent form does it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    party = _party(request, party_id)
    resume(party_id=party.pk, version=_version(request), by=signed_in(request), at=timezone.now())
    return _back_to(party)


def _with_reason(
    request: HttpRequest, party: RelyingParty, form: PageForm, service: Callable[..., object]
) -> Callable[[], None]:
    def act() -> None:
        service(
            party_id=party.pk, reason=form.cleaned_data["reason"], version=_version(request), by=signed_in(request),
            at=timezone.now(),
        )  # fmt: skip

    return act


def _decided(
    request: HttpRequest, party: RelyingParty, form: PageForm, act: Callable[[], None], title: str, button: str, *,
    lead: str = "", grant: PurposeGrant | None = None,
) -> HttpResponse:  # fmt: skip
    """Do what was sent and go back to the organisation, or show the form."""
    if request.method == "POST" and form.is_valid() and form.does(act):
        return _back_to(party)
    reader = reader_of(request)
    context = {
        "party": told_of_party(party, reader.language), "form": form, "button": f"desk_parties.{button}",
        "lead": f"desk_parties.{lead}" if lead else "",
        "grant": grant and {**told_of_grant(grant, reader.language), "labels": labels(grant.claims, reader.say)},
    }  # fmt: skip
    return render_page(
        request, "desk/parties/decide.html", context, title=f"desk_parties.{title}", back=_address_of(party),
        status=_WRONG if form.errors else _FINE,
    )  # fmt: skip


def _grant(request: HttpRequest, grant_id: str) -> tuple[PurposeGrant, RelyingParty]:
    ensure_reviews(signed_in(request))
    key = parse_public_id(GRANT, grant_id)
    found = PurposeGrant.objects.select_related("relying_party").filter(pk=key).first()
    if found is None:
        raise NotFound("not_found")
    return found, found.relying_party


def _party(request: HttpRequest, party_id: str) -> RelyingParty:
    ensure_reviews(signed_in(request))
    found = RelyingParty.objects.filter(pk=parse_public_id(PARTY, party_id)).first()
    if found is None:
        raise NotFound("not_found")
    return found


def _address_of(party: RelyingParty) -> str:
    return reverse("desk-party", args=[public_id(PARTY, party.pk)])


def _back_to(party: RelyingParty) -> HttpResponse:
    return HttpResponseRedirect(_address_of(party))


def _version(request: HttpRequest) -> int:
    """Return the version that the form was shown with; one that is none fits none."""
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < _MOST_DIGITS else -1
