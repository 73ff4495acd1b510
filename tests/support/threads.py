"""Doing things at once: real connections, a barrier, every outcome kept."""

from collections.abc import Callable, Sequence
from threading import Barrier, BrokenBarrierError, Thread

from django.db import connection

from yizhengtong.kernel.errors import Problem

_SECONDS = 90


def at_once(rounds: Sequence[Sequence[Callable[[], object]]]) -> list[list[str]]:
    """Do the acts of each round at the same moment, each in its own thread. Returns per round the codes of problems.

    An act that succeeded gives an empty code. One connection a thread serves all rounds. Anything but a Problem is
    raised here.
    """
    width = len(rounds[0])
    barrier = Barrier(width)
    outcomes = [[""] * width for _ in rounds]
    failures: list[BaseException] = []

    def run(at: int) -> None:
        try:
            for number, acts in enumerate(rounds):
                barrier.wait(_SECONDS)
                outcomes[number][at] = _code_of(acts[at])
        except BrokenBarrierError:
            pass
        except BaseException as failure:  # noqa: BLE001 raised again by the caller's thread
            failures.append(failure)
            barrier.abort()
        finally:
            connection.close()

    threads = [Thread(target=run, args=(at,)) for at in range(width)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return outcomes


def _code_of(act: Callable[[], object]) -> str:
    try:
        act()
    except Problem as problem:
        return problem.code
    return ""
