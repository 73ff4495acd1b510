"""The first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yizhengtong import __version__
from yizhengtong.foundation.texts import language_of, say
from yizhengtong.foundation.texts.catalogue import LANGUAGES

_LANGUAGE_NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
_DOORS = (
    ("resident", "/api/resident/openapi.json"),
    ("staff", "/api/staff/openapi.json"),
    ("partner", "/api/partner/openapi.json"),
)


def front_page(request: HttpRequest) -> HttpResponse:
    """Say what this is and where to go, in the language asked for."""
    asked = request.GET.get("lang", "")
    language = asked if asked in LANGUAGES else language_of(request.headers.get("Accept-Language", ""))
    words = {name: say(f"front.{name}", language) for name in _WORDS}
    return render(
        request,
        "resident/front.html",
        {
            "words": words,
            "language": language,
            "languages": [(code, _LANGUAGE_NAMES[code]) for code in LANGUAGES],
            "steps": [say(f"front.step_{number}", language) for number in range(1, 6)],
            "doors": [(say(f"front.door_{name}", language), address) for name, address in _DOORS],
            "version": __version__,
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
