"""One list of conversions for `recognition`, inside Django: `python -m benchmarks.converting FILE`, as `yzt convert`.

Prints a JSON document: how the lines ended, the seconds taken and the CPU seconds of this process, its start left out.
"""

import csv
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")

_HEADINGS = ("公民身份号码", "姓名", "现居住住址", "签名日期", "证明种类")
_ADDRESS, _PROOF = "浙江省庆元县松源街道演示路3号", "参加社会保险"


def write_list(path: Path, holders: Iterable[Mapping[str, str]], signed_on: str) -> Path:
    """Write the list of some holders."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        writer.writerows((each["number"], each["name"], _ADDRESS, signed_on, _PROOF) for each in holders)
    return path


def main(path: Path) -> None:
    """Convert a list."""
    django.setup()
    from django.utils import timezone

    from benchmarks.qingyuan import CLERK, STATION
    from yizhengtong.foundation.accounts.models import Account, Office
    from yizhengtong.foundation.accounts.principals import principal_for
    from yizhengtong.foundation.lists.telling import Unheard
    from yizhengtong.kernel.dates import legal_day
    from yizhengtong.permitting.casework.converting.running import Request, run

    by = principal_for(Account.objects.get(username=CLERK), has_second_factor=True)
    assert by is not None
    office = Office.objects.select_related("parent").get(code=STATION)
    request = Request(path, office, by, legal_day(timezone.now()), is_applied=True)
    begun, spent = time.perf_counter(), time.process_time()
    summary = run(request, Unheard())
    taken = {"seconds": time.perf_counter() - begun, "cpu_seconds": time.process_time() - spent}
    print(json.dumps({**taken, "outcomes": summary.outcomes, "codes": summary.codes}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
