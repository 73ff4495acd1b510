"""Reading a share code: typed with the holder's birth date, by anybody who was given both, without an account.

What is sent is answered by another page, whose address says nothing: the browser holds a secret for some minutes, by
which it sees again what it was told and prints it. A page that is loaded again uses no second use up.
"""

from collections.abc import Sequence
from http import HTTPStatus

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.showing.claims import PHOTO
from yizhengtong.credentials.showing.services import ANYBODY
from yizhengtong.credentials.showing.wording import standing_words, worded
from yizhengtong.foundation.pages.forms import Day, PageForm
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.foundation.web.headers import allow_pictures_within
from yizhengtong.kernel.ids import public_id
from yizhengtong.sites.checker.codes import officer_of
from yizhengtong.verification.relying_parties.purposes import purposes
from yizhengtong.verification.sharing.bounds import VIEW_LASTS
from yizhengtong.verification.sharing.codes import normal
from yizhengtong.verification.sharing.reading import OTHER_PURPOSE, TOLD, Asked, Told, read_share_code
from yizhengtong.verification.sharing.viewing import forget_view, keep_view, view_of

COOKIE = "yzt_share_view"
CHECK = "chk"
_MOST = 40


class ShareForm(PageForm):
    """The code, the birth date of whoever gave it, and what it is needed for."""

    words = "checker.share_form."
    code = forms.CharField(
        max_length=_MOST,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    birth_date = forms.DateField(widget=Day({"autocomplete": "off"}))
    need = forms.ChoiceField(required=False)

    def __init__(self, data: object = None, *, reader: Reader) -> None:
        super().__init__(data, reader=reader)
        field = self.fields["need"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 as it stands above
        field.choices = [("", reader.say("checker.share_any")), *_needs(reader)]

    def clean_code(self) -> str:
        asked = normal(self.cleaned_data["code"])
        if not asked:
            raise forms.ValidationError(self.reader.say("checker.share_form.code_wrong"))
        return asked


@page("public", limits=("share_checks",), is_one=False)
def read(request: HttpRequest) -> HttpResponse:
    """Ask for code and birth date; read it, or say in one and the same word that nothing opens.

    What is sent is no transaction as a whole: a wrong try stays counted.
    """
    form = ShareForm(request.POST or None, reader=reader_of(request))
    if request.method != "POST":
        return _asked(request, form)
    if not form.is_valid():
        return _asked(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    sent = form.cleaned_data
    asked = Asked(sent["code"], sent["birth_date"], sent["need"])
    told = read_share_code(asked=asked, at=timezone.now(), by=officer_of(request) or ANYBODY)
    if told.word == TOLD:
        return _sent_on(request, told)
    if told.word == OTHER_PURPOSE:
        return _asked(request, ShareForm(reader=reader_of(request)), other=told.purpose)
    form.add_error(None, reader_of(request).say("checker.share_none"))
    return _asked(request, form, HTTPStatus.NOT_FOUND)


@page("public")
def result(request: HttpRequest) -> HttpResponse:
    """Show and print what this browser was told; sent, take it from this browser."""
    secret = request.COOKIES.get(COOKIE, "")
    if request.method == "POST":
        forget_view(secret=secret)
        response: HttpResponse = HttpResponseRedirect(reverse("check-share"))
        response.delete_cookie(COOKIE, path=reverse("check-share"), samesite="Strict")
        return response
    seen = view_of(secret, timezone.now()) if secret else None
    if seen is None:
        return HttpResponseRedirect(reverse("check-share"))
    reader = reader_of(request)
    context = {
        "is_valid": seen.standing.is_valid,
        "standing": standing_words(seen.standing, reader.say),
        "purpose": f"relying_parties.purpose_{seen.purpose}",
        "claims": worded(seen.values, reader.say),
        "wants_photo": PHOTO in purposes()[seen.purpose].claims,
        "photo": seen.photo,
        "as_of": seen.as_of,
        "reference": public_id(CHECK, seen.check_id),
        "address": f"{settings.YZT_ADDRESS}{reverse('check-share')}",
        "minutes": int(VIEW_LASTS.total_seconds()) // 60,
    }
    response = render_page(
        request, "checker/shared.html", context, title="checker.shared_title", back=reverse("check-share")
    )
    return allow_pictures_within(response)


def _asked(request: HttpRequest, form: ShareForm, status: HTTPStatus = HTTPStatus.OK, other: str = "") -> HttpResponse:
    context = {"form": form, "other": f"relying_parties.purpose_{other}" if other else ""}
    return render_page(
        request, "checker/share.html", context, title="checker.share_title", back=reverse("check"), status=status
    )


def _sent_on(request: HttpRequest, told: Told) -> HttpResponse:
    response = HttpResponseRedirect(reverse("check-share-result"))
    response.set_cookie(
        COOKIE, keep_view(told=told), max_age=VIEW_LASTS, path=reverse("check-share"), httponly=True,
        secure=request.is_secure(), samesite="Strict",
    )  # fmt: skip
    return response


def _needs(reader: Reader) -> Sequence[tuple[str, str]]:
    return [(code, reader.say(f"relying_parties.purpose_{code}")) for code in purposes()]
