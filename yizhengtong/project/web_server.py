"""`python -m yizhengtong.project.web_server OPTIONS`: granian, whose workers may be killed as often as it happens.

Granian takes a worker that ends twice within seconds for one that cannot start, and ends the whole server. One that was
killed (memory ran short, an operator, a fault run) says nothing of the kind: it is replaced at once, however often.
One that ends by itself twice, because the application cannot be loaded, still ends the server. And no worker outlives
the server: one that did would go on answering at the port, beside those of the server's successor.

The application is loaded before the workers part from the server: they share what was loaded (a third of their memory),
and a new worker answers at once. It must therefore open no connection, no file and no thread while it is loaded.
Pictures of many megabytes come and go in several threads: a worker at rest has the C library give their memory back.
"""

import ctypes
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import granian.cli
from granian.server.mp import MPServer

from yizhengtong.project.children import die_with_parent

_LIBC = ctypes.CDLL(None)
_M_ARENA_MAX, _ARENAS = -8, 2  # <malloc.h>
_LOOK_SECONDS = 2
_REST_SECONDS = 0.02
"""Of processor time between two looks: less is rest."""
_WORK_SECONDS = 0.2
"""Of processor time since memory was given back: after less there is nothing to give."""


class EnduringServer(MPServer):
    """Granian that loads the application once and does not count a worker ended by SIGKILL as failed."""

    def startup(self, spawn_target: Callable[..., None], target_loader: Callable[[], Any]) -> None:
        target_loader()  # the workers find its modules loaded
        super().startup(spawn_target, target_loader)  # type: ignore[no-untyped-call]

    def _respawn_workers(self, workers: Sequence[int], *arguments: Any, **options: Any) -> None:
        killed = [number for number in workers if self._was_killed(number)]
        super()._respawn_workers(workers, *arguments, **options)
        for number in killed:
            self.respawned_wrks.pop(number, None)

    def _was_killed(self, number: int) -> bool:
        return bool(self.wrks[number].inner.exitcode == -signal.SIGKILL)


def give_memory_back() -> None:
    """Whenever this process has worked and rests, let the C library give back what was freed. Only glibc knows this.

    A threshold would do it all the time instead: a tenth more processor time for a case with its pictures.
    """
    trim = getattr(_LIBC, "malloc_trim", None)
    given_at = seen_at = time.process_time()
    while trim is not None:
        time.sleep(_LOOK_SECONDS)
        worked, seen_at = time.process_time() - seen_at, time.process_time()
        if worked < _REST_SECONDS and seen_at - given_at > _WORK_SECONDS:
            trim(0)
            given_at = time.process_time()


def share_arenas() -> None:
    """Let threads take memory from two arenas and not each from its own: one of them runs at a time. Only glibc."""
    adjust = getattr(_LIBC, "mallopt", None)
    if adjust is not None:
        adjust(_M_ARENA_MAX, _ARENAS)


def bind_workers() -> None:
    """Let every worker that this process forks end when it ends, and give memory back when it rests.

    What the workers fork is their own affair.
    """
    ask_the_kernel, is_worker = die_with_parent(signal.SIGKILL), False

    def begin() -> None:
        nonlocal is_worker
        if not is_worker:
            is_worker = True
            ask_the_kernel()
            threading.Thread(target=give_memory_back, daemon=True).start()

    os.register_at_fork(after_in_child=begin)


if __name__ == "__main__":
    bind_workers()
    share_arenas()
    granian.cli.Server = EnduringServer  # type: ignore[attr-defined] # its command line takes no class
    granian.cli.entrypoint()  # type: ignore[no-untyped-call]
