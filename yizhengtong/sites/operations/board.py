"""The board: each line a number, from where it is wrong, and what to do then (docs/operations.md)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from yizhengtong.foundation.observability.metrics import REQUESTS_NAME, registry_with
from yizhengtong.foundation.texts import say
from yizhengtong.sites.operations.readiness import OK
from yizhengtong.sites.operations.sealing import LONGEST_LAG_SECONDS
from yizhengtong.sites.operations.snapshot import Snapshot

GOOD, WATCH, WRONG, BLANK = "good", "watch", "wrong", "blank"
PAGE = "docs/operations.md"
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_MEGABYTE = 1024.0 * 1024.0


@dataclass(frozen=True, slots=True)
class Line:
    """One measure. From `watch` on it wants eyes, from `wrong` on hands; where `wrong` is below, less is worse."""

    code: str
    unit: str
    read: Callable[[Snapshot], float | None]
    watch: float
    wrong: float

    def light(self, value: float | None) -> str:
        """Return which light a value shows."""
        if value is None:
            return BLANK
        worse = 1 if self.wrong >= self.watch else -1
        if value * worse >= self.wrong * worse:
            return WRONG
        return WATCH if value * worse >= self.watch * worse else GOOD


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the page shows it, in words."""

    code: str
    light: str
    state: str
    name: str
    value: str
    limit: str
    advice: str
    runbook: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one heading."""

    name: str
    lines: Sequence[Shown]


def _sum(family: str, **labels: str) -> Callable[[Snapshot], float | None]:
    return lambda taken: sum(taken.values(family, **labels)) if family in taken.families else None


def _most(family: str, **labels: str) -> Callable[[Snapshot], float | None]:
    return lambda taken: max(taken.values(family, **labels), default=None)


def _connections_used(taken: Snapshot) -> float | None:
    """Return how much of the server's connections is in use, in percent."""
    used, allowed = taken.values("yzt_database_connections"), taken.values("yzt_database_connections_allowed")
    return 100 * used[0] / allowed[0] if used and allowed and allowed[0] else None


def _answers(first_digit: str) -> Callable[[Snapshot], float | None]:
    """Count the answers since the web server started whose status begins so."""

    def read(_taken: Snapshot) -> float:
        found = [family for family in registry_with().collect() if family.name == REQUESTS_NAME]
        return sum(
            sample.value
            for family in found
            for sample in family.samples
            if sample.name.endswith("_count") and sample.labels["status"].startswith(first_digit)
        )

    return read


def _backup_age(taken: Snapshot) -> float:
    """Return the age of the last backup; without any it is as old as can be."""
    return min(taken.values("yzt_backup_age_seconds"), default=float("inf"))


