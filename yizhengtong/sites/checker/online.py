"""The same check by the server, for browsers that cannot: no scripts, no WebCrypto, a code signed by SM2.

Nothing of ours is opened: the code brings what it says, and the lists are public. That it was checked stands in the
holder's history.
"""

from http import HTTPStatus

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.showing.paper import PAPER
from yizhengtong.credentials.showing.wording import worded
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.verification.sharing.handed import read_paper_code

_MOST = 3000
_TONES = {"good": "good", PAPER: "good", "unknown_state": "warn"}


class PaperForm(PageForm):
    """What the QR code on the paper holds."""

    words = "checker.paper_form."
    code = forms.CharField(
        max_length=_MOST,
        widget=forms.Textarea({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


@page("public", limits=("code_checks",))
def check(request: HttpRequest) -> HttpResponse:
    """Check a code that was sent. Nothing of the code is kept."""
    form = PaperForm(request.POST or None, reader=reader_of(request))
    context: dict[str, object] = {"form": form}
    status = HTTPStatus.OK
    if request.method == "POST":
        context |= _told(request, form.cleaned_data["code"]) if form.is_valid() else {}
        status = HTTPStatus.OK if form.is_valid() else HTTPStatus.UNPROCESSABLE_ENTITY
    return render_page(
        request, "checker/online.html", context, title="checker.online_title", back=reverse("check-paper-code"),
        status=status,
    )  # fmt: skip


def _told(request: HttpRequest, text: str) -> dict[str, object]:
    reader, now = reader_of(request), timezone.now()
    told = read_paper_code(text=text, at=now)
    return {
        "outcome": told.word,
        "tone": _TONES.get(told.word, "bad"),
        "purpose": f"showing.purpose_{told.purpose}",
        "claims": worded(told.values, reader.say),
        "until": told.last_day,
        "as_of": now,
    }
