"""Gauges from the database, by functions that count as the owner of the tables (this room's migrations).

Every query reads from an index and is bounded: by the open cases, or by a limit of rows.

Labels are closed lists of codes: items, states, names of subscribers and tables. Never an id, an office or a person.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import connection
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from yizhengtong.foundation.events.journal import subscriptions
from yizhengtong.foundation.notifications.kinds import LEAVING
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.casework.states import OPEN
from yizhengtong.sites.operations.sealing import sealing_now
from yizhengtong.verification.bulk.queries import waiting_now

DUE_SOON_DAYS = 3
COUNTED_AT_MOST = 10_000
"""A longer queue is shown as this long: its exact length helps nobody, and counting it costs."""


def _rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def cases() -> Iterator[Metric]:
    """Open cases by item, state and lateness, and since when the oldest of a state waits, in days."""
    today = legal_day(timezone.now())
    counts = GaugeMetricFamily(
        "yzt_cases_open", "Open cases by item, state and lateness.", labels=["item", "state", "lateness"]
    )
    ages = GaugeMetricFamily("yzt_cases_oldest_days", "Age of the oldest open case of a state.", labels=["state"])
    oldest: dict[str, float] = dict.fromkeys(OPEN, 0.0)
    for item, state, lateness, count, received_on in _rows(
        "SELECT * FROM operations_cases(%s, %s)", today, DUE_SOON_DAYS
    ):
        counts.add_metric([item, state, lateness], count)
        oldest[state] = max(oldest[state], (today - received_on).days)
    for state, days in oldest.items():
        ages.add_metric([state], days)
    yield counts
    yield ages


def appointments() -> Iterator[Metric]:
    """Seats booked, and people received, today; read office by office from the index of the seats."""
    family = GaugeMetricFamily("yzt_appointments_today", "Appointments of today by state.", labels=["state"])
    found: dict[str, int] = dict(_rows("SELECT * FROM operations_appointments(%s)", legal_day(timezone.now())))
    for state in ("booked", "arrived"):
        family.add_metric([state], found.get(state, 0))
    yield family


def events() -> Iterator[Metric]:
    """How far each subscriber is behind the events: how many, for how long, and how often it failed."""
    labels = ["subscriber"]
    behind = GaugeMetricFamily("yzt_events_behind", "Events a subscriber has not read, at most 10000.", labels=labels)
    age = GaugeMetricFamily("yzt_events_behind_seconds", "Age of the oldest event not read.", labels=labels)
    failed = GaugeMetricFamily("yzt_events_failures", "Failures of a subscriber since it last got on.", labels=labels)
    known = list(subscriptions())
    for name, failures, number, seconds in _rows("SELECT * FROM operations_events(%s, %s)", known, COUNTED_AT_MOST):
        behind.add_metric([name], number)
        age.add_metric([name], max(0.0, seconds))
        failed.add_metric([name], failures)
    yield behind
    yield age
    yield failed


def jobs() -> Iterator[Metric]:
    """Background jobs that wait, run or failed; the age of the oldest due one; how long the worker has been silent."""
    found = {
        status: (number, age) for status, number, age in _rows("SELECT * FROM operations_jobs(%s)", COUNTED_AT_MOST)
    }
    family = GaugeMetricFamily("yzt_jobs", "Background jobs by status, at most 10000 each.", labels=["status"])
    for status in ("todo", "doing", "failed"):
        family.add_metric([status], found[status][0])
    yield family
    yield GaugeMetricFamily(
        "yzt_jobs_oldest_seconds", "Age of the oldest job that is due.", value=found["todo"][1] or 0
    )
    silent = found["workers"][1]
    if silent is not None:
        yield GaugeMetricFamily("yzt_worker_silent_seconds", "Since the last sign of a worker.", value=silent)


def documents() -> Iterator[Metric]:
    """Documents that wait for the virus scanner, and since when."""
    ((number, seconds),) = _rows("SELECT * FROM operations_documents(%s)", COUNTED_AT_MOST)
    yield GaugeMetricFamily("yzt_documents_waiting", "Documents not scanned yet, at most 10000.", value=number)
    yield GaugeMetricFamily("yzt_documents_waiting_seconds", "Age of the oldest one.", value=max(0.0, seconds))


def messages() -> Iterator[Metric]:
    """What waits to leave the platform, for how long, and what did not leave, by channel."""
    labels = ["channel", "state"]
    number = GaugeMetricFamily("yzt_messages", "Deliveries that wait, failed, or may have gone.", labels=labels)
    age = GaugeMetricFamily("yzt_messages_waiting_seconds", "Age of the oldest delivery due.", labels=["channel"])
    found = {
        (channel, state): row
        for channel, state, *row in _rows("SELECT * FROM operations_messages(%s)", COUNTED_AT_MOST)
    }
    for channel in LEAVING:
        for state in ("waiting", "failed", "unsure"):
            number.add_metric([channel, state], found.get((channel, state), [0])[0])
        age.add_metric([channel], max(0.0, float(found.get((channel, "waiting"), [0, 0])[1])))
    yield number
    yield age


def pushes() -> Iterator[Metric]:
    """What waits for each data platform, since when the oldest is not acknowledged, and how long the last hour's took.

    Labels are the codes that operators gave the destinations.
    """
    labels = ["destination", "state"]
    number = GaugeMetricFamily("yzt_pushes", "Events not acknowledged, at most 10000 each.", labels=labels)
    lag = GaugeMetricFamily("yzt_push_lag_seconds", "Age of the oldest one.", labels=["destination"])
    took = GaugeMetricFamily(
        "yzt_push_p95_seconds", "From what happened to its acknowledgement, in the last hour.", labels=["destination"]
    )
    for code, waiting, dead, seconds, p95 in _rows("SELECT * FROM operations_pushes(%s)", COUNTED_AT_MOST):
        number.add_metric([code, "waiting"], waiting)
        number.add_metric([code, "dead"], dead)
        lag.add_metric([code], max(0.0, seconds))
        if p95 is not None:
            took.add_metric([code], p95)
    yield from (number, lag, took)


def bulk() -> Iterator[Metric]:
    """Rows of relying parties' files that wait to be checked, and since when the oldest do."""
    waiting = waiting_now(is_test=False)
    age = (timezone.now() - waiting.since).total_seconds() if waiting.since else 0.0
    yield GaugeMetricFamily("yzt_bulk_rows", "Rows of files that are not answered yet.", value=waiting.rows)
    yield GaugeMetricFamily("yzt_bulk_oldest_seconds", "Age of the oldest file with such a row.", value=max(0.0, age))


