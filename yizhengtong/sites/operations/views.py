"""/health, /ready, /metrics and the operators' page."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from yizhengtong import __version__
from yizhengtong.foundation.observability.metrics import registry_with
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.sites.operations.access import bears_token, for_operators
from yizhengtong.sites.operations.board import groups
from yizhengtong.sites.operations.readiness import OK, readiness
from yizhengtong.sites.operations.snapshot import SnapshotCollector, snapshot


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
    shown = {
        "groups": groups(readiness(), snapshot(), reader_of(request).language),
        "is_renewed": "renew" in request.GET,
    }
    return render_page(request, "operations/board.html", shown, title="operations.page_title")


operations = for_operators(_operations, by_browser=True)
