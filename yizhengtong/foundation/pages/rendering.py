"""A template with what every page shows around it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yizhengtong import __version__
from yizhengtong.foundation.pages.languages import NAMES
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.texts import PAGE_LANGUAGES


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    title: str = "",
    back: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return a page. `title`: code of its heading, or the words themselves. `back`: address of the page before.

    The template extends `pages/page.html` of its site, and speaks with the tags of `{% load pages %}`.
    """
    reader = reader_of(request)
    return render(
        request,
        template,
        {
            "reader": reader,
            "language": reader.language,
            "languages": [(code, NAMES[code], _with(request, lang=code)) for code in PAGE_LANGUAGES],
            "other_size": _with(request, size="normal" if reader.is_large else "large"),
            "title": reader.say(title),
            "back": back,
            "problem_home": "/desk/" if request.path_info.startswith("/desk/") else "/",
            "version": __version__,
            **(context or {}),
        },
        status=status,
    )


def _with(request: HttpRequest, **changed: str) -> str:
    """Return this page's query with something changed; a page that answers a sent form is asked for anew."""
    query = request.GET.copy()
    for name, value in changed.items():
        query[name] = value
    return f"?{query.urlencode()}"
