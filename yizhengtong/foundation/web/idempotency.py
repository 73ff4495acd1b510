"""One effect for one Idempotency-Key, however often the request arrives.

Every POST to /api/ needs the header. The key's row is written first in the request's transaction: the same request
arriving at the same time waits there for the first to end, and gets its answer. A request that failed left nothing
behind, so its key is free to be tried again.
"""

import hashlib
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from yizhengtong.foundation.transactions import whole_request
from yizhengtong.foundation.vault.indexes import keyed_digest
from yizhengtong.foundation.web.callers import caller_of
from yizhengtong.foundation.web.models import IdempotentAnswer
from yizhengtong.foundation.web.problems import problem_response
from yizhengtong.kernel.errors import Conflict, Invalid
from yizhengtong.kernel.ids import new_id

_KEY = re.compile(r"[A-Za-z0-9_.:-]{8,64}")
_CLAIM = """
    INSERT INTO web_idempotentanswer (id, caller, key, fingerprint, content_type, at)
    VALUES (%s, %s, %s, %s, '', %s) ON CONFLICT (caller, key) DO NOTHING
"""
_KEEP = "UPDATE web_idempotentanswer SET status = %s, content_type = %s, body = %s, etag = %s WHERE id = %s"
TOLD_ONCE = "is_told_once"
"""An attribute of an answer that holds a secret: it is kept nowhere, and the same request has no second answer."""


class IdempotencyMiddleware:
    """Guards POST requests to the API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not request.path_info.startswith("/api/"):
            return self.get_response(request)
        key = request.headers.get("Idempotency-Key", "")
        if not _KEY.fullmatch(key):
            return problem_response(request, Invalid("web.idempotency_key_needed"))
        if not caller_of(request):
            return self.get_response(request)  # nobody known: it will be refused, unread and without a row
        try:
            fingerprint = _fingerprint(request)
        except RequestDataTooBig:
            return problem_response(request, Invalid("web.body_too_large"), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except (BadRequest, MultiPartParserError, SuspiciousOperation, UnreadablePostError):
            return problem_response(request, Invalid("web.body_unreadable"), HTTPStatus.BAD_REQUEST)
        with whole_request():
            row = self._claim(request, key, fingerprint)
            if row is None:
                return self._answer_again(request, key, fingerprint)
            response = self.get_response(request)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                transaction.set_rollback(True)
            else:
                self._keep(request, row, response)
        return response

    def _claim(self, request: HttpRequest, key: str, fingerprint: bytes) -> IdempotentAnswer | None:
        """Write the key's row; None if it is there already, after waiting for whoever is writing it."""
        row = IdempotentAnswer(id=new_id(), caller=caller_of(request), key=key, fingerprint=fingerprint)
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [row.pk, row.caller, row.key, fingerprint, row.at])
            return row if cursor.rowcount else None

    def _answer_again(self, request: HttpRequest, key: str, fingerprint: bytes) -> HttpResponse:
        row = IdempotentAnswer.objects.get(caller=caller_of(request), key=key)
        if bytes(row.fingerprint) != fingerprint:
            return problem_response(request, Conflict("web.idempotency_key_used"))
        response = HttpResponse(row.body, status=row.status, content_type=row.content_type)
        if row.etag:  # whose answer was cut off needs the version for the next step
            response["ETag"] = row.etag
        response["Idempotent-Replay"] = "true"
        return response

    def _keep(self, request: HttpRequest, row: IdempotentAnswer, response: HttpResponse) -> None:
        if getattr(response, TOLD_ONCE, False):
            response = problem_response(request, Conflict("web.told_once"))
        row.status = response.status_code
        row.content_type = response["Content-Type"]
        row.body = response.content.decode()
        row.etag = response.get("ETag", "")
        with connection.cursor() as cursor:  # written out, as the claim is: every request that changes anything says it
            cursor.execute(_KEEP, [row.status, row.content_type, _sealed(row), row.etag, row.pk])


def _sealed(row: IdempotentAnswer) -> Any:
    """Return the body as it lies in the database."""
    body = IdempotentAnswer._meta.get_field("body")
    return body.get_db_prep_save(body.pre_save(row, add=False), connection)


def _fingerprint(request: HttpRequest) -> bytes:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == "multipart/form-data":
        # The boundary differs between two sendings of the same form, so fields and files are hashed apart.
        for name, values in sorted(request.POST.lists()):
            digest.update(f"{name}={values}\n".encode())
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                digest.update(f"{name}:{file.size}\n".encode())
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    else:
        digest.update(request.body)
    return keyed_digest("web.request", digest.digest())  # a short body could be guessed from a plain hash