def trail() -> Iterator[Metric]:
    """How long the oldest entry of the trail has waited to be sealed."""
    sealing = sealing_now()
    yield GaugeMetricFamily("yzt_sealer_on", "Whether the trail is sealed here.", value=float(sealing.is_on))
    if sealing.is_on:
        yield GaugeMetricFamily("yzt_sealer_lag_seconds", "Age of the oldest unsealed entry.", value=sealing.seconds)


def status_lists() -> Iterator[Metric]:
    """How long the oldest change of a permit waits to be told by a status list, and what comparing found."""
    now = timezone.now()
    noted, lists, dirty_since, differences, compared_at = _rows(_STATUS_LISTS)[0]
    waiting = [since for since in (noted, dirty_since) if since is not None]
    age = (now - min(waiting)).total_seconds() if waiting else 0.0
    yield GaugeMetricFamily("yzt_status_lists", "Status lists that credentials may name.", value=lists)
    yield GaugeMetricFamily("yzt_status_dirty_seconds", "Age of the oldest change no token tells.", value=max(0.0, age))
    yield GaugeMetricFamily("yzt_status_differences", "Places found to differ, last time.", value=differences)
    silent = 0.0 if compared_at is None else max(0.0, (now - compared_at).total_seconds())
    yield GaugeMetricFamily("yzt_status_compared_seconds", "Since every place was last compared.", value=silent)


_STATUS_LISTS = """
    SELECT (SELECT min(at) FROM status_change), count(*), min(dirty_since), coalesce(sum(differences), 0),
        min(coalesce(compared_at, opened_at))
    FROM status_statuslist WHERE expired_at IS NULL
"""


def promises() -> Iterator[Metric]:
    """Notices of breaches whose time is over, and people's objections and corrections not answered by their day."""
    now = timezone.now()
    rows = _rows("SELECT * FROM operations_promises(%s, %s, %s)", now, legal_day(now), COUNTED_AT_MOST)
    found = {promise: (number, seconds) for promise, number, seconds in rows}
    number, seconds = found.pop("breach_notice")
    yield GaugeMetricFamily("yzt_breach_notices_overdue", "Notices of breaches past their time.", value=number)
    yield GaugeMetricFamily("yzt_breach_notices_overdue_seconds", "Since when the oldest is.", value=seconds)
    late = GaugeMetricFamily(
        "yzt_answers_overdue", "Objections and corrections not answered by their day.", labels=["request"]
    )
    age = GaugeMetricFamily("yzt_answers_overdue_seconds", "Since when the oldest is.", labels=["request"])
    for request, (number, seconds) in found.items():
        late.add_metric([request], number)
        age.add_metric([request], seconds)
    yield late
    yield age


def law() -> Iterator[Metric]:
    """Whether law is in force, and whether an edition waits for its second person."""
    statement = "SELECT state, count(*) FROM law_edition WHERE state <> 'retired' GROUP BY state"
    found: dict[str, int] = dict(_rows(statement))
    in_force, proposed = found.get("in_force", 0), found.get("proposed", 0)
    yield GaugeMetricFamily("yzt_law_in_force", "Whether an edition of the law is in force.", value=in_force)
    yield GaugeMetricFamily("yzt_law_proposed", "Editions that wait for the second person.", value=proposed)


def server() -> Iterator[Metric]:
    """The database server: size, connections in use, and how long the oldest transaction has been open."""
    ((size, used, allowed, oldest),) = _rows(_SERVER)
    yield GaugeMetricFamily("yzt_database_bytes", "Size of the database.", value=size)
    yield GaugeMetricFamily("yzt_database_connections", "Connections in use.", value=used)
    yield GaugeMetricFamily("yzt_database_connections_allowed", "Connections the server allows.", value=allowed)
    yield GaugeMetricFamily("yzt_database_oldest_transaction_seconds", "Longest transaction.", value=float(oldest))


_SERVER = """
    SELECT pg_database_size(current_database()),
        (SELECT sum(numbackends) FROM pg_stat_database), current_setting('max_connections')::int,
        (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(xact_start)), 0) FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())
"""


GAUGES: Mapping[str, Callable[[], Iterator[Metric]]] = {
    gauge.__name__: gauge
    for gauge in (
        cases, appointments, events, jobs, documents, messages, pushes, bulk, trail, status_lists, promises, law,
        server,
    )
}  # fmt: skip
