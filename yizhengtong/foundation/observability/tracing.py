"""Spans for OpenTelemetry, where its packages are installed and the setting says so; nothing otherwise.

A span carries what a log line may: route template, method, status. Exporters are set by OpenTelemetry's own
environment variables (`OTEL_EXPORTER_OTLP_ENDPOINT` and others).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import Any

from django.conf import settings

Close = Callable[[str, int], None]


@contextmanager
def span(method: str) -> Iterator[Close]:
    """Surround one request; what is yielded is called with its route and status once they are known."""
    tracer = _tracer() if settings.YZT_TRACING else None
    if tracer is None:
        yield _nothing
        return
    # No exception is recorded: its message may quote what somebody sent.
    with tracer.start_as_current_span(method, record_exception=False, set_status_on_exception=False) as current:

        def close(route: str, status: int) -> None:
            current.update_name(f"{method} {route}")
            for name, value in (("method", method), ("route", route), ("response.status_code", status)):
                current.set_attribute("http.route" if name == "route" else f"http.{name}", value)

        yield close


@cache
def _tracer() -> Any:
    """Return OpenTelemetry's tracer, its exporter set up once a process; None where the packages are missing."""
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        return None
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return trace.get_tracer("yizhengtong")


def _nothing(_route: str, _status: int) -> None:
    pass
