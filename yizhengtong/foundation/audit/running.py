"""The sealer as a process: connects, waits its turn, seals twice a second, survives what passes. No Django."""

import logging
from collections.abc import Callable
from threading import Event

import psycopg
from psycopg import Connection

from yizhengtong.foundation.audit.reading import Row
from yizhengtong.foundation.audit.sealing import Plan, Sealer
from yizhengtong.foundation.audit.signing import Stopped

log = logging.getLogger(__name__)

POLL_SECONDS = 0.4
_RETRY_SECONDS = 1.0
_STOPPED_SECONDS = 5.0


def run(conninfo: Callable[[], str], plan: Plan, stop: Event) -> None:
    """Seal until `stop` is set. What goes wrong is logged by its code and tried again; it never ends the process.

    A database and checkpoints that do not fit together stop the sealing, not the process: the lag shows in `yzt audit
    status` and the metrics, and `yzt audit resume` gets the lock meanwhile.
    """
    while not stop.is_set():
        try:
            with psycopg.connect(conninfo(), autocommit=True, application_name="yzt-sealer") as connection:
                _seal(connection, plan, stop)
        except Stopped as stopped:
            log.error("audit.sealing_stopped code=%s", stopped.code)
            stop.wait(_STOPPED_SECONDS)
        except psycopg.errors.InsufficientPrivilege as error:  # its last word is a table or a function, never a value
            log.error("audit.sealer_may_not use=%s", (error.diag.message_primary or "").rpartition(" ")[2])
            stop.wait(_STOPPED_SECONDS)
        except psycopg.Error as error:
            log.warning("audit.sealer_lost_database error=%s", type(error).__name__)
            stop.wait(_RETRY_SECONDS)
        except OSError as error:
            log.error("audit.checkpoint_not_written errno=%s", error.errno)
            stop.wait(_STOPPED_SECONDS)


def _seal(connection: "Connection[Row]", plan: Plan, stop: Event) -> None:
    sealer = Sealer(connection, plan)
    while not sealer.take_lock():
        if stop.wait(POLL_SECONDS):
            return
    sealer.prepare()
    log.info("audit.sealing")
    while not stop.is_set():
        sealer.turn()
        stop.wait(POLL_SECONDS)
    sealer.finish()
