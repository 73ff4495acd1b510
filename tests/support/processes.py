"""Processes that tests run beside themselves, and end."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen, TimeoutExpired

_SECONDS = 20


@contextmanager
def ended_afterwards(process: "Popen[bytes]") -> Iterator["Popen[bytes]"]:
    """End a process after the block: asked first, then by force."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_SECONDS)
        except TimeoutExpired:
            process.kill()
            process.wait(_SECONDS)


def web_command(port: int) -> list[str]:
    """Return the web server's command line as demonstrations run it, with one process."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "2", "--no-ws", "--log-level", "warning"),
        "yizhengtong.project.wsgi:application",
    ]
