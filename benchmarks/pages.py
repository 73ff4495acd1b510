"""`pages`: bytes of the first page, milliseconds of the main pages at 1,000,000 cases, a draft on the archive."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.decide import ON, applicants, rate
from benchmarks.figures import Figure, middle, percentile
from benchmarks.ground import ROOT, Ground, prepare_city, reading_ground, run_python, web_server
from benchmarks.queue import Filled, ensure_bound, fill
from benchmarks.wire import Connection
from yizhengtong.law.reading import Library, pack_texts
from yizhengtong.permitting.casework.rules import decide

CASES, DECISIONS = 1_000_000, 200_000
TARGET_FIRST_PAGE_KB, TARGET_P95_MS, TARGET_SIMULATED = 60.0, 60.0, 20_000.0
_ROUNDS = 3
_SAMPLES = 60
_WARM_UP = 5
_ARCHIVE_SECONDS = 1200
_SIMULATE_SECONDS = 600
_LINKED = re.compile(rb'(?:<link rel="stylesheet" href|<script src|<img[^>]* src)="(/[^"]+)"')
_REQUIREMENT = "residence.requirement:\n    - value: {measure: months, n: "
_CHANGED = (f"{_REQUIREMENT}6", f"{_REQUIREMENT}3")


def measure() -> Iterator[Figure]:
    """Yield the figures of `pages`."""
    yield from measure_at(CASES, DECISIONS)


def measure_at(cases: int, decisions: int) -> Iterator[Figure]:
    """Yield the figures at another size: for a look, not for the page."""
    with reading_ground() as ground:
        prepare_city(ground)
        filled = fill(ground, cases)
        wanted = _archived(filled, decisions)
        yield Figure("count_seconds", wanted["count_seconds"], "s")
        yield from _pages(filled, wanted)
        yield from _simulation(filled)


def _archived(filled: Filled, decisions: int) -> dict[str, Any]:
    path = filled.ground.home / "archive.json"
    run_python(filled.ground, "-m", "benchmarks.fill_archive", str(decisions), str(path), seconds=_ARCHIVE_SECONDS,
               DATABASE_URL=filled.database.url)  # fmt: skip
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _pages(filled: Filled, wanted: Mapping[str, Any]) -> Iterator[Figure]:
    """Alternate the pages with an empty answer of the same server, behind the same middleware."""
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(web_server(filled.ground, url=filled.database.url))[0]
        bare = stack.enter_context(
            web_server(filled.ground, settings="benchmarks.limits.empty", url=filled.database.url)
        )[0]  # fmt: skip
        yield Figure("first_page_kb", first_page_bytes(port) / 1000, "kB", target=TARGET_FIRST_PAGE_KB, at_least=False)
        taken: dict[str, list[float]] = {}
        empty: list[float] = []
        for _ in range(_ROUNDS):
            empty.append(_p95(bare, "/empty", ""))
            for each in wanted["pages"]:
                cookie = f"{wanted['cookie']}={each['session']}" if each["session"] else ""
                taken.setdefault(each["kind"], []).append(_p95(port, each["address"], cookie))
        ensure_bound(filled.database)
    limit = middle(empty)
    by_kind = {kind: middle(rounds) for kind, rounds in taken.items()}
    yield Figure("p95_ms", max(by_kind.values()), "ms", limit, TARGET_P95_MS, at_least=False)
    for kind, milliseconds in by_kind.items():
        yield Figure(f"p95_ms.{kind}", milliseconds, "ms", limit)


def first_page_bytes(port: int) -> int:
    """Return what a first look loads: status line, headers and body of the page and of all that it links to."""
    page = _weighed(port, "/")
    linked = sorted({address.decode() for address in _LINKED.findall(page[1])})
    return page[0] + sum(_weighed(port, address)[0] for address in linked)


def _weighed(port: int, address: str) -> tuple[int, bytes]:
    connection = Connection(port, {"Accept-Encoding": "gzip, deflate, br", "Accept-Language": "zh-CN"})
    try:
        answer = connection.get(address)
    finally:
        connection.close()
    headers = sum(len(name) + len(value) + 4 for name, value in answer.headers.items()) + 19
    return headers + len(answer.body), answer.body


def _p95(port: int, address: str, cookie: str) -> float:
    connection = Connection(port, {"Cookie": cookie} if cookie else {})
    try:
        answers = [connection.get(address) for _ in range(_SAMPLES + _WARM_UP)]
    finally:
        connection.close()
    wrong = {answer.status for answer in answers} - {200}
    if wrong:
        raise RuntimeError(f"{address} answered {sorted(wrong)}")
    return percentile([answer.milliseconds for answer in answers[_WARM_UP:]], 0.95)


def _simulation(filled: Filled) -> Iterator[Figure]:
    """A draft that touches every decision, on all cores. Limit: as many processes deciding facts in memory."""
    cores = len(os.sched_getaffinity(0))
    folder = _draft(filled.ground)
    rates, in_memory, changed = [], [], 0.0
    law = Library.from_texts(pack_texts()).law("370102", "hmt", ON)
    facts = applicants(64)
    for _ in range(_ROUNDS):
        in_memory.append(rate(lambda n: decide(facts[n], law, "hmt.first_issue", ON), seconds=0.4) * cores)
        told = _simulated(filled, folder, cores)
        rates.append(told["per_second"])
        changed = 100 * told["changed"] / told["looked_at"]
    yield Figure("simulation_cases_per_second", middle(rates), "1/s", middle(in_memory), TARGET_SIMULATED)
    yield Figure("simulation_cases_per_second.processes", cores, "processes")
    yield Figure("simulation_changed_share", changed, "%")


def _draft(ground: Ground) -> str:
    """Write the packs with one value of the nation's changed into a folder; no decision's law is the same then."""
    folder = ground.home / "draft"
    for path, text in pack_texts().items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.replace(*_CHANGED) if path == "cn/hmt.yaml" else text)
    return str(folder)


def _simulated(filled: Filled, folder: str, processes: int) -> dict[str, float]:
    result = subprocess.run(
        [sys.executable, "-m", "yizhengtong.project.manage", "simulate", "--packs", folder, "--processes",
         str(processes)],
        env={**filled.ground.environment, "DATABASE_URL": filled.database.url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_SIMULATE_SECONDS,
        check=False,
    )  # fmt: skip
    if result.returncode:
        raise RuntimeError(result.stderr[-2000:])
    return {name: float(value) for name, _, value in (word.partition("=") for word in _last(result.stdout))}


def _last(said: str) -> Sequence[str]:
    return said.strip().splitlines()[-1].split()
