"""Where the processes of one web server leave their measures for each other (docs/adr/0031).

Each run of the server has a folder named by its first process and that one's start. The first process of a new run
removes the folders of runs that are over: nobody has to clean up after a crash.
"""

import contextlib
import multiprocessing
import os
import shutil
import sys
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def share_measures(home: Path) -> Path:
    """Make this process measure into its run's folder. Before prometheus_client is imported, else RuntimeError."""
    if "prometheus_client" in sys.modules:
        raise RuntimeError("prometheus_client was imported before it was told where to measure")
    folder = home / "metrics" / run_name(_server())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ[VARIABLE] = str(folder)
    for other in folder.parent.iterdir():
        if other != folder and not _is_alive(other.name):
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _server() -> int:
    """Return the process that the workers part from: this one while it loads what they share, else the one above."""
    above = multiprocessing.parent_process()
    return os.getpid() if above is None else above.pid or os.getppid()


def run_name(pid: int) -> str:
    """Return what tells a process from every other one: its number and when it started, in the kernel's ticks."""
    return f"{pid}-{_started(pid)}"


def _is_alive(name: str) -> bool:
    pid = name.partition("-")[0]
    return pid.isdigit() and name == run_name(int(pid))


def _started(pid: int) -> str:
    with contextlib.suppress(OSError, IndexError):
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[19]
    return "0"
