"""Settings and a middleware that count: how many queries each request sends, and what one case writes.

Only for the counting server of a bench; the timed server runs with the platform's own settings.
"""

import fcntl
import os
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from yizhengtong.project.settings import *  # noqa: F403 the platform's settings, with one middleware before them
from yizhengtong.project.settings import MIDDLEWARE as _MIDDLEWARE

MIDDLEWARE = ["benchmarks.counting.CountingMiddleware", *_MIDDLEWARE]
_WRITES = ("INSERT", "UPDATE", "DELETE")


class CountingMiddleware:
    """Answers with `X-Bench-Queries`; appends each request's writes to the file named by BENCH_WRITES."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        count, writes = 0, []

        def counted(execute: Any, sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
            nonlocal count
            count += 1
            result = execute(sql, parameters, many, context)
            if sql.lstrip().startswith(_WRITES):
                writes.append(connection.ops.last_executed_query(context["cursor"], sql, parameters))
            return result

        with connection.execute_wrapper(counted):
            response = self.get_response(request)
        response["X-Bench-Queries"] = str(count)
        _append(writes)
        return response


def _append(writes: list[str]) -> None:
    path = os.environ.get("BENCH_WRITES")
    if not path or not writes:
        return
    with open(path, "a") as file:  # one file of two worker processes
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("".join(f"{' '.join(sql.splitlines())}\n" for sql in writes) + "\n")
