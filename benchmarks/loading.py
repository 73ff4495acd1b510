"""wrk, from Debian: load of which the generator takes little. Only for the platform's own server on 127.0.0.1."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Load:
    """What a round gave: requests a second, and the 95th percentile of how long they took in milliseconds."""

    per_second: float
    p95_ms: float


def load(port: int, script: str, path: str, arguments: Sequence[str], *, connections: int, seconds: int) -> Load:
    """Send requests as a script of this folder says, for so many seconds over so many connections.

    Raises RuntimeError where wrk is missing, fails, or was answered by an error once.
    """
    program = shutil.which("wrk")
    if program is None:
        raise RuntimeError("wrk is needed: `python3 scripts/setup.py load` installs it")
    command = [program, "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(_HERE / script),
               f"http://127.0.0.1:{port}{path}", "--", *arguments]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    lines = [line for line in result.stdout.splitlines() if line.startswith("figures ")]
    if result.returncode or not lines:
        raise RuntimeError(f"wrk: {result.stdout[-1000:]}{result.stderr[-1000:]}")
    requests, duration, wrong, p95 = map(float, lines[0].split()[1:])
    if wrong:
        raise RuntimeError(f"{wrong:.0f} of {requests:.0f} answers were errors")
    return Load(requests / (duration / _MICROSECONDS), p95)
