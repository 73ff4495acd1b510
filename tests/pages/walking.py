"""Walking a site by its links: one page of every address that somebody is led to."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Error

from tests.pages.browser import Visitor

_LINKS = "() => [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))"


_TRIES = 4
"""How many addresses of a route are tried where each leads to another page, as a child's case does."""


@dataclass(slots=True)
class Walk:
    """What was seen: `pages` address by route, `files` routes that lead to something else than a page.

    `looked_at`: the addresses of the pages that nobody had looked at before.
    """

    pages: dict[str, str] = field(default_factory=dict)
    looked_at: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def walk(visitor: Visitor, start: str, look: Callable[[str], list[str]], *, seen: set[str] | None = None) -> Walk:
    """Follow links from `start`, look at one page of each route, and return what was found.

    `seen`: routes that others have looked at already; they are passed through, not looked at again.
    """
    walked, waiting = Walk(), deque([start])
    known = seen if seen is not None else set()
    kind, tried = kind_of(start), Counter[str]()
    while waiting:
        path = waiting.popleft()
        route = route_of(path)
        if not route or route in walked.pages or route in walked.files or kind_of(path) not in {kind, None}:
            continue
        tried[route] += 1
        if tried[route] > _TRIES:
            continue
        if not _open(visitor, path, route, walked):
            continue
        route = route_of(visitor.path) or route
        walked.pages.setdefault(route, path)
        if route not in known:
            known.add(route)
            walked.looked_at.append(path)
            walked.wrong += [f"{path}: {each}" for each in look(path)]
        waiting.extend(own_path(href, visitor.path) for href in visitor.page.evaluate(_LINKS))
    return walked


def _open(visitor: Visitor, path: str, route: str, walked: Walk) -> bool:
    """Whether a page opens there; what is a file is asked for without showing it."""
    try:
        answer = visitor.page.goto(visitor.base + path, wait_until="load")
    except Error:  # the browser saves a file instead of showing it
        answer = None
    if answer is None or "text/html" not in answer.headers.get("content-type", ""):
        walked.files.add(route)
        status = visitor.context.request.get(visitor.base + path).status
        walked.wrong += [f"{path}: a file that answers {status}"] if status >= 400 else []
        return False
    if answer.status >= 400:
        walked.wrong.append(f"{path}: a link that answers {answer.status}")
        walked.pages[route] = path
        return False
    return True


def own_path(href: str, here: str) -> str:
    """Return the address of a link on this site without its fragment, else nothing."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or not parts.path:
        return ""
    path = parts.path if parts.path.startswith("/") else f"{here.rpartition('/')[0]}/{parts.path}"
    return f"{path}?{parts.query}" if parts.query else path


def kind_of(path: str) -> object:
    """Return whom a page is for by its policy, nothing for everybody. Another kind's pages are left to them."""
    try:
        policy = getattr(resolve(urlsplit(path).path).func, "policy", None)
    except Resolver404:
        return None
    return policy.who if policy is not None else None


def route_of(path: str) -> str:
    """Return the route of an address as Django writes it, nothing for addresses that are not a page's."""
    if not path.startswith("/") or path.startswith(("/static/", "/api/")):
        return ""
    try:
        return resolve(urlsplit(path).path).route or "/"
    except Resolver404:
        return f"unknown {path}"
