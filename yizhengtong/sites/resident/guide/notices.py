"""The warning against fraud, what is kept of somebody and who sees it, and how the pages can be used by everybody."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.kernel.dates import legal_day
from yizhengtong.law.queries import law_of_personal_data
from yizhengtong.permitting.casework.guiding.queries import law_at
from yizhengtong.permitting.casework.guiding.sayings import told_all
from yizhengtong.sites.resident.guide.places import place_or_here
from yizhengtong.sites.resident.guide.showing import Why, lines_of

_OF_FRAUD = ("application.voluntary", "fee.third_party_allowed", "information.confidential")
_POINTS = ("voluntary", "no_agents", "only_card_cost", "materials_protected", "keep_safe")


@page("public")
def fraud(request: HttpRequest) -> HttpResponse:
    """国台办's three reminders (S0-T33 to S0-T39), with what the law in force says of them."""
    reader, on = reader_of(request), legal_day(timezone.now())
    law = law_at(place_or_here("").code, "settlement", on)
    notice = law["settle.notice"] if law is not None and "settle.notice" in law else None
    told = notice.value if notice is not None else ()
    context = {
        "points": [f"settlement.notice_{each}" for each in _POINTS if each in told],
        "why": [Why(notice.source, notice.certainty, notice.since, notice.until)] if notice is not None else [],
        "lines": lines_of(told_all(law, _OF_FRAUD), reader) if law is not None else (),
    }
    return render_page(request, "resident/guide/fraud.html", context, title="guiding.fraud_title", back=_front())


@page("public")
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept, what for, how long, who sees it."""
    law = law_of_personal_data(legal_day(timezone.now()))
    uses = law.values.get("consent.uses") if law is not None else None
    context = {
        "uses": [(f"privacy.use_{use.code}", f"privacy.basis_{use.basis}", use.article) for use in uses or ()],
    }
    return render_page(request, "resident/guide/privacy.html", context, title="guiding.privacy_title", back=_front())


@page("public")
def accessibility(request: HttpRequest) -> HttpResponse:
    """How the pages can be used, and what to do where they cannot."""
    return render_page(request, "resident/guide/accessibility.html", title="guiding.accessibility_title", back=_front())


def _front() -> str:
    return reverse("front-page")
