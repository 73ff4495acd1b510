"""The first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.pages import asked_language, page_context

_DOORS = (
    ("resident", "/api/resident/openapi.json"),
    ("staff", "/api/staff/openapi.json"),
    ("partner", "/api/partner/openapi.json"),
)


def front_page(request: HttpRequest) -> HttpResponse:
    """Say what this is and where to go, in the language asked for."""
    language = asked_language(request)
    return render(
        request,
        "resident/front.html",
        {
            **page_context(language, prefix="front.", words=_WORDS),
            "steps": [say(f"front.step_{number}", language) for number in range(1, 6)],
            "doors": [(say(f"front.door_{name}", language), address) for name, address in _DOORS],
        },
    )


_WORDS = (
    "title",
    "lead",
    "steps_title",
    "doors_title",
    "law_title",
    "law",
    "fraud_title",
    "fraud",
    "languages",
    "skip",
)
