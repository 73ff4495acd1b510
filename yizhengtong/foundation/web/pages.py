"""What every page for a browser begins with: the language asked for, and what `web/page.html` shows above it."""

from collections.abc import Iterable

from django.http import HttpRequest

from yizhengtong import __version__
from yizhengtong.foundation.texts import LANGUAGES, language_of, say

_NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}


def asked_language(request: HttpRequest) -> str:
    """Return the language of `?lang=`, else of the browser."""
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else language_of(request.headers.get("Accept-Language", ""))


def page_context(language: str, *, prefix: str, words: Iterable[str]) -> dict[str, object]:
    """Return what `web/page.html` needs: languages, version, and the words of `prefix` and each name.

    `title`, `skip` and `languages` are among the names.
    """
    return {
        "words": {name: say(f"{prefix}{name}", language) for name in words},
        "language": language,
        "languages": [(code, _NAMES[code]) for code in LANGUAGES],
        "version": __version__,
    }
