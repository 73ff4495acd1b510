"""Errors as RFC 9457 problem+json: a stable code, words in the caller's language, what to do next, the fields."""

import logging
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import request_id
from yizhengtong.foundation.observability.scrubbing import MessageWithheld
from yizhengtong.foundation.texts import language_of, say
from yizhengtong.kernel.errors import FieldError, Forbidden, Invalid, NotFound, Problem

log = logging.getLogger(__name__)

STATUSES = {"invalid": 422, "forbidden": 403, "not_found": 404, "conflict": 409, "stale": 412, "too_many": 429}


class ProblemField(BaseModel):
    """One field that is wrong."""

    field: str = Field(description="Path of the field, such as `answers.birth_date`.")
    code: str
    detail: str


class ProblemDocument(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="`urn:yizhengtong:problem:` and the code.")
    title: str
    status: int
    code: str = Field(description="Stable; the words may change.")
    detail: str
    request_id: str
    errors: list[ProblemField] = Field(default_factory=list)


class ProblemResponse(JsonResponse):
    """The answer for a problem, which it still knows: at a page's address it is told in a page."""

    def __init__(self, problem: Problem, document: ProblemDocument) -> None:
        super().__init__(
            document.model_dump(),
            status=document.status,
            content_type="application/problem+json",
            json_dumps_params={"ensure_ascii": False},
        )
        self.problem = problem


def document_of(problem: Problem, language: str, status: int | None = None) -> ProblemDocument:
    """Return what is told of a problem, in one of LANGUAGES."""
    return ProblemDocument(
        type=f"urn:yizhengtong:problem:{problem.code}",
        title=say(f"web.kind.{problem.kind}", language),
        status=status or STATUSES[problem.kind],
        code=problem.code,
        detail=say(problem.code, language, problem.facts),
        request_id=request_id.get(),
        errors=[
            ProblemField(field=error.field, code=error.code, detail=say(error.code, language, error.facts))
            for error in problem.errors
        ],
    )


def problem_response(request: HttpRequest, problem: Problem, status: int | None = None) -> JsonResponse:
    """Return the answer for a problem."""
    document = document_of(problem, language_of(request.headers.get("Accept-Language", "")), status)
    response = ProblemResponse(problem, document)
    if "retry_after_seconds" in problem.facts:
        response["Retry-After"] = str(problem.facts["retry_after_seconds"])
    return response


@csrf_exempt
def not_offered(request: HttpRequest) -> JsonResponse:
    """Answer at an address that a library brings and we do not offer."""
    return problem_response(request, NotFound("not_found"))


def install_problems(api: NinjaAPI) -> None:
    """Make an API answer every error as a problem."""

    @api.exception_handler(Problem)
    def on_problem(request: HttpRequest, problem: Problem) -> JsonResponse:
        return problem_response(request, problem)

    @api.exception_handler(AuthenticationError)
    def on_unauthenticated(request: HttpRequest, _error: Any) -> JsonResponse:
        response = problem_response(request, Forbidden("web.sign_in_first"), status=401)
        response["WWW-Authenticate"] = "Session"
        return response

    @api.exception_handler(ValidationError)
    def on_invalid(request: HttpRequest, error: ValidationError) -> JsonResponse:
        return problem_response(request, Invalid("web.fields_wrong", errors=[_field(item) for item in error.errors]))

    @api.exception_handler(HttpError)
    def on_http_error(request: HttpRequest, error: HttpError) -> JsonResponse:
        return problem_response(request, Invalid("web.body_unreadable"), status=error.status_code)

    @api.exception_handler(Exception)
    def on_defect(request: HttpRequest, error: Exception) -> JsonResponse:
        # The traceback goes to the log by type and place only: messages may quote what people sent.
        log.error("web.defect", extra={"request_id": request_id.get()}, exc_info=_without_message(error))
        return problem_response(request, Invalid("web.defect"), status=500)


def _without_message(error: BaseException) -> tuple[type[BaseException], BaseException, Any]:
    return type(error), MessageWithheld(error), error.__traceback__


def _field(item: Any) -> FieldError:
    path = ".".join(str(part) for part in item["loc"] if part not in {"body", "payload", "query", "path", "form"})
    kind = item["type"]
    code = {"missing": "web.field_missing", "extra_forbidden": "web.field_unknown"}.get(kind, "web.field_wrong")
    facts = {key: value for key, value in (item.get("ctx") or {}).items() if isinstance(value, (int, str))}
    return FieldError(path, code, {"kind": kind, **facts})
