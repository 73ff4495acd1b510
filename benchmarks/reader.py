"""Reading the queue inside Django, for `queue`: `python -m benchmarks.reader WANTED SAMPLES`.

Prints the milliseconds of each kind of reading as JSON. `WANTED` is what benchmarks.fill wrote.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from yizhengtong.foundation.accounts.principals import Principal, principal_of_session  # noqa: E402 Django first
from yizhengtong.permitting.casework.queries import QueuePosition, queue  # noqa: E402

PAGE = 51
_WARM_UP = 5


def main(wanted: Mapping[str, Any], samples: int) -> dict[str, list[float]]:
    """Return milliseconds by kind, so many of each, the kinds in turn."""
    whole_city, point = principal_of_session(wanted["session"]), principal_of_session(wanted["clerk_session"])
    assert whole_city is not None
    assert point is not None
    kinds = _kinds(whole_city, point, wanted)
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    for turn in range(samples + _WARM_UP):
        for name, read in kinds.items():
            begun = time.perf_counter()
            read()
            if turn >= _WARM_UP:
                taken[name].append((time.perf_counter() - begun) * 1000)
    return taken


def _kinds(whole_city: Principal, point: Principal, wanted: Mapping[str, Any]) -> Mapping[str, Callable[[], object]]:
    names, numbers = wanted["names"], wanted["numbers"]
    first = queue(by=whole_city, limit=PAGE)
    after = QueuePosition(first[-1].urgent_on + timedelta(days=random.randrange(5)), first[-1].pk)
    return {
        "first_page": lambda: queue(by=whole_city, limit=PAGE),
        "first_page_of_a_point": lambda: queue(by=point, limit=PAGE),
        "next_page": lambda: queue(by=whole_city, after=after, limit=PAGE),
        "one_state": lambda: queue(by=whole_city, states=["accepted"], limit=PAGE),
        "search_full_name": lambda: queue(by=whole_city, search=random.choice(names), limit=PAGE),
        "search_two_characters": lambda: queue(by=whole_city, search=random.choice(names)[:2], limit=PAGE),
        "search_number": lambda: queue(by=whole_city, search=random.choice(numbers), limit=PAGE),
    }


if __name__ == "__main__":
    random.seed(1)
    print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2]))))
