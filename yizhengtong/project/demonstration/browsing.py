"""A small browser for the journeys, without JavaScript: pages, forms, cookies. It goes nowhere but to this server."""

import http.client
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

_TIMEOUT_SECONDS = 90
_COOKIES = {"session": "sessionid", "csrf": "csrftoken"}


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser shows. `away`: the address elsewhere to which it was sent; empty: it is here."""

    status: int
    path: str
    text: str
    away: str = ""


@dataclass(slots=True)
class Browser:
    """`session`: of somebody who is signed in; empty: nobody."""

    port: int
    session: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.session:
            self.cookies[_COOKIES["session"]] = self.session

    def open(self, path: str) -> Page:
        """Open a page, and what it leads to."""
        return self._follow("GET", path, b"")

    def send(self, path: str, **fields: object) -> Page:
        """Send the form of a page that is open; a list is a field with several values."""
        return self._follow("POST", path, urlencode(fields, doseq=True).encode())

    def _follow(self, method: str, path: str, body: bytes) -> Page:
        status, text, leads_to = self._exchange(method, path, body)
        if not leads_to:
            return Page(status, path, text)
        if not leads_to.startswith("/"):
            return Page(status, path, text, leads_to)
        return self._follow("GET", leads_to, b"")

    def _exchange(self, method: str, path: str, body: bytes) -> tuple[int, str, str]:
        headers = {"Accept-Language": "zh-CN", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-CSRFToken"] = self.cookies.get(_COOKIES["csrf"], "")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for header in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: each.value for name, each in SimpleCookie(header).items()}
        return answer.status, text, answer.headers.get("Location", "")
