"""The same check by the server, for browsers that cannot: no scripts, no WebCrypto, a code signed by SM2.

Nothing of ours is opened: the code brings what it says, and the lists are public.
"""

from http import HTTPStatus

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.formats.status_list import SUSPENDED, VALID
from yizhengtong.credentials.keys.queries import Use, checkers
from yizhengtong.credentials.showing.paper import PAPER, BadCode, Read
from yizhengtong.credentials.showing.paper import read as read_paper
from yizhengtong.credentials.showing.wording import worded
from yizhengtong.credentials.status.queries import value_of
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.kernel.errors import NotFound

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
    """Check a code that was sent, and keep nothing of it."""
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
    reader = reader_of(request)
    try:
        found = read_paper(text, checkers(Use.CODE))
    except BadCode as problem:
        return {"outcome": problem.reason, "tone": "bad"}
    outcome, content = _outcome(found), found.content
    return {
        "outcome": outcome,
        "tone": _TONES.get(outcome, "bad"),
        "purpose": f"showing.purpose_{content.purpose}",
        "claims": worded(content.values, reader.say),
        "until": content.last_day,
        "as_of": timezone.now(),
    }


def _outcome(found: Read) -> str:
    now = timezone.now()
    if found.content.issued_at > now.timestamp():
        return "early"
    if found.is_over(now):
        return "over"
    if found.content.status is None:
        return PAPER
    uri, index = found.content.status
    try:
        value = value_of(f"{settings.YZT_ADDRESS}{uri}", index)
    except NotFound:
        return "unknown_state"
    return "good" if value == VALID else "suspended" if value == SUSPENDED else "ended"
