"""The running platform: nothing of a person in any log, readiness without a database, one id from end to end."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from benchmarks.ground import free_port
from tests.observability.ground import Platform, ask, personal, platform, running, served
from tests.observability.hostile import send_all
from tests.support.waiting import wait_for
from yizhengtong.project import up
from yizhengtong.project.demonstration.client import Client, sign_up

ODD = ["王小明", "Wang Xiaoming", "H01234567", "+852 5550 0199", "和平路47号1单元101"]
_CODES = re.compile(r"[a-z_.]{2,24}")


def forms(text: str) -> set[str]:
    """Return how a text may be written in a log."""
    escaped = json.dumps(text)[1:-1]
    return {text, escaped, quote(text), repr(text.encode())[2:-1], escaped.replace("\\", "\\\\"), text.encode().hex()}


def found_in(logs: Any, texts: list[str]) -> list[tuple[str, str]]:
    """Return the log and the line of everything personal in it, the person's own words left out."""
    written = {form for text in texts for form in forms(text)}
    return [
        (name, line[:200])
        for name, content in logs.items()
        for form in written
        if form in content  # whole: the logs are loud, and hardly any form is in one
        for line in content.splitlines()
        if form in line
    ]


@pytest.fixture(scope="module")
def prepared() -> Iterator[Platform]:
    """A platform with its database, on which none of our processes runs."""
    with platform() as on:
        yield on


def test_no_log_of_any_process_holds_anything_of_a_person(prepared: Platform) -> None:
    port, on = free_port(), prepared.with_settings("tests.observability.loud")
    with (
        served(on, port),
        running(up.worker_process(on.environment, on.home)),
        running(up.sealer_process(on.environment, on.home)),
    ):
        on.run("-m", "yizhengtong.project.manage", "demonstrate", "--port", str(port))
        resident = sign_up(port, "observed-resident-7", "Jinan-demo-1!")
        sent = send_all(port, resident, ODD)
        sent += send_all(port, Client(port), ODD)
        wait_for(lambda: "events.deliver" in on.logs().get("worker.log", ""), "a job")
        texts = [text for text in personal(on) if not _CODES.fullmatch(text)] + ODD
        logs = on.logs()
    assert sent > 100
    assert {"web.log", "worker.log", "sealer.log", "postgres.log"} <= logs.keys()
    assert len(texts) > 50
    assert found_in(logs, texts) == []
    # The search finds what is there, and the logs were loud.
    assert found_in({"x": f"a {json.dumps('王小明')} b"}, ["王小明"])
    assert "SELECT" in logs["postgres.log"]
    assert "observability.slow_statement" in logs["web.log"]
    assert '"level": "DEBUG"' in logs["web.log"]


def lines_of(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


FORGETS = "import django; django.setup()\nfrom django.core.cache import cache; cache.clear()"
"""Whoever sent what they should not may not sign in for a while: from here on nobody has."""


@pytest.fixture(scope="module")
def observed(prepared: Platform) -> Iterator[tuple[Platform, int]]:
    """A platform with its usual settings, on which the journeys were run, and its port."""
    port, on = free_port(), prepared
    on.run("-c", FORGETS)
    with served(on, port), running(up.worker_process(on.environment, on.home)):
        on.run("-m", "yizhengtong.project.manage", "demonstrate", "--only-jinan", "--port", str(port))
        yield on, port


def test_every_line_of_our_processes_is_json_and_names_no_unknown_field(observed: tuple[Platform, int]) -> None:
    on, port = observed
    assert ask(port, "/nothing")[0] == 404
    wait_for(lambda: "unmatched" in on.logs()["web.log"], "the line of the last request")
    log = on.logs()["web.log"]
    lines = lines_of(log)
    assert len(lines) == len(log.splitlines())
    allowed = {
        *("time", "level", "logger", "event", "request_id", "route", "method", "status", "milliseconds", "statements"),
        *("actor", "error", "code", "trace", "sqlstate", "constraint", "statement", "status_code"),
    }
    assert {name for line in lines for name in line} <= allowed


def test_the_sealer_logs_in_the_same_lines(observed: tuple[Platform, int]) -> None:
    on, _ = observed
    with running(up.sealer_process(on.environment, on.home)):
        wait_for(lambda: '"event": "audit.sealing"' in on.logs().get("sealer.log", ""), "a sealer that seals")
    log = on.logs()["sealer.log"]
    lines = lines_of(log)
    assert len(lines) == len(log.splitlines())
    assert {name for line in lines for name in line} == {"time", "level", "logger", "event"}


def test_one_id_goes_from_the_request_through_the_trail_to_the_workers_log(observed: tuple[Platform, int]) -> None:
    on, _ = observed
    wait_for(lambda: any("request_id" in line for line in lines_of(on.logs()["worker.log"])), "a job of a request")
    of_jobs = {line["request_id"] for line in lines_of(on.logs()["worker.log"]) if "request_id" in line}
    of_requests = {line["request_id"] for line in lines_of(on.logs()["web.log"]) if "request_id" in line}
    counted = on.run(
        "-c",
        "import django; django.setup()\n"
        "from yizhengtong.foundation.audit.models import Entry\n"
        f"print(Entry.objects.filter(request_id__in={sorted(of_jobs)!r}).count())",
    )
    assert of_jobs <= of_requests
    assert int(counted) > 0


def test_measures_count_the_requests_of_every_process(observed: tuple[Platform, int]) -> None:
    on, port = observed
    before = front_pages(on, port)
    for _ in range(40):
        assert ask(port, "/")[0] == 200
    assert front_pages(on, port) == before + 40
    assert len({path.name.rpartition("_")[2] for path in (on.home / "metrics").glob("*/histogram_*.db")}) == 2


def front_pages(on: Platform, port: int) -> float:
    _, measures = ask(port, "/metrics", on.token)
    found = re.search(r'yzt_http_request_seconds_count\{method="GET",route="/",status="200"\} (.*)', measures)
    return float(found.group(1)) if found else 0.0


def test_without_its_database_it_lives_and_is_not_ready_and_with_it_it_is_again(observed: tuple[Platform, int]) -> None:
    on, port = observed
    wait_for(lambda: ask(port, "/ready")[0] == 200, "ready")
    on.database.stop()
    wait_for(lambda: '"database": "failed"' in ask(port, "/ready", on.token)[1], "not ready")
    assert ask(port, "/health")[0] == 200
    wait_for(lambda: 'yzt_gauge_failed{gauge="events"} 1.0' in ask(port, "/metrics", on.token)[1], "no gauge")
    assert ask(port, "/operations", on.token)[0] == 200
    on.database.start()
    wait_for(lambda: all(ask(port, "/ready")[0] == 200 for _ in range(6)), "ready again")
