"""Status lists over HTTP (draft-ietf-oauth-token-status-list-21, sections 8 and 9): public data, for any origin.

Who may ask: anybody. Of whom: of nobody, a list holds no person. How often: as they like, what is served is made before
and kept in this process; only past lists are read anew, and limited by address. What if they lie: there is nothing to
say but the name of a list, a time and a media type.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache, wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response

from yizhengtong.credentials.formats.status_list import CWT_MEDIA_TYPE, JWT_MEDIA_TYPE, TIME_PARAMETER, aggregation
from yizhengtong.credentials.status.models import StatusList, Token
from yizhengtong.credentials.status.queries import list_named, newest_token, token_at, uris
from yizhengtong.foundation.web.callers import address_of
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.errors import TooMany

P = ParamSpec("P")
_KEPT: Mapping[str, str] = {JWT_MEDIA_TYPE: "jwt", CWT_MEDIA_TYPE: "cwt"}
_LONGEST_TIME = 11


class _Refused(Exception):
    """Raised with the status of the answer."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


def _public(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Serve GET and HEAD to pages of every origin, without credentials. Errors have no body."""

    @wraps(view)
    def served(request: HttpRequest, *args: P.args, **named: P.kwargs) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED, Allow="GET, HEAD")
        try:
            response = view(request, *args, **named)
        except _Refused as refusal:
            response = _plain(refusal.status)
        except TooMany as problem:
            response = _plain(
                HTTPStatus.TOO_MANY_REQUESTS, **{"Retry-After": str(problem.facts["retry_after_seconds"])}
            )
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return served


@_public
def status_list(request: HttpRequest, name: str) -> HttpResponse:
    """Serve the newest token of a list, or with `time` the one of a past instant (8.1, 8.2, 8.4)."""
    listed = list_named(name)
    if listed is None:
        raise _Refused(HTTPStatus.NOT_FOUND)
    media_type = request.get_preferred_type([JWT_MEDIA_TYPE, CWT_MEDIA_TYPE])
    if media_type is None:
        raise _Refused(HTTPStatus.NOT_ACCEPTABLE)
    if TIME_PARAMETER in request.GET:
        response = _past(request, listed, media_type)
    else:
        response = _newest(request, listed, media_type)
    response["Vary"] = "Accept"
    return response


@_public
def status_lists(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 as every view
    """Serve the aggregation (9.3): every list that a credential of ours may name."""
    response = JsonResponse(aggregation(uris()))
    response["Cache-Control"] = f"public, max-age={settings.YZT_STATUS_TTL}"
    return response


def _newest(request: HttpRequest, listed: StatusList, media_type: str) -> HttpResponse:
    token = newest_token(listed)
    if token is None:  # opened this very moment, or what a lost key signed was taken away: soon there is one
        raise _Refused(HTTPStatus.SERVICE_UNAVAILABLE)
    tag = f'"{token.pk.hex}-{_KEPT[media_type]}"'
    response: HttpResponse | None = get_conditional_response(request, etag=tag)
    if response is None:
        response = _told(_newest_content(token.pk, _KEPT[media_type]), media_type)
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={settings.YZT_STATUS_TTL}"
    return response


def _past(request: HttpRequest, listed: StatusList, media_type: str) -> HttpResponse:
    if not settings.YZT_STATUS_HISTORY_DAYS:
        raise _Refused(HTTPStatus.NOT_IMPLEMENTED)
    charge([Charge("past_status_lists", f"address:{address_of(request)}")])
    at = _instant(request.GET[TIME_PARAMETER])
    token = token_at(listed, at) if at <= timezone.now() else None
    if token is None:
        raise _Refused(HTTPStatus.NOT_FOUND)
    response = _told(_content(token.pk, _KEPT[media_type]), media_type)
    response["Cache-Control"] = f"public, max-age={settings.YZT_STATUS_TTL}"
    return response


def _instant(text: str) -> datetime:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_TIME):
        raise _Refused(HTTPStatus.BAD_REQUEST)
    return datetime.fromtimestamp(int(text), UTC)


@lru_cache(maxsize=16)
def _newest_content(token_id: UUID, kept: str) -> bytes:
    return _content(token_id, kept)


def _content(token_id: UUID, kept: str) -> bytes:
    content = Token.objects.filter(pk=token_id).values_list(kept, flat=True).first()
    if content is None:  # replaced between two questions
        raise _Refused(HTTPStatus.SERVICE_UNAVAILABLE)
    return bytes(content)


def _told(content: bytes, media_type: str) -> HttpResponse:
    if not content:  # COSE does not know the algorithm of this deployment
        raise _Refused(HTTPStatus.NOT_ACCEPTABLE)
    return HttpResponse(content, content_type=media_type)


def _plain(status: HTTPStatus, **headers: str) -> HttpResponse:
    response = HttpResponse(status=status, content_type="text/plain")
    for name, value in headers.items():
        response[name] = value
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = "1"
    return response
