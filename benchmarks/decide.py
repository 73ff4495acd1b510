"""`decide`: applications decided from frozen facts on one core, under the law of Jinan as the packs have it."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from benchmarks.figures import Figure, middle
from benchmarks.limits.findings import build_findings
from yizhengtong.kernel.dates import add_months
from yizhengtong.law.reading import Library, pack_texts
from yizhengtong.permitting.applications.facts import Facts, HeldPermit, Judged, TravelDocument
from yizhengtong.permitting.casework.rules import decide
from yizhengtong.registry.residence.rules import Stay

TARGET_DECISIONS_PER_SECOND = 20_000.0
ON = date(2026, 9, 18)
_PLACE = "370102"
_ITEM = "hmt.first_issue"
_ROUNDS = 7
_ROUND_SECONDS = 0.4
_BATCH = 50
_APPLICANTS = 64


def measure() -> Iterator[Figure]:
    """Yield the figures of `decide`."""
    law = Library.from_texts(pack_texts()).law(_PLACE, "hmt", ON)
    texts = [json.dumps(facts.to_json()) for facts in applicants(_APPLICANTS)]
    stored: list[dict[str, Any]] = [json.loads(text) for text in texts]
    frozen = [Facts.from_json(each) for each in stored]
    outcomes = [decide(facts, law, _ITEM, ON).findings for facts in frozen]
    works: dict[str, Callable[[int], object]] = {
        "decided": lambda n: decide(frozen[n], law, _ITEM, ON),
        "limit": lambda n: build_findings(outcomes[n]),
        "with_reading": lambda n: decide(Facts.from_json(stored[n]), law, _ITEM, ON),
        "with_parsing": lambda n: decide(Facts.from_json(json.loads(texts[n])), law, _ITEM, ON),
    }
    rates: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(_ROUNDS):
        for name, work in works.items():
            rates[name].append(rate(work, seconds=_ROUND_SECONDS))
    limit = middle(rates["limit"])
    yield Figure("decisions_per_second", middle(rates["decided"]), "1/s", limit, TARGET_DECISIONS_PER_SECOND)
    yield Figure("decisions_per_second.from_json", middle(rates["with_reading"]), "1/s", limit)
    yield Figure("decisions_per_second.from_text", middle(rates["with_parsing"]), "1/s", limit)
    yield Figure("findings_per_decision", sum(map(len, outcomes)) / len(outcomes), "findings")
    yield Figure("granted_share", sum(all(f.met for f in each) for each in outcomes) / len(outcomes) * 100, "%")


def applicants(count: int) -> list[Facts]:
    """Return varied facts: long and short residence, one to four stays, with and without papers, judged or not."""
    return [_applicant(n) for n in range(count)]


def _applicant(n: int) -> Facts:
    has_papers, is_judged = n % 4 != 3, n % 2 == 0
    documents = ("travel_document", "dwelling_proof")
    return Facts(
        region=("HK", "MO", "TW")[n % 3],
        birth_date=date(1960, 1, 1) + timedelta(days=n * 331),
        place=_PLACE,
        travel_document=TravelDocument("mtp_five_year" if n % 3 == 2 else "hrp", date(2028, 1, 1)),
        stays=_stays(1 + n % 4, months=8 if n % 5 else 3),
        claims=("dwelling",),
        applies_of_own_will=True,
        photo="captured",
        has_fingerprints=True,
        has_signed_form=True,
        permit=HeldPermit("held", date(2027, 1, 1), _PLACE) if n % 16 == 15 else None,
        evidence={"travel_document": ("hrp",), "dwelling_proof": ("lease",)} if has_papers else {},
        judged_documents={code: Judged(met=True) for code in documents} if is_judged and has_papers else {},
    )


def _stays(count: int, *, months: int) -> tuple[Stay, ...]:
    """Return stays one after another, the last of which goes on."""
    start = add_months(ON, -months)
    steps = [start + timedelta(days=25 * n) for n in range(count)]
    ends: list[date | None] = [*steps[1:], None]
    return tuple(Stay(_PLACE, begin, until, "self") for begin, until in zip(steps, ends, strict=True))


def rate(work: Callable[[int], object], *, seconds: float) -> float:
    """Return how often a second `work(n)`, n going round the applicants, is done; CPU time of this one thread."""
    done, begun = 0, time.thread_time()
    while (spent := time.thread_time() - begun) < seconds:
        for n in range(_BATCH):
            work((done + n) % _APPLICANTS)
        done += _BATCH
    return done / spent
