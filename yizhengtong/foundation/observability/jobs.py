"""Waking a task, the id of a request in the jobs it queued, and one log line a job.

The id travels as one more argument that no task sees: the worker takes it out before the task starts.
"""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock
from typing import Any

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from yizhengtong.foundation.observability.context import is_request_id, request_id

log = logging.getLogger(__name__)

URGENT = 10
"""The priority of short jobs on which others wait; all else has none. It goes before, and does not interrupt."""
_ARGUMENT = "_request_id"


def carried() -> dict[str, str]:
    """Return what a job is queued with besides its own arguments: `task.defer(**arguments, **carried())`."""
    identity = request_id.get()
    return {_ARGUMENT: identity} if is_request_id(identity) else {}


def wake(task: str, *, within: float = 0) -> None:
    """Queue a job of a task once the caller's transaction is committed; one that is queued already serves it too.

    After the commit and not in it: of two transactions that queue the same job the second would wait for the end of
    the first, and a worker, which queues over a connection of its own, could look before there is anything to see.
    What a death between the two leaves behind, the task's sweep finds.

    `within`: seconds that what happened may wait, so that one job serves what happens until it is due, and a process
    that knows of it asks nothing more meanwhile. It keeps nothing waiting that is woken at once.
    """
    arguments = carried()
    transaction.on_commit(lambda: _queue(task, arguments, within), robust=True)


class OneAtATime:
    """Work of which one round at a time goes on in this process, however many jobs ask for it.

    A round waits for others outside, who may be slow: were every job that is queued meanwhile to begin one of its own,
    all places of the worker would soon stand waiting. Who comes while one goes on makes it go round once more.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work, self._busy, self._again = work, Lock(), Event()

    def __call__(self) -> None:
        self._again.set()
        while self._again.is_set() and self._busy.acquire(blocking=False):
            try:
                self._again.clear()
                self._work()
            finally:
                self._busy.release()


def _queue(task: str, arguments: dict[str, str], within: float) -> None:
    lock = f"{task} later" if within else task
    if time.monotonic() < _queued_until.get(lock, 0):
        return
    with connection.cursor() as cursor:
        cursor.execute(_QUEUED, [lock])
        queued = cursor.fetchone()
    if queued is not None:
        _queued_until[lock] = time.monotonic() + queued[0] * _SURE
        return
    try:
        with transaction.atomic():
            due = {"seconds": within} if within else None
            app.configure_task(task, queueing_lock=lock, schedule_in=due).defer(**arguments)
    except AlreadyEnqueued:  # by another in between
        return
    if within:
        _queued_until[lock] = time.monotonic() + within * _SURE


_SURE = 0.8
"""Of the time until a job is due, the share in which it has not begun, whatever the clocks of two machines say."""
_queued_until: dict[str, float] = {}
"""Jobs that this process queued for later, or found queued, and until when it is sure that they still wait."""


_QUEUED = """
    SELECT greatest(coalesce(extract(epoch FROM scheduled_at - now()), 0), 0)::float8
    FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'
"""
"""In how many seconds a job is due, if there is one."""


async def with_request_id(call_next: Any, context: Any, _worker: Any) -> Any:
    """Run a job under the id of the request that queued it, and log how it ended (a middleware of the worker)."""
    identity = context.job.task_kwargs.pop(_ARGUMENT, "")
    # Not reset: the worker's own lines about this job come after us, in the same task of its loop, which then ends.
    request_id.set(identity if is_request_id(identity) else "")
    begun = time.perf_counter()
    try:
        result = await call_next()
    except Exception:
        log.error("observability.job_failed", exc_info=True, extra=_told(context, begun))
        raise
    log.info("observability.job_done", extra=_told(context, begun))
    return result


def _told(context: Any, begun: float) -> dict[str, object]:
    milliseconds = round((time.perf_counter() - begun) * 1000, 1)
    return {"task": context.job.task_name, "attempts": context.job.attempts, "milliseconds": milliseconds}
