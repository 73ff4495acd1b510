"""Gauges from the machine: memory of our processes, room on the disk, the age of the last backup."""

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

_PAGE = os.sysconf("SC_PAGE_SIZE")
_PROGRAMS = {
    "yizhengtong.project.web_server": "web",
    "granian": "web",
    "worker": "worker",
    "yizhengtong.project.sealer": "sealer",
}
_MANIFEST = "manifest.json"


def memory() -> Iterator[Metric]:
    """Resident memory of this account's processes of the platform, by program, and how many there are."""
    used, running = dict.fromkeys(_PROGRAMS.values(), 0), dict.fromkeys(_PROGRAMS.values(), 0)
    for program, size in _processes():
        used[program] += size
        running[program] += 1
    resident = GaugeMetricFamily("yzt_memory_bytes", "Resident memory by program.", labels=["program"])
    processes = GaugeMetricFamily("yzt_processes", "Processes by program.", labels=["program"])
    for program, size in used.items():
        resident.add_metric([program], size)
        processes.add_metric([program], running[program])
    yield resident
    yield processes


def _processes() -> Iterator[tuple[str, int]]:
    """Yield program and resident bytes of every process of ours under this account."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
                program = next((_PROGRAMS[word] for word in words if word in _PROGRAMS), None)
                if program and folder.stat().st_uid == os.geteuid() and any("yizhengtong" in word for word in words):
                    yield program, int((folder / "statm").read_text().split()[1]) * _PAGE


def disk() -> Iterator[Metric]:
    """Free and whole space where the platform keeps its files, in bytes."""
    usage = shutil.disk_usage(settings.CONFIGURATION.home)
    yield GaugeMetricFamily("yzt_disk_free_bytes", "Free space of the home folder's disk.", value=usage.free)
    yield GaugeMetricFamily("yzt_disk_bytes", "Size of the home folder's disk.", value=usage.total)


def backups() -> Iterator[Metric]:
    """Age of the newest whole backup in the configured folder, and whether one was ever made."""
    ages = [] if settings.CONFIGURATION.backups is None else list(_ages(settings.CONFIGURATION.backups))
    yield GaugeMetricFamily("yzt_backups", "Whole backups in the configured folder.", value=len(ages))
    if ages:
        yield GaugeMetricFamily("yzt_backup_age_seconds", "Age of the newest backup.", value=min(ages))


def _ages(folder: Path) -> Iterator[float]:
    for path in folder.glob(f"*/{_MANIFEST}"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            finished = datetime.fromisoformat(json.loads(path.read_bytes())["finished_at"])
            yield max(0.0, (timezone.now() - finished).total_seconds())


MACHINE_GAUGES: Mapping[str, Callable[[], Iterator[Metric]]] = {
    gauge.__name__: gauge for gauge in (memory, disk, backups)
}
