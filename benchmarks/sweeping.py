"""One daily sweep for `endorsement`, inside Django: `python -m benchmarks.sweeping DAY`, as `yzt permits sweep`.

Prints a JSON document: how many were suspended and reminded, the seconds taken and the CPU seconds of this process; its
start, and the reading of the law, are left out.
"""

import json
import os
import sys
import time
from datetime import date

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")


def main(on: date) -> None:
    """Sweep on a legal day."""
    django.setup()
    from benchmarks.fill_endorsed import RUIAN
    from yizhengtong.law.queries import law_in_force
    from yizhengtong.permitting.permits.sweeping import remind_due, suspend_overdue

    law_in_force(RUIAN, "floating", on)
    begun, spent = time.perf_counter(), time.process_time()
    suspended = suspend_overdue(on=on)
    reminded = remind_due(on=on)
    taken = {"seconds": time.perf_counter() - begun, "cpu_seconds": time.process_time() - spent}
    print(json.dumps({**taken, "suspended": suspended, "reminded": reminded.total()}))


if __name__ == "__main__":
    main(date.fromisoformat(sys.argv[1]))
