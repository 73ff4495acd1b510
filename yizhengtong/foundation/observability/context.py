"""What the line of work at hand is called: one id from the request to its answer, its audit entry, its jobs."""

import re
from contextvars import ContextVar

REQUEST_ID_HEADER = "X-Request-ID"
REQUEST_ID = re.compile(r"[0-9A-Fa-f]{8}(-?)[0-9A-Fa-f]{4}\1[0-9A-Fa-f]{4}\1[0-9A-Fa-f]{4}\1[0-9A-Fa-f]{12}")
"""A UUID, or a trace's 32 hexadecimal digits: no document number and no name has that form. Any other is replaced."""

request_id: ContextVar[str] = ContextVar("request_id", default="")


def is_request_id(text: object) -> bool:
    """Whether `text` may be used as an id: nothing else comes into logs, rows and headers."""
    return isinstance(text, str) and REQUEST_ID.fullmatch(text) is not None


def outgoing_headers() -> dict[str, str]:
    """Return the header under which another service learns the id of the work it is asked for."""
    identity = request_id.get()
    return {REQUEST_ID_HEADER: identity} if identity else {}
