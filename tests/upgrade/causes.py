"""What the logs of a server and of its database say about a request that failed. Nothing personal is in them."""

from pathlib import Path

_DEFECT = "web.defect"
_MOST_LINES, _MOST_CHARACTERS = 40, 400
_LOCK_LINES = 6
_TOLD = ("deadlock", "still waiting", "cached plan")


def last_defect(log: Path) -> list[str]:
    """Return the last defect in a web server's log with its traceback, else the log's last lines."""
    lines = _lines(log)
    defects = [number for number, line in enumerate(lines) if _DEFECT in line]
    found = lines[defects[-1] :][:_MOST_LINES] if defects else lines[-_MOST_LINES // 4 :]
    return [f"{log.name} | {line[:_MOST_CHARACTERS]}" for line in found]


def last_locks(log: Path) -> list[str]:
    """Return the last lines of the database's log about long waits, deadlocks, and prepared statements that the
    migrator made useless."""
    found = [line for line in _lines(log) if any(words in line for words in _TOLD)]
    return [f"{log.name} | {line[:_MOST_CHARACTERS]}" for line in found[-_LOCK_LINES:]]


def _lines(log: Path) -> list[str]:
    try:
        return log.read_text(errors="replace").splitlines()
    except OSError:
        return [f"{log.name} cannot be read"]
