"""Settings and a middleware that profile: where the time of a request goes. For looking, never for a figure.

`python -m benchmarks.costs` runs some whole cases under it and prints what costs most.
"""

import cProfile
import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from yizhengtong.project.settings import *  # noqa: F403 the platform's settings, with one middleware before them
from yizhengtong.project.settings import MIDDLEWARE as _MIDDLEWARE

MIDDLEWARE = ["benchmarks.profiling.ProfilingMiddleware", *_MIDDLEWARE]


class ProfilingMiddleware:
    """Profiles every request of a server with one worker and one thread, and keeps the sums in BENCH_PROFILE."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.profile = cProfile.Profile()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.profile.enable()
        try:
            return self.get_response(request)
        finally:
            self.profile.disable()
            if request.path_info.endswith("/hand-over"):
                self.profile.dump_stats(os.environ["BENCH_PROFILE"])
