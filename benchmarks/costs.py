"""`python -m benchmarks.costs`: which of the platform's functions cost most in a whole case. For looking, no figure."""

import pstats
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.cases import Cases
from benchmarks.ground import ROOT, Ground, durable_ground, web_server

_CASES = 20
_SHOWN = 60


def main() -> None:
    """Run some cases one after another in one worker under the profiler, and print the sums."""
    with durable_ground() as ground:
        profile = ground.home / "profile"
        extra = {"YZT_WEB_WORKERS": "1", "BENCH_PROFILE": str(profile)}
        bench = Cases(Ground(ground.home, ground.database, {**ground.environment, **extra}))
        bench.prepare(_CASES)
        with web_server(bench.ground, settings="benchmarks.profiling") as (port, _):
            bench.load(port, count=_CASES, concurrency=1, seconds=120)
        print("\n".join(costs(pstats.Stats(str(profile)).stats)))  # type: ignore[attr-defined]


def costs(functions: Mapping[tuple[str, int, str], tuple[Any, ...]]) -> Iterator[str]:
    """Yield a line for each of our functions that cost most: milliseconds and calls a case, profiler included."""
    ours = [
        (spent[3], spent[1], place) for place, spent in functions.items() if place[0].startswith(f"{ROOT}/yizhengtong")
    ]
    for seconds, calls, (file, line, name) in sorted(ours, reverse=True)[:_SHOWN]:
        path = file.removeprefix(f"{ROOT}/")
        yield f"{seconds * 1000 / _CASES:7.1f} ms {calls / _CASES:6.1f} calls  {path}:{line} {name}"


if __name__ == "__main__":
    main()
