"""Reading the queue inside Django, for `queue`: `python -m benchmarks.reader WANTED SAMPLES`.

Prints the milliseconds of each kind of reading as JSON. `WANTED` is what benchmarks.fill wrote. As in a request, who
reads is found out by a session first, which names the reader to the row policies; that is not in the milliseconds.
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
    kinds = _kinds(wanted)
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    for turn in range(samples + _WARM_UP):
        for name, (session, read) in kinds.items():
            by = _principal(session)
            begun = time.perf_counter()
            read(by)
            if turn >= _WARM_UP:
                taken[name].append((time.perf_counter() - begun) * 1000)
    return taken


def _principal(session: str) -> Principal:
    principal = principal_of_session(session)
    assert principal is not None
    return principal


def _kinds(wanted: Mapping[str, Any]) -> Mapping[str, tuple[str, Callable[[Principal], object]]]:
    names, numbers, city = wanted["names"], wanted["numbers"], wanted["session"]
    first = queue(by=_principal(city), limit=PAGE)
    after = QueuePosition(first[-1].urgent_on + timedelta(days=random.randrange(5)), first[-1].pk)
    return {
        "first_page": (city, lambda by: queue(by=by, limit=PAGE)),
        "first_page_of_a_point": (wanted["clerk_session"], lambda by: queue(by=by, limit=PAGE)),
        "next_page": (city, lambda by: queue(by=by, after=after, limit=PAGE)),
        "one_state": (city, lambda by: queue(by=by, states=["accepted"], limit=PAGE)),
        "search_full_name": (city, lambda by: queue(by=by, search=random.choice(names), limit=PAGE)),
        "search_two_characters": (city, lambda by: queue(by=by, search=random.choice(names)[:2], limit=PAGE)),
        "search_number": (city, lambda by: queue(by=by, search=random.choice(numbers), limit=PAGE)),
    }


if __name__ == "__main__":
    random.seed(1)
    print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2]))))
