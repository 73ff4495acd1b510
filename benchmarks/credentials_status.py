"""A status list of 5,000,000 places rebuilt and signed, as the worker does it: from its chunks to the kept tokens."""

import json
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.ground import durable_ground, prepare_city, run_python

TARGET_MS = 60


def measure() -> Iterator[Figure]:
    """Yield the figures of status lists: CPU of worker and database together, and what goes over the wire."""
    with durable_ground() as ground:
        prepare_city(ground)
        path = ground.home / "status.json"
        run_python(ground, "-m", "benchmarks.fill_status", str(path), str(ground.database.pid))
        found = json.loads(path.read_text())
    yield Figure("status_list_ms", found["ms"], "ms", found["limit_ms"], TARGET_MS, at_least=False)
    yield Figure("status_list_jwt_kb", found["jwt_bytes"] / 1000, "kB")
    yield Figure("status_list_cwt_kb", found["cwt_bytes"] / 1000, "kB")
