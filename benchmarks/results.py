"""Keeping what was measured: benchmarks/results.json, and docs/benchmarks.md generated from it."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, shown

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"

MEANINGS: Mapping[str, str] = {
    "cases": (
        "Whole cases over HTTP: draft, answers, two papers, look-ahead, submission, booking, visitor, photo, "
        "fingerprints, form, signed form, acceptance, judgement, review, approval, card, hand-over. Sessions are made "
        "beforehand. Granian as `make up` starts it, the embedded PostgreSQL with fsync on, the background worker and "
        "the load generator share the machine. Limit of cases: the writes of one case sent again by pgbench. Limit of "
        "requests: an empty view under the same server behind the same middleware, at the same concurrency. "
        "`others_share` is the part of the machine that other work took meanwhile; `cases_per_second.by_cpu` is what "
        "the CPU time of a case would allow on all cores, undisturbed."
    ),
    "decide": (
        "Applications decided from frozen facts by `casework.rules.decide` under the law of Jinan, on one core. "
        "Limit: as many findings constructed as such a decision holds."
    ),
    "queue": (
        "The officers' queue and search at 1,000,000 cases beside 10,000, by the query function and over HTTP, in "
        "alternate rounds on two databases of one server, as the web's role under its row policies. Limit: the same at "
        "10,000 cases."
    ),
    "sealer": (
        "Entries of the audit trail chained by the sealer, and a whole trail checked by `yzt audit verify` against "
        "chain and checkpoints, the embedded PostgreSQL with fsync on. Limit of sealing: as many links written by one "
        "COPY into a like table. Limit of verifying: hashing and chaining such lines in memory, in as many processes."
    ),
    "restore": (
        "A backup of 1,000,000 permits, each with person, application and case, restored by `bin/yzt restore` into an "
        "empty database with fsync on: verification, indexes, foreign keys and the settings made anew included. "
        "Sealed values are random bytes, as encryption leaves them. Limit: COPY of an eighth of these rows into tables "
        "without indexes, on as many connections, taken eight times. MB are those of COPY's text form."
    ),
    "importing": (
        "Lines of a county's list imported by `yzt import permits --apply`: read, checked, compared with everybody "
        "known, written with numbers, permit, stay, history, trail and event, fsync on, by one process. Limit: the "
        "same rows copied by COPY into empty tables of the same shape, without triggers and foreign keys. `by_cpu`: "
        "what the CPU time of process and database would allow one after the other, undisturbed."
    ),
    "recognition": (
        "Automatic approval, 10 submissions offered a second over HTTP whether or not earlier ones were answered, and "
        "the push of each issue to the receiver kit; drafts are filled in before. Web server, worker, receiver, "
        "generator and the embedded PostgreSQL with fsync on share the machine; two registers in files confirm every "
        "fact. `p95_seconds`: from the turn of a submission until the acknowledgement of the receiver, which has the "
        "event on its disk, is noted. Limit: an empty view, then an event signed and handed to that receiver, as "
        "fast. `conversions_per_second`: lines of a list converted by `yzt convert --apply`, one process, the earlier "
        "permits ended, without a worker beside it. Limit: the rows it wrote copied by COPY into empty tables of the "
        "same shape, without triggers and foreign keys. `by_cpu`: what the CPU time would allow undisturbed."
    ),
    "endorsement": (
        "The daily sweep as `yzt permits sweep` does it, by the worker's role with fsync on, over 1,000,000 Zhejiang "
        "permits of which 1/365 are due each day, their ids in the order of issue over three years: of one day, and of "
        "a backlog of 30 days. Limit of seconds: the rows it wrote copied by COPY into empty tables of the same shape. "
        "`cost_ratio`: what a permit suspended or reminded of costs beside the same among 100,000, in alternate rounds "
        "on two databases of one server, the median of the rounds' ratios, the worse kind of sweep; a tenth is left to "
        "noise. Limit of `us_per_permit`: that among 100,000."
    ),
    "pages": (
        "Pages at 1,000,000 cases, as the web's role under its row policies. `first_page_kb`: everything that the "
        "signed-out first page loads, headers included, as it goes over the wire: page uncompressed, style sheet "
        "and scripts in gzip. `p95_ms`: the slowest of the main pages, each asked for one after the other. Limit: "
        "an empty answer of the same server behind the same middleware. `simulation_cases_per_second`: 200,000 "
        "archived decisions, sealed, computed again by `yzt simulate` under a draft that touches each, on all "
        "cores. Limit: facts in memory decided by as many processes. `count_seconds`: the hourly count of all "
        "figures."
    ),
    "checks": (
        "`POST /api/partner/checks` at 1,000,000 permits beside 10,000, in alternate rounds on two databases of one "
        "server, after a checkpoint: 4,000 persons, who consented, are checked in turn with number, name and birth "
        "date by one bank's secret over four connections of wrk. Each check is answered with its row in the holder's "
        "history, its entry in the trail and its event, fsync on, as the web's role under its row policies; worker "
        "and sealer run beside. Rate limits are wide, and charged. Limit: an empty view of the same server behind "
        "the same middleware, at the same concurrency. `flat_ratio`: checks a second at 10,000 permits by those at "
        "1,000,000. `rows_per_second`: a file of the 4,000 persons, from sending until its last row is answered, "
        "nothing else asked; 20,000 rows that wait must be done in ten minutes."
    ),
    "credentials": (
        "Credentials written on one core, in CPU time, in alternate rounds of one process. `sd_jwt_ratio` and "
        "`mdoc_ratio`: the median of the rounds' ratios to signing as many bytes by ES256 with the same library and "
        "nothing else. An SD-JWT VC with 8 disclosures, a holder's key, a status and a certificate in its header; an "
        "mdoc of 8 elements with the same. Limit of the rates: that signing alone. `status_list_ms`: a status list of "
        "5,000,000 places, one in a hundred not valid, from its chunks in the database to both signed tokens there, in "
        "CPU time of worker and database; limit: its bytes in memory compressed and signed once. `pdf_typeset`: a "
        "permit's document with its photograph and code set by a warm typst, all threads counted; `pdf_signed`: it and "
        "a PAdES signature; `ofd`: the same written as OFD; `paper_code`: the picture of its code, made beforehand in "
        "the others. `requests_per_core_second`: whole requests of a wallet over HTTP, a nonce and then one copy for "
        "one proof with a DPoP token, by the CPU of web server and database; limit: an empty view of the same server."
    ),
    "sign_in": (
        "`token_ratio`: authorization codes exchanged a second (PKCE by S256, the client's secret in the form, four "
        "connections, no worker beside), by those of django-oauth-toolkit under the same web server and database "
        "server, fsync on: its secret unhashed, no middleware, an RS256 ID token and a refresh token. Ours: an ES256 "
        "ID token and the check in history, trail and events, as the web's role under its row policies. "
        "`.toolkit_plain`: as it exchanges without an ID token; `.node`: npm's oidc-provider, one process, all in "
        "memory, nothing kept. Median of the ratios of alternate rounds. `sign_ins_per_second`: whole ones over four "
        "connections, worker and sealer beside, of residents who agreed before: request pushed, authorization, consent "
        "remembered, code exchanged, userinfo; limit: five empty answers of the same server. `share_code`: code and "
        "birth date sent, the page with claims and photograph fetched; `presentation`: request made and fetched, three "
        "claims of an SD-JWT VC posted by direct_post, the result fetched; each the sum of its requests, one after "
        "another, without what the wallet signs; limit: as many empty answers."
    ),
    "trust": (
        "Whole cases as in `cases`, with everything sealed, recorded and chained, beside the same server with values "
        "under key 0 and no trail, in alternate rounds on one database, both under row policies. `cost_ratio`: the "
        "median of the rounds' ratios of cases a second; `by_cpu`: of the CPU time of web, database and sealer a case, "
        "until the last entry is in the chain."
    ),
}
ELSEWHERE = (
    ("MOSIP registration upload, v1.2.1.0", "22.5 uploads/s, p95 90 ms, on 37.4 vCPU of pods",
     "docs.mosip.io, reg-proc-and-syncdata performance report"),
    ("OpenCRVS 2.0 declare", "p95 338 ms at about 1,150 virtual users, on 12 cores",
     "opencrvs-core issue 13595"),
    ("MOSIP ID authentication", "50 authentications/s, p95 112 to 245 ms, on 24.5 vCPU of pods",
     "docs.mosip.io, ID authentication performance report"),
    ("eSignet v1.4.1", "15 sign-ins/s of 7 requests each, on 2 × 1.5 vCPU and a mock ID system",
     "docs.esignet.io, performance report"),
)  # fmt: skip


def keep(name: str, figures: Sequence[Figure], *, results: Path = RESULTS, page: Path = PAGE) -> None:
    """Write the figures of one bench into results.json, leaving the others, and generate the page anew."""
    known: dict[str, Any] = json.loads(results.read_text()) if results.exists() else {}
    known[name] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "figures": [{**asdict(figure), "ratio": figure.ratio} for figure in figures],
    }
    results.write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    page.write_text(render(known))


def machine() -> dict[str, str]:
    """Return what was measured on: processor, cores this process may use, memory, kernel, Python."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": model,
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.0f} GiB",
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def render(known: Mapping[str, Any]) -> str:
    """Return docs/benchmarks.md for what results.json holds."""
    parts = [_HEAD]
    for name, meaning in MEANINGS.items():
        if name in known:
            parts.append(_section(name, meaning, known[name]))
    rows = "\n".join(f"| {what} | {figure} | {source} |" for what, figure, source in ELSEWHERE)
    return "\n".join([*parts, _ELSEWHERE_HEAD, rows, ""])


