"""Counting: statements of a line of work, slow ones by shape, requests over several processes, ids over to jobs."""

import asyncio
import logging
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from yizhengtong.foundation.events.journal import publish, subscribe
from yizhengtong.foundation.observability import folder, jobs
from yizhengtong.foundation.observability.context import request_id
from yizhengtong.foundation.observability.statements import counted
from yizhengtong.foundation.vault.jobs import opened_arguments
from yizhengtong.kernel.ids import new_id

IDENTITY = "01a1fc92-4f4f-7feb-9a8a-b5beba972327"
SERVER = """
import multiprocessing, sys
from pathlib import Path
from yizhengtong.foundation.observability.folder import share_measures
share_measures(Path(sys.argv[1]))
from yizhengtong.foundation.observability.metrics import note_request, registry_with
from prometheus_client import generate_latest

def work(times):
    for _ in range(times):
        note_request(route="r", method="GET", status=200, seconds=0.1, statements=3, database_seconds=0.01, slow=0)
    print(generate_latest(registry_with()).decode(), flush=True)

for times in sys.argv[2:]:
    worker = multiprocessing.get_context("fork").Process(target=work, args=(int(times),))
    worker.start()
    worker.join()
"""


def measured(home: Path, *times: int) -> tuple[int, str]:
    """Start a server whose workers, one after the other, note so many requests; its number, and what they show."""
    command = [sys.executable, "-c", SERVER, str(home), *map(str, times)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        shown, _ = server.communicate()
    assert server.returncode == 0
    return server.pid, shown


def test_every_process_of_a_server_shows_the_requests_of_all_of_them(tmp_path: Path) -> None:
    _, shown = measured(tmp_path, 3, 4)
    assert 'yzt_http_request_seconds_count{method="GET",route="r",status="200"} 7.0' in shown
    assert 'yzt_database_statements_total{method="GET",route="r"} 21.0' in shown


def test_a_new_run_begins_at_nothing_and_removes_what_runs_that_are_over_left(tmp_path: Path) -> None:
    over, reused = tmp_path / "metrics" / "999999999-1", tmp_path / "metrics" / f"{os.getpid()}-1"
    over.mkdir(parents=True)
    reused.mkdir()
    measured(tmp_path, 5)
    pid, shown = measured(tmp_path, 1)
    assert 'yzt_http_request_seconds_count{method="GET",route="r",status="200"} 1.0' in shown
    (left,) = (tmp_path / "metrics").iterdir()
    assert left.name.startswith(f"{pid}-")


def test_sharing_too_late_is_refused(tmp_path: Path) -> None:
    import prometheus_client  # noqa: F401

    with pytest.raises(RuntimeError):
        folder.share_measures(tmp_path)


@pytest.mark.django_db
def test_statements_of_a_line_of_work_are_counted_and_timed() -> None:
    with counted(lambda: "r") as tally, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("SELECT pg_sleep(0.01)")
    assert tally.statements == 2
    assert tally.seconds >= 0.01


@pytest.mark.django_db
def test_a_slow_statement_is_logged_by_its_shape_and_route(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.YZT_SLOW_STATEMENT_MS = 1000
    with counted(lambda: "api/x"), connection.cursor() as cursor, caplog.at_level(logging.WARNING):
        cursor.execute("SELECT 1 WHERE 'a' = %s", ["王小明"])
        cursor.execute("SELECT pg_sleep(1.1), %s", ["王小明"])
    (record,) = [each for each in caplog.records if each.name.endswith("observability.statements")]
    assert record.getMessage() == "observability.slow_statement"
    assert vars(record)["route"] == "api/x"
    assert vars(record)["milliseconds"] >= 1100
    assert "王小明" not in str(vars(record))


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_route_and_never_its_address(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer = Client().get("/?q=王小明", headers={"X-Request-ID": IDENTITY})
    (record,) = [each for each in caplog.records if each.name.endswith("web.observation")]
    told = vars(record)
    assert (told["route"], told["method"], told["status"], told["actor"]) == ("/", "GET", 200, "")
    assert answer["X-Request-ID"] == IDENTITY
    assert "王小明" not in str(told)


@pytest.mark.django_db
def test_a_job_carries_the_request_id_to_the_worker(django_capture_on_commit_callbacks: Any) -> None:
    subscribe("test.follows", frozenset({"test.happened"}), lambda _event: None)
    token = request_id.set(IDENTITY)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            publish("test.happened", on=("test", new_id()), person_id=None)
    finally:
        request_id.reset(token)
    job = ProcrastinateJob.objects.get(task_name="events.deliver")
    assert opened_arguments(job.args) == {"_request_id": IDENTITY}


def run_job(arguments: dict[str, Any], problem: Exception | None = None) -> tuple[str, dict[str, Any]]:
    """Return the request id that a job saw, and the arguments left for its task."""
    seen = []

    async def work() -> None:
        seen.append(request_id.get())
        if problem:
            raise problem

    job = SimpleNamespace(task_kwargs=arguments, task_name="test.work", attempts=0)
    asyncio.run(jobs.with_request_id(work, SimpleNamespace(job=job), None))
    return seen[0], arguments


def test_the_task_does_not_see_the_argument_that_carried_the_id() -> None:
    assert run_job({"_request_id": IDENTITY, "n": 1}) == (
        IDENTITY,
        {"n": 1},
    )


@pytest.mark.parametrize("arguments", [{}, {"_request_id": "<odd>"}, {"_request_id": 5}])
def test_a_job_without_a_good_id_has_none(arguments: dict[str, Any]) -> None:
    assert run_job(arguments) == ("", {})


def test_a_job_that_fails_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    from yizhengtong.foundation.observability.formatter import JsonLines

    with caplog.at_level(logging.INFO), pytest.raises(ValueError):
        run_job({}, ValueError("王小明"))
    (record,) = caplog.records
    text = JsonLines().format(record)
    assert '"event": "observability.job_failed"' in text
    assert '"error": ["ValueError"]' in text
    assert "\\u738b" not in text


def test_what_nobody_catches_is_logged_by_kind_and_place(tmp_path: Path) -> None:
    program = """
import logging, sys, threading
from yizhengtong.foundation.observability.formatter import JsonLines
from yizhengtong.foundation.observability.uncaught import log_what_nobody_catches
handler = logging.StreamHandler(sys.stderr); handler.setFormatter(JsonLines()); logging.root.addHandler(handler)
log_what_nobody_catches()
def work(): raise KeyError("Wang Xiaoming")
thread = threading.Thread(target=work); thread.start(); thread.join()
raise ValueError("Wang Xiaoming")
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False).stderr
    assert "observability.thread_failed" in told
    assert "observability.process_failed" in told
    assert "Wang" not in told
