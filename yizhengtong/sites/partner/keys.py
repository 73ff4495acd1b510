"""The organisation's keys: made or registered, each a page of its own; a secret is shown in the answer that made it."""

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.serving import signed_in
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.sites.partner.own import adding_page, choose_from, done_by, environments, own_page, party_of, render
from yizhengtong.verification.relying_parties.authenticating import KEY, PARTY, audience_of_api
from yizhengtong.verification.relying_parties.bounds import (
    ASSERTION_LASTS,
    LONGEST_LABEL,
    LONGEST_OVERLAP,
    MOST_ASSERTION,
    MOST_CERTIFICATE,
)
from yizhengtong.verification.relying_parties.keeping import (
    end_key,
    make_secret,
    register_certificate,
    register_jwk,
    revoke_key,
    rotate_secret,
)
from yizhengtong.verification.relying_parties.models import RelyingPartyKey
from yizhengtong.verification.relying_parties.queries import keys_of
from yizhengtong.verification.relying_parties.shapes import Told, told_of_key

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "class": "code"}
_OVERLAP_DAYS = 7


class SecretForm(PageForm):
    """For which environment, and what the organisation calls it."""

    words = "partner.key_form."
    environment = forms.ChoiceField(widget=Radios(), initial="test")
    label = forms.CharField(required=False, max_length=LONGEST_LABEL)

    def __init__(self, data: Any = None, *, reader: Reader) -> None:
        super().__init__(data, reader=reader)
        choose_from(self.fields["environment"], environments(reader))


class JwkForm(SecretForm):
    """A public key, and an assertion that it signed."""

    jwk = forms.JSONField(widget=forms.Textarea(_PLAIN))
    proof = forms.CharField(max_length=MOST_ASSERTION, widget=forms.Textarea(_PLAIN))

    def clean_jwk(self) -> dict[str, Any]:
        given: object = self.cleaned_data["jwk"]
        if not isinstance(given, dict):
            raise forms.ValidationError(self.reader.say("relying_parties.key_wrong"))
        return given


class CertificateForm(SecretForm):
    """A certificate, and an assertion that its key signed."""

    pem = forms.CharField(max_length=MOST_CERTIFICATE, widget=forms.Textarea(_PLAIN))
    proof = forms.CharField(max_length=MOST_ASSERTION, widget=forms.Textarea(_PLAIN))


class OverlapForm(PageForm):
    """For how many days the old key goes on."""

    words = "partner.overlap_form."
    days = forms.IntegerField(
        min_value=1, max_value=LONGEST_OVERLAP.days, initial=_OVERLAP_DAYS,
        widget=forms.NumberInput({"class": "short", "inputmode": "numeric"}),
    )  # fmt: skip


class RevocationForm(PageForm):
    """Why a key is stopped."""

    words = "partner.revoke_form."
    because = forms.ChoiceField(widget=Radios())

    def __init__(self, data: Any = None, *, reader: Reader) -> None:
        super().__init__(data, reader=reader)
        choose_from(self.fields["because"], [(each, reader.say(f"partner.because_{each}")) for each in _REASONS])


_REASONS = ("replaced", "leaked")


@own_page
def show(request: HttpRequest) -> HttpResponse:
    """Show every key with when it was last used."""
    party, now = party_of(request), timezone.now()
    context = {
        "rows": [_row(told_of_key(each, now)) for each in keys_of(party)],
        "client_id": public_id(PARTY, party.pk),
        "is_approved": party.state == party.State.APPROVED,
    }
    return render(request, "keys", context, title="partner.keys", back=reverse("partner-organisation"))


@adding_page
def new_secret(request: HttpRequest) -> HttpResponse:
    """Make a secret and show it, this once."""
    party_of(request)
    form = SecretForm(request.POST or None, reader=reader_of(request))
    for key, secret in done_by(
        form, lambda: make_secret(**form.cleaned_data, by=signed_in(request), at=timezone.now())
    ):
        return _shown_once(request, key, secret)
    return _form(request, "key_secret", form, "partner.new_secret")


@adding_page
def new_jwk(request: HttpRequest) -> HttpResponse:
    """Register a public key for signed assertions and requests."""
    return _register(request, JwkForm, register_jwk, "key_jwk", "partner.new_jwk")


