"""Waiting for what other processes do."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_SECONDS = 600.0
"""Long, for a busy machine, and because events wait for the oldest transaction of the server, another test's too: how
fast something is belongs in the benches."""

Found = TypeVar("Found")


def wait_for(look: Callable[[], Found], what: str) -> Found:
    """Look again until something is found, and return it. Raises AssertionError when it takes too long."""
    until, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not (found := look()):
        assert time.monotonic() < until, f"waited in vain: {what}"
        pause.wait(0.05)
    return found
