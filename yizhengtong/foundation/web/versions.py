"""Optimistic locking over HTTP: what was read has an ETag, what changes it must say which version it read."""

import re

from django.http import HttpRequest, HttpResponse

from yizhengtong.kernel.errors import Invalid, Stale

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')


def version_read(request: HttpRequest) -> int:
    """Return the version in the If-Match header. Raises Invalid when it is missing or malformed."""
    match = _ETAG.fullmatch(request.headers.get("If-Match", ""))
    if match is None:
        raise Invalid("web.if_match_needed")
    return int(match[1])


def ensure_fresh(version: int, read: int) -> None:
    """Raise Stale unless the version that was read is still the one there is."""
    if version != read:
        raise Stale("web.stale_version")


def set_version(response: HttpResponse, version: int) -> None:
    """Put the version into the answer's ETag."""
    response["ETag"] = f'"{version}"'
