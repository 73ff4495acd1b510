"""What the platform measures of itself in the database and on the machine, looked up at most every ten seconds.

Each gauge has two seconds: one that takes longer, or fails, is missing and counted as failed; the others still come.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from django.db import DatabaseError, connection, transaction
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from yizhengtong.sites.operations.gauges import GAUGES
from yizhengtong.sites.operations.machine import MACHINE_GAUGES

log = logging.getLogger(__name__)

_KEPT_SECONDS = 10.0
_KEPT_LONGER = {"cases": 60.0}
"""Counting 100,000 open cases among a million takes 0.4 s (docs/adr/0031)."""
_TIMEOUT = "2s"
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Topic:
    """What one gauge gave, and when."""

    families: Sequence[Metric]
    has_failed: bool
    at: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All gauges at one time. `failed` names those that gave nothing."""

    topics: Mapping[str, Topic]
    at: float

    @property
    def families(self) -> Mapping[str, Metric]:
        return {family.name: family for topic in self.topics.values() for family in topic.families}

    @property
    def failed(self) -> frozenset[str]:
        return frozenset(name for name, topic in self.topics.items() if topic.has_failed)

    def values(self, family: str, **labels: str) -> list[float]:
        """Return the values of a family whose labels are these."""
        families = self.families
        samples = families[family].samples if family in families else []
        return [sample.value for sample in samples if labels.items() <= sample.labels.items()]


_last: Snapshot | None = None


def snapshot() -> Snapshot:
    """Return the last snapshot, taken anew when it is older than ten seconds."""
    global _last  # noqa: PLW0603 one a process
    with _lock:
        if _last is None or time.monotonic() - _last.at > _KEPT_SECONDS:
            _last = _taken({} if _last is None else _last.topics)
        return _last


def forget() -> None:
    """Look everything up again at the next question."""
    global _last  # noqa: PLW0603 one a process
    _last = None


def _taken(before: Mapping[str, Topic]) -> Snapshot:
    topics, now = {}, time.monotonic()
    for topic, gauge in {**GAUGES, **MACHINE_GAUGES}.items():
        known = before.get(topic)
        is_fresh = known is not None and not known.has_failed and now - known.at < _KEPT_LONGER.get(topic, 0.0)
        topics[topic] = known if known is not None and is_fresh else _looked_up(topic, gauge)
    return Snapshot(topics, now)


def _looked_up(topic: str, gauge: Callable[[], Iterable[Metric]]) -> Topic:
    try:
        families = _within_bounds(gauge()) if topic in GAUGES else list(gauge())
        return Topic(families, has_failed=False, at=time.monotonic())
    except (DatabaseError, OSError, ValueError, KeyError) as problem:
        log.warning("operations.gauge_failed gauge=%s error=%s", topic, type(problem))
        return Topic((), has_failed=True, at=time.monotonic())


def _within_bounds(gauge: Iterable[Metric]) -> list[Metric]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [_TIMEOUT])
        return list(gauge)


class SnapshotCollector(Collector):
    """The snapshot as Prometheus reads it."""

    def collect(self) -> Iterator[Metric]:
        taken = snapshot()
        yield from taken.families.values()
        failed = GaugeMetricFamily("yzt_gauge_failed", "Gauges that could not be looked up.", labels=["gauge"])
        for name in (*GAUGES, *MACHINE_GAUGES):
            failed.add_metric([name], float(name in taken.failed))
        yield failed