def _section(name: str, meaning: str, kept: Mapping[str, Any]) -> str:
    machine_words = ", ".join(f"{what} {value}" for what, value in sorted(kept["machine"].items()))
    rows = [_row(Figure(**{key: value for key, value in each.items() if key != "ratio"})) for each in kept["figures"]]
    return "\n".join(
        [
            f"## {name}\n",
            f"{meaning}\n",
            f"Measured {kept['measured_at']} on: {machine_words}. Repeat with `make bench NAME={name}`.\n",
            "| figure | value | unit | limit | ratio | target |",
            "|---|---:|---|---:|---:|---|",
            *rows,
            "",
        ]
    )


def _row(figure: Figure) -> str:
    target = ""
    if figure.target is not None:
        sign, verdict = ("≥" if figure.at_least else "≤"), ("met" if figure.is_on_target else "**missed**")
        target = f"{sign} {shown(figure.target)}: {verdict}"
    cells = [figure.name, shown(figure.value), figure.unit, shown(figure.limit), shown(figure.ratio), target]
    return f"| {' | '.join(cells)} |"


_HEAD = """# Benchmarks

<!-- Generated from benchmarks/results.json by `make bench`; do not edit. -->

`make bench` measures everything, `make bench NAME=cases` one bench. Each figure is printed as a line
`name value unit limit ratio`. Machines are shared and noisy: read the ratio to the limit, which was measured in
alternate rounds of the same run; values are medians of the rounds, percentiles are over all their samples. All traffic
goes to 127.0.0.1. A limit is the same payload by the shortest honest program (`benchmarks/limits`, frozen).
"""
_ELSEWHERE_HEAD = """## Published elsewhere

For orientation only: other machines, other functions, other test designs.

| what | figure | source |
|---|---|---|"""
