"""`python -m yizhengtong.project.sealer`: the sealer of the audit trail as a process of its own.

Small on purpose: neither Django nor the settings' library is loaded. It reads the same variables as configuration.py.
"""

import logging
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Event

from yizhengtong.foundation.audit.canonical import HASHES
from yizhengtong.foundation.audit.checkpoints import CheckpointFile, SigningKeys
from yizhengtong.foundation.audit.running import run
from yizhengtong.foundation.audit.sealing import Plan
from yizhengtong.foundation.observability.formatter import JsonLines
from yizhengtong.foundation.observability.uncaught import log_what_nobody_catches
from yizhengtong.project.database import NotRunning, attach, default_home


def main() -> int:
    """Seal until SIGTERM or SIGINT, sign once more, end."""
    log_as_the_others_do()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        conninfo = os.environ.get("DATABASE_URL") or attach(default_home()).url
    except NotRunning as problem:
        print(problem, file=sys.stderr)
        return 1
    run(lambda: conninfo, plan_of(os.environ, default_home()), stop)
    return 0


def log_as_the_others_do() -> None:
    """Log in lines of JSON to standard error, as settings.LOGGING has it, what ends this process unforeseen too."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[lines])
    log_what_nobody_catches()


def plan_of(environment: Mapping[str, str], home: Path) -> Plan:
    """Return what the environment tells the sealer."""
    return Plan(
        file=CheckpointFile(Path(environment.get("YZT_AUDIT_CHECKPOINTS") or home / "checkpoints")),
        keys=SigningKeys(Path(environment.get("YZT_AUDIT_KEYS") or home / "keys" / "audit")),
        hash_name=HASHES[environment.get("YZT_CRYPTO") or "international"],
        keep_months={
            "work": int(environment.get("YZT_AUDIT_KEEP_WORK_MONTHS") or 36),
            "log": int(environment.get("YZT_AUDIT_KEEP_LOG_MONTHS") or 6),
        },
    )


if __name__ == "__main__":
    sys.exit(main())