def lines() -> Mapping[str, Sequence[Line]]:
    """Return every line of the board by its group."""
    backup = settings.YZT_OLDEST_BACKUP_HOURS * _HOUR
    least = settings.YZT_LEAST_FREE_DISK_MB * _MEGABYTE
    return {
        "cases": (
            Line("cases_overdue", "count", _sum("yzt_cases_open", lateness="overdue"), 1, 1),
            Line("cases_due_soon", "count", _sum("yzt_cases_open", lateness="due_soon"), 50, 500),
            Line("cases_provisional", "count", _sum("yzt_cases_open", lateness="provisional"), 1, float("inf")),
            Line("cases_received", "days", _most("yzt_cases_oldest_days", state="received"), 30, 90),
        ),
        "background": (
            Line("worker_silent", "seconds", _most("yzt_worker_silent_seconds"), _MINUTE, 5 * _MINUTE),
            Line("jobs_waiting", "seconds", _most("yzt_jobs_oldest_seconds"), 2 * _MINUTE, 15 * _MINUTE),
            Line("jobs_failed", "count", _sum("yzt_jobs", status="failed"), 1, 20),
            Line("events_behind", "seconds", _most("yzt_events_behind_seconds"), 3 * _MINUTE, 15 * _MINUTE),
            Line("messages_waiting", "seconds", _most("yzt_messages_waiting_seconds"), 5 * _MINUTE, _HOUR),
            Line("messages_failed", "count", _sum("yzt_messages", state="failed"), 1, 100),
            Line("push_lag", "seconds", _most("yzt_push_lag_seconds"), 5 * _MINUTE, _HOUR),
            Line("pushes_dead", "count", _sum("yzt_pushes", state="dead"), 1, 100),
            Line("documents_waiting", "seconds", _most("yzt_documents_waiting_seconds"), 5 * _MINUTE, _HOUR),
        ),
        "promises": (
            Line("breach_notices", "count", _sum("yzt_breach_notices_overdue"), 1, 1),
            Line("objections", "count", _sum("yzt_answers_overdue", request="objection"), 1, 1),
            Line("corrections", "count", _sum("yzt_answers_overdue", request="correction"), 1, 1),
        ),
        "safety": (
            Line("sealer_lag", "seconds", _most("yzt_sealer_lag_seconds"), 10, LONGEST_LAG_SECONDS),
            Line("status_dirty", "seconds", _most("yzt_status_dirty_seconds"), 10, _MINUTE),
            Line("status_differences", "count", _most("yzt_status_differences"), 1, 1000),
            Line("backup_age", "seconds", _backup_age, backup * 0.9, backup),
        ),
        "machine": (
            Line("server_errors", "count", _answers("5"), 1, 20),
            Line("too_many", "count", _answers("429"), 100, 10_000),
            Line("disk_free", "bytes", _most("yzt_disk_free_bytes"), 4 * least, least),
            Line("connections", "percent", _connections_used, 70, 90),
            Line("transaction", "seconds", _most("yzt_database_oldest_transaction_seconds"), _MINUTE, 10 * _MINUTE),
            Line("web_memory", "bytes", _sum("yzt_memory_bytes", program="web"), 2e9, 4e9),
        ),
    }


def groups(checks: Mapping[str, str], taken: Snapshot, language: str) -> list[Group]:
    """Return the page's groups: readiness first, then every measure."""
    ready = [_shown_check(name, word, language) for name, word in checks.items()]
    measured = [
        Group(say(f"operations.group_{name}", language), [_shown_line(line, taken, language) for line in group])
        for name, group in lines().items()
    ]
    return [Group(say("operations.group_ready", language), ready), *measured]


def _shown_check(name: str, word: str, language: str) -> Shown:
    light = GOOD if word == OK else WRONG
    return _shown(f"ready_{name}", light, say(f"operations.check_{word}", language), "", language)


def _shown_line(line: Line, taken: Snapshot, language: str) -> Shown:
    value = line.read(taken)
    sign = "≥" if line.wrong >= line.watch else "≤"
    limit = "" if line.wrong == float("inf") else f"{sign} {_quantity(line.wrong, line.unit, language)}"
    return _shown(line.code, line.light(value), _quantity(value, line.unit, language), limit, language)


def _shown(code: str, light: str, value: str, limit: str, language: str) -> Shown:
    return Shown(
        code=code,
        light=light,
        state=say(f"operations.light_{light}", language),
        name=say(f"operations.line_{code}", language),
        value=value,
        limit=limit,
        advice="" if light == GOOD else say(f"operations.do_{'blank' if light == BLANK else code}", language),
        runbook=f"{PAGE}#{'blank' if light == BLANK else code.replace('_', '-')}",
    )


def _quantity(value: float | None, unit: str, language: str) -> str:
    """Return a number in words that need no counting: `3 min`, `1.2 GB`."""
    if value is None:
        return say("operations.value_none", language)
    if value == float("inf"):
        return say("operations.value_never", language)
    if unit == "seconds":
        size, unit = next((each for each in _TIMES if value >= 2 * each[0]), _TIMES[-1])
        value = value / size
    if unit == "bytes":
        size, unit = (1e9, "gigabytes") if value >= 1e9 else (1e6, "megabytes")
        value = value / size
    number = f"{value:.1f}" if value < 10 and value != int(value) else f"{value:.0f}"
    return say(f"operations.unit_{unit}", language, {"number": number})


_TIMES = ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes"), (1.0, "seconds"))
