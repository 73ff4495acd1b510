"""`python -m tests.acceptance`: run every marked test and say where each row of the law stands.

Exits 1 when a marked test fails, a row is unaccounted for or a test names an unknown row; docs/acceptance.md is written
only when nothing is wrong. `--check` runs nothing and says whether that page is current. `--mutate` changes each value
of the packs in turn and exits 1 when no marked test notices one of them. Needs DATABASE_URL, except for the last two.
"""

import argparse
import contextlib
import io
import sys
from collections.abc import Mapping, Sequence

import pytest

from tests.acceptance import mutating, report
from tests.acceptance.ledger import FOLDER, Ledger, make_ledger, read_rows, read_status
from tests.acceptance.plugin import Reader, Recorder

ROOT = FOLDER.parents[1]
PAGE = ROOT / "docs" / "acceptance.md"
_MARKED = ("-m", "row", "-q", "--no-header", "-p", "no:cacheprovider", "--rootdir", str(ROOT), str(ROOT))


def main(arguments: Sequence[str]) -> int:
    """Do what is asked. Returns the exit code."""
    options = _parse(arguments)
    if options.mutate:
        return mutating.run(_MARKED, read_status(), limit=options.limit)
    if options.check:
        return check()
    return run(workers=options.workers)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance", description=__doc__)
    parser.add_argument("--check", action="store_true", help="say whether docs/acceptance.md is current")
    parser.add_argument("--mutate", action="store_true", help="change each value of the packs and expect a failure")
    parser.add_argument("--limit", default="", help="with --mutate: only keys and paths that hold this")
    parser.add_argument("--workers", default="2", help="how many tests run at a time")
    return parser.parse_args(arguments)


def run(*, workers: str) -> int:
    """Run the marked tests, print the ledger, write the page when it is sound."""
    recorder = Recorder()
    arguments = [*_MARKED, "-p", "tests.acceptance.plugin", "-n", workers]
    code = pytest.main(arguments, plugins=[recorder])
    ledger = _ledger(recorder.outcomes)
    faults = list(ledger.faults)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        faults.insert(0, f"the marked tests could not be run to their end: pytest ended with {int(code)}")
    elif code == pytest.ExitCode.TESTS_FAILED and not faults:
        faults.append("a marked test that names no row failed")
    print("\n".join(report.lines(ledger)))
    for remark in ledger.remarks:
        print(f"note: {remark}")
    if faults:
        print("\n".join(f"wrong: {fault}" for fault in faults), file=sys.stderr)
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(report.page(ledger), "utf-8")
    return 0


def check() -> int:
    """Say whether the page is as a good run would write it now: 1 where not."""
    reader = Reader()
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        code = pytest.main([*_MARKED, "--collect-only", "-p", "no:xdist"], plugins=[reader])
    ledger = _ledger(reader.outcomes)
    faults = list(ledger.faults)
    if code != pytest.ExitCode.OK:
        faults.insert(0, f"the marked tests could not be collected:\n{told.getvalue()}")
    if not PAGE.exists() or PAGE.read_text("utf-8") != report.page(ledger):
        faults.append("docs/acceptance.md is stale: run make acceptance")
    print("\n".join(faults) if faults else "docs/acceptance.md is current")
    return int(bool(faults))


def _ledger(outcomes: Mapping[str, str]) -> Ledger:
    return make_ledger(read_rows(), read_status(), outcomes)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
