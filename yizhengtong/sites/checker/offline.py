"""The page that checks a code on paper by itself, what it keeps for when there is no network, and what keeps it.

The page is the same for everybody: what the code says stands behind the # of its address and never comes here.
"""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.keys.queries import Use, published_jwks
from yizhengtong.credentials.showing.claims import HMT_TAIWAN
from yizhengtong.credentials.showing.code_fields import LABELS
from yizhengtong.credentials.showing.paper import PAPER
from yizhengtong.credentials.showing.purposes import purposes
from yizhengtong.credentials.status.models import StatusList
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.foundation.texts import PAGE_LANGUAGES
from yizhengtong.foundation.web.headers import allow_camera, allow_worker
from yizhengtong.permitting.permits.kinds import HMT, SETTLEMENT, ZHEJIANG

_WORKER = Path(__file__).with_name("worker.js")


@page("public")
def paper(request: HttpRequest) -> HttpResponse:
    """Give the page that checks."""
    words = [
        *(f"showing.claim_{name}" for name in LABELS),
        *(f"showing.purpose_{code}" for code in (*purposes(), PAPER)),
        *(f"showing.kind_{kind}" for kind in (HMT, HMT_TAIWAN, SETTLEMENT, *ZHEJIANG)),
        *("showing.yes", "showing.no"),
    ]
    context = {
        "words": words,
        "languages_kept": " ".join(PAGE_LANGUAGES),
        "address": settings.YZT_ADDRESS,
        "outcomes": _OUTCOMES,
    }
    response = render_page(request, "checker/paper.html", context, title="checker.paper_title", back=reverse("check"))
    return allow_camera(response)


_OUTCOMES = (
    ("good", "good"), ("paper", "good"), ("unknown_state", "warn"), ("over", "bad"), ("early", "bad"), ("ended", "bad"),
    ("suspended", "bad"), ("forged", "bad"), ("unknown_key", "bad"), ("unreadable", "bad"), ("elsewhere", "bad"),
    ("uncheckable", "warn"), ("no_crypto", "warn"), ("no_keys", "warn"),
)  # fmt: skip
"""What the page may say, and how it looks."""


@page("public")
def known(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 the same for everybody
    """Give what the page keeps: keys that sign codes and lists, without lost ones, and where the lists are."""
    lists = StatusList.objects.filter(expired_at=None, address=settings.YZT_ADDRESS).order_by("opened_at")
    content = {
        "as_of": timezone.now().isoformat(timespec="seconds"),
        "keys": published_jwks(Use.CODE),
        "status_keys": published_jwks(Use.STATUS),
        "lists": [each.uri.removeprefix(settings.YZT_ADDRESS) for each in lists],
    }
    return JsonResponse(content)


@page("public")
def worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 the same for everybody
    """Give the service worker, from here and not from the static files: it answers for what lies under /check/."""
    return allow_worker(HttpResponse(_WORKER.read_bytes(), content_type="text/javascript"))
