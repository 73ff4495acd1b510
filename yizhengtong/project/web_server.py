"""`python -m yizhengtong.project.web_server OPTIONS`: granian, whose workers may be killed as often as it happens.

Granian takes a worker that ends twice within seconds for one that cannot start, and ends the whole server. One that was
killed (memory ran short, an operator, a fault run) says nothing of the kind: it is replaced at once, however often.
One that ends by itself twice, because the application cannot be loaded, still ends the server. And no worker outlives
the server: one that did would go on answering at the port, beside those of the server's successor.

The application is loaded before the workers part from the server: they share what was loaded (a third of their memory),
and a new worker answers at once. It must therefore open no connection, no file and no thread while it is loaded.
Pictures of many megabytes come and go in several threads: the C library is told to give their memory back.
"""

import ctypes
import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

import granian.cli
from granian.server.mp import MPServer

from yizhengtong.project.children import die_with_parent

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # <malloc.h>
_KEPT_BYTES = 256 * 1024
_ARENAS = 2


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
    """Let the C library keep little of what was freed: 100 MB less at rest with two workers. Only glibc knows this."""
    adjust = getattr(ctypes.CDLL(None), "mallopt", None)
    if adjust is not None:
        adjust(_M_ARENA_MAX, _ARENAS)
        adjust(_M_MMAP_THRESHOLD, _KEPT_BYTES)
        adjust(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def bind_workers() -> None:
    """Let every child that this process forks end when it ends; what the children fork is their own affair."""
    ask_the_kernel, is_worker = die_with_parent(signal.SIGKILL), False

    def begin() -> None:
        nonlocal is_worker
        if not is_worker:
            is_worker = True
            ask_the_kernel()

    os.register_at_fork(after_in_child=begin)


if __name__ == "__main__":
    bind_workers()
    give_memory_back()
    granian.cli.Server = EnduringServer  # type: ignore[attr-defined] # its command line takes no class
    granian.cli.entrypoint()  # type: ignore[no-untyped-call]
