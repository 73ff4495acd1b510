"""Acts done by several threads at once, each over a connection of its own."""

import itertools
import threading
import time
from collections.abc import Callable, Sequence

Act = Callable[[], float]
"""Something done once; it returns how many milliseconds that took."""


def rate(acts: Sequence[Act], count: int, milliseconds: list[float]) -> float:
    """Do something so often in all, each of `acts` in a thread of its own, and return how often a second.

    `milliseconds` grows by how long each took. Raises what went wrong first.
    """
    turns, problems = itertools.count(), list[Exception]()

    def work(act: Act) -> None:
        try:
            while next(turns) < count:
                milliseconds.append(act())
        except Exception as problem:  # noqa: BLE001 the thread must not die unseen
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return count / (time.perf_counter() - begun)
