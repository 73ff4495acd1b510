"""Measures of requests, summed over all processes of the web server. Labels are few and closed: no id, no address."""

import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from yizhengtong.foundation.observability.folder import VARIABLE

_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_WORK = ["route", "method"]
_of_process = CollectorRegistry()

REQUESTS_NAME = "yzt_http_request_seconds"
REQUESTS = Histogram(
    REQUESTS_NAME,
    "Requests by route template, method and status, and how long they took.",
    [*_WORK, "status"],
    buckets=_SECONDS,
    registry=_of_process,
)
STATEMENTS = Counter("yzt_database_statements", "Database statements of requests.", _WORK, registry=_of_process)
STATEMENT_SECONDS = Counter(
    "yzt_database_seconds", "Seconds that requests waited for the database.", _WORK, registry=_of_process
)
SLOW_STATEMENTS = Counter(
    "yzt_slow_statements", "Statements of requests over the threshold.", _WORK, registry=_of_process
)


def note_request(
    *, route: str, method: str, status: int, seconds: float, statements: int, database_seconds: float, slow: int
) -> None:
    """Count one request. `route` is a template of ours, never an address."""
    method = method if method in _METHODS else "OTHER"
    REQUESTS.labels(route, method, str(status)).observe(seconds)
    STATEMENTS.labels(route, method).inc(statements)
    STATEMENT_SECONDS.labels(route, method).inc(database_seconds)
    if slow:
        SLOW_STATEMENTS.labels(route, method).inc(slow)


def registry_with(*collectors: Collector) -> CollectorRegistry:
    """Return what is to be shown: the requests of all processes, and what `collectors` look up now."""
    registry = CollectorRegistry()
    folder = os.environ.get(VARIABLE, "")
    if folder and Path(folder).is_dir():
        MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    else:
        registry.register(_of_process)
    for collector in collectors:
        registry.register(collector)
    return registry
