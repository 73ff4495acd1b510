"""Delivery receipts of the SMS gateway (docs/contracts/sms-gateway.md)."""

import json
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yizhengtong.foundation.notifications.channels.gateway import SIGNATURE, TIMESTAMP, is_signed
from yizhengtong.foundation.notifications.tasks import note_callback
from yizhengtong.foundation.web.problems import problem_response
from yizhengtong.kernel.errors import Forbidden, Invalid

_KEY_LENGTH = 32


@csrf_exempt
@require_POST
def sms_receipt(request: HttpRequest) -> HttpResponse:
    """Take what became of a short message; the worker notes it. Whoever calls knows the key, or is refused."""
    given: dict[str, Any] = dict(settings.YZT_SMS)
    timestamp, signed = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
    if not is_signed(given["gateway_key"], timestamp, signed, "POST", request.path_info, request.body):
        return problem_response(request, Forbidden("notifications.callback_refused"))
    told = _told(request.body)
    if told is None:
        return problem_response(request, Invalid("web.body_unreadable"), HTTPStatus.BAD_REQUEST)
    note_callback.defer(provider_id=f"gateway:{told[0]}", state=told[1])
    return HttpResponse(status=HTTPStatus.ACCEPTED)


def _told(body: bytes) -> tuple[str, str] | None:
    """Return key and state of a well-formed receipt."""
    try:
        told = json.loads(body)
        key, state = told["key"], told["state"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    is_key = isinstance(key, str) and len(key) == _KEY_LENGTH and set(key) <= set("0123456789abcdef")
    return (key, state) if is_key and state in ("delivered", "failed") else None
