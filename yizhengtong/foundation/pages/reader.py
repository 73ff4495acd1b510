"""Who reads a page, and how: the language, the size, the account behind the session."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from django.http import HttpRequest

from yizhengtong.foundation.accounts.principals import Principal, principal_of_session, set_principal
from yizhengtong.foundation.pages.languages import asked_language
from yizhengtong.foundation.texts import day_in_words, say

SIZE_COOKIE = "yzt_size"
LARGE = "large"
_CACHED = "_yzt_reader"


@dataclass(frozen=True, slots=True)
class Reader:
    """A language of PAGE_LANGUAGES; large type or not; who is signed in, by the session's cookie."""

    language: str
    is_large: bool
    principal: Principal | None
    region: str = ""
    kept: Mapping[str, Any] | None = None
    """What was typed here and sent after the session's end (`keeping.kept_form`): forms show it again."""

    def say(self, code: str, **facts: object) -> str:
        """Return the words of a code for this reader, with days as a page shows them."""
        shown = {name: day_in_words(fact, self.language) if isinstance(fact, date) else fact
                 for name, fact in facts.items()}  # fmt: skip
        return say(code, self.language, shown, region=self.region)


def reader_of(request: HttpRequest) -> Reader:
    """Return who reads; asked once a request."""
    if not hasattr(request, _CACHED):
        setattr(request, _CACHED, _reader(request))
    return cast(Reader, getattr(request, _CACHED))


def show_kept(request: HttpRequest, kept: Mapping[str, Any] | None) -> None:
    """Have the forms of this page show what was typed before."""
    if kept is not None:
        setattr(request, _CACHED, replace(reader_of(request), kept=kept))


def as_stranger(request: HttpRequest) -> Reader:
    """Return who reads as nobody signed in, from now on: a page about a failure asks no database."""
    reader = Reader(asked_language(request), _is_large(request), None)
    setattr(request, _CACHED, reader)
    return reader


def _is_large(request: HttpRequest) -> bool:
    return (request.GET.get("size") or request.COOKIES.get(SIZE_COOKIE)) == LARGE


def _reader(request: HttpRequest) -> Reader:
    token = request.session.session_key if hasattr(request, "session") else None
    principal = principal_of_session(token) if token else None
    set_principal(request, principal)  # rate limits and the record of refusals ask for it there
    return Reader(asked_language(request), _is_large(request), principal)
