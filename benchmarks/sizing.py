"""The table of deploy/sizing.md, generated from what was measured: `python -m benchmarks.sizing`."""

import json
import math
from collections.abc import Mapping
from typing import Any

from benchmarks.figures import shown
from benchmarks.results import RESULTS, ROOT

PAGE = ROOT / "deploy" / "sizing.md"
_WORKING_DAYS, _HOURS, _SHARE_OF_THE_BUSIEST_HOUR = 250, 7, 2.0
_HEADROOM = 3  # evenings, mornings after holidays, one machine down
_FILE_BYTES = 600_000  # two papers, a photograph, fingerprints and a signed form of a case, re-encoded
_TOWNS = ((10_000, "a county"), (100_000, "a city"), (1_000_000, "a large city"), (5_000_000, "a province"))


def page() -> str:
    """Return the page for what results.json holds."""
    known: Mapping[str, Any] = json.loads(RESULTS.read_text())
    cases = _figure(known, "cases", "cases_per_second")
    cores = int(known["cases"]["machine"]["cores"])
    per_permit = _figure(known, "restore", "database_bytes") / _figure(known, "restore", "permits")
    minutes = _figure(known, "restore", "restore_minutes")
    lines = [
        _HEAD.format(
            cases=shown(cases),
            cores=cores,
            per_core=shown(cases / cores),
            bytes=shown(per_permit),
            minutes=shown(minutes),
        )
    ]
    for a_year, where in _TOWNS:
        lines.append(_row(a_year, where, cases / cores, per_permit, minutes))
    return "\n".join([*lines, _TAIL])


def _row(a_year: int, where: str, per_core: float, per_permit: float, minutes: float) -> str:
    busiest = a_year / (_WORKING_DAYS * _HOURS * 3600) * _SHARE_OF_THE_BUSIEST_HOUR
    cores = max(2, math.ceil(busiest * _HEADROOM / per_core))
    gigabytes = a_year * 5 * per_permit * 2 / 1e9  # five years, and as much again for history and trail
    files = a_year * 5 * _FILE_BYTES / 1e9
    restore = a_year * 5 / 1e6 * minutes
    cells = [where, f"{a_year:,}", shown(busiest), str(cores), shown(gigabytes), shown(files), f"{restore:,.1f}"]
    return f"| {' | '.join(cells)} |"


def _figure(known: Mapping[str, Any], bench: str, name: str) -> float:
    return float(next(each["value"] for each in known[bench]["figures"] if each["name"] == name))


_HEAD = """# How large

<!-- Generated from benchmarks/results.json by `python -m benchmarks.sizing`; do not edit. -->

Measured: {cases} whole cases a second on {cores} cores that also carried database, worker and load generator, that is
{per_core} a core ([benchmarks](../docs/benchmarks.md)); {bytes} bytes of database a permit with its person, application
and case; 1,000,000 permits restored in {minutes} minutes.

Assumed: 250 working days of 7 hours, twice the average in the busiest hour, three times that as headroom; 5 years
kept; history and trail as large as the rest; 600 kB of files a case. Estimates: measure your own before you buy.

| for | cases a year | busiest, cases a second | cores | database, GB | files, GB | restore of the database, minutes |
|---|---:|---:|---:|---:|---:|---:|"""
_TAIL = """
Memory: 4 GB for 2 cores, 2 GB a core above; a quarter of it as `shared_buffers`. Disks: SSD with power-loss protection
for the database, and as much again for backups: 14 of the database (a third of its size each) and the files once.
From 16 cores on think of several machines: [cluster.md](cluster.md).
"""

if __name__ == "__main__":
    PAGE.write_text(page())
