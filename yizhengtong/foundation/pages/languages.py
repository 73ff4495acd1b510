"""In which language a page speaks. Traditional Chinese stands twice: as in Hong Kong and Macao, and as in Taiwan."""

from django.http import HttpRequest

from yizhengtong.foundation.texts import PAGE_LANGUAGES, page_language_of

COOKIE = "yzt_language"
NAMES = {"zh-Hans": "简体中文", "zh-Hant-HK": "繁體中文（港澳）", "zh-Hant-TW": "繁體中文（台灣）", "en": "English"}


def asked_language(request: HttpRequest) -> str:
    """Return the language of `?lang=`, else the one chosen before, else of the browser: one of PAGE_LANGUAGES."""
    for asked in (request.GET.get("lang", ""), request.COOKIES.get(COOKIE, "")):
        if asked in PAGE_LANGUAGES:
            return asked
    return page_language_of(request.headers.get("Accept-Language", ""))
