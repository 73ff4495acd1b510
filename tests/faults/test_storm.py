"""A few kills of everything, for real; and the proof that the run would see a loss. `make faults` does hundreds."""

import re
import subprocess
import sys
from pathlib import Path

from faults.mutating import MUTATIONS

ROOT = Path(__file__).resolve().parents[2]
LAST = re.compile(r"lost=(\d+) doubled=(\d+) half=(\d+) acknowledged=(\d+) found=(\d+) kills=(\d+) in_flight=(\d+)$")
SPOILT = re.compile(
    r"^spoilt so that something is ([\w-]+): lost=\d+ doubled=\d+ half=\d+ (seen|not seen)$", re.MULTILINE
)
SENT = re.compile(r"^events pushed (\d+), messages sent (\d+),", re.MULTILINE)
_SECONDS = 1500  # far above what it takes: the run bounds itself, also on a slow machine


def run_faults(*arguments: str) -> tuple[int, dict[str, int], str]:
    result = subprocess.run(
        [sys.executable, "-m", "faults", "--phases", "storm", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS, check=False,
    )  # fmt: skip
    found = LAST.search(result.stdout.strip())
    assert found, f"{result.stdout[-3000:]}{result.stderr[-3000:]}"
    names = ("lost", "doubled", "half", "acknowledged", "found", "kills", "in_flight")
    return result.returncode, dict(zip(names, map(int, found.groups()), strict=True)), result.stdout


def test_a_handful_of_kills_loses_and_doubles_nothing_and_a_loss_would_be_seen() -> None:
    code, counted, said = run_faults("--kills", "5", "--seconds", "8")
    assert code == 0, said
    assert counted["kills"] == 5, said
    assert (counted["lost"], counted["doubled"], counted["half"]) == (0, 0, 0)
    assert counted["found"] == counted["acknowledged"] > 0
    sent = SENT.search(said)
    assert sent, said
    assert all(int(number) > 0 for number in sent.groups()), said
    assert SPOILT.findall(said) == [(word, "seen") for word in sorted(MUTATIONS)], said
