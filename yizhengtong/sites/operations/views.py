"""/health, /ready, /metrics and the operators' page."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from yizhengtong import __version__
from yizhengtong.foundation.observability.metrics import registry_with
from yizhengtong.foundation.texts import language_of, say
from yizhengtong.foundation.texts.catalogue import LANGUAGES
from yizhengtong.sites.operations.access import bears_token, for_operators
from yizhengtong.sites.operations.board import groups
from yizhengtong.sites.operations.readiness import OK, readiness
from yizhengtong.sites.operations.snapshot import SnapshotCollector, snapshot

_LANGUAGE_NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
_WORDS = ("title", "languages", "skip", "state", "what", "value", "wrong_from", "next", "footer")


@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process lives: nothing is asked, not even the database."""
    return JsonResponse({"status": "ok", "version": __version__})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when this process can work, else 503. Who bears the token also reads why."""
    checks = readiness()
    is_ready = all(word == OK for word in checks.values())
    answer: dict[str, object] = {"status": "ready" if is_ready else "not_ready"}
    if bears_token(request):
        answer["checks"] = checks
    return JsonResponse(answer, status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)


@for_operators
@require_safe
def metrics(_request: HttpRequest) -> HttpResponse:
    """Every measure in Prometheus' text format."""
    return HttpResponse(generate_latest(registry_with(SnapshotCollector())), content_type=CONTENT_TYPE_LATEST)


@require_safe
def _operations(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("lang", "")
    language = asked if asked in LANGUAGES else language_of(request.headers.get("Accept-Language", ""))
    return render(
        request,
        "operations/board.html",
        {
            "words": {name: say(f"operations.page_{name}", language) for name in _WORDS},
            "language": language,
            "languages": [(code, _LANGUAGE_NAMES[code]) for code in LANGUAGES],
            "groups": groups(readiness(), snapshot(), language),
            "version": __version__,
        },
    )


operations = for_operators(_operations, by_browser=True)