@adding_page
def new_certificate(request: HttpRequest) -> HttpResponse:
    """Register a certificate by which our proxy knows the organisation."""
    return _register(request, CertificateForm, register_certificate, "key_certificate", "partner.new_certificate")


@adding_page
def rotate(request: HttpRequest, key_id: str) -> HttpResponse:
    """Make a secret in place of an old one, which goes on for some days."""
    key, form = _own_key(request, key_id), OverlapForm(request.POST or None, reader=reader_of(request))
    now = timezone.now()
    for made, secret in done_by(
        form,
        lambda: rotate_secret(
            key_id=key.pk, ends_at=now + timedelta(days=form.cleaned_data["days"]), by=signed_in(request), at=now
        ),
    ):
        return _shown_once(request, made, secret)
    return _form(request, "key_rotate", form, "partner.rotate", key)


@own_page
def let_end(request: HttpRequest, key_id: str) -> HttpResponse:
    """Let a key end in some days: another one follows it."""
    key, form = _own_key(request, key_id), OverlapForm(request.POST or None, reader=reader_of(request))
    now = timezone.now()
    if done_by(
        form,
        lambda: end_key(
            key_id=key.pk, ends_at=now + timedelta(days=form.cleaned_data["days"]), by=signed_in(request), at=now
        ),
    ):
        return HttpResponseRedirect(reverse("partner-keys"))
    return _form(request, "key_end", form, "partner.let_end", key)


@own_page
def revoke(request: HttpRequest, key_id: str) -> HttpResponse:
    """Stop a key at once and for good."""
    key, form = _own_key(request, key_id), RevocationForm(request.POST or None, reader=reader_of(request))
    if done_by(form, lambda: revoke_key(key_id=key.pk, **form.cleaned_data, by=signed_in(request), at=timezone.now())):
        return HttpResponseRedirect(reverse("partner-keys"))
    return _form(request, "key_revoke", form, "partner.revoke", key)


def _register(request: HttpRequest, form_of: type[SecretForm], service: Any, name: str, title: str) -> HttpResponse:
    party = party_of(request)
    form = form_of(request.POST or None, reader=reader_of(request))
    if done_by(
        form,
        lambda: service(**form.cleaned_data, audience=audience_of_api(), by=signed_in(request), at=timezone.now()),
    ):
        return HttpResponseRedirect(reverse("partner-keys"))
    client = public_id(PARTY, party.pk)
    claims = {"iss": client, "sub": client, "aud": audience_of_api(), "exp": 1790000000, "jti": "…"}
    context = {
        "claims": json.dumps(claims, ensure_ascii=False, indent=2),
        "minutes": int(ASSERTION_LASTS.total_seconds()) // 60,
    }
    return render(request, name, context, title=title, back=reverse("partner-keys"), form=form)


def _form(
    request: HttpRequest, name: str, form: PageForm, title: str, key: RelyingPartyKey | None = None
) -> HttpResponse:
    context = {"row": _row(told_of_key(key, timezone.now()))} if key else {}
    return render(request, name, context, title=title, back=reverse("partner-keys"), form=form)


def _shown_once(request: HttpRequest, key: RelyingPartyKey, secret: str) -> HttpResponse:
    context = {"row": _row(told_of_key(key, timezone.now())), "secret": secret}
    return render(request, "key_made", context, title="partner.made", back=reverse("partner-keys"))


def _own_key(request: HttpRequest, key_id: str) -> RelyingPartyKey:
    """Return a key of one's own that is still good for something. Raises NotFound."""
    key = RelyingPartyKey.objects.filter(
        relying_party=party_of(request), pk=parse_public_id(KEY, key_id), revoked_at=None
    ).first()
    if key is None:
        raise NotFound("not_found")
    return key


def _row(told: Told) -> dict[str, Any]:
    return {
        **told,
        "kind_words": f"partner.kind_{told['kind']}",
        "environment_words": f"partner.environment_{told['environment']}",
        "is_secret": told["kind"] == RelyingPartyKey.Kind.SECRET,
        "is_revoked": told["revoked_at"] is not None,
    }
