"""`sign_in`: real-name sign-ins, tokens, share codes and presentations over HTTP, from first request to last answer."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks import sign_in_tokens as tokens
from benchmarks.credentials_requests import ADDRESS, Wallet
from benchmarks.figures import Figure, middle, percentile
from benchmarks.ground import Ground, durable_ground, prepare_city, run_python, sealer, web_server, worker
from benchmarks.sign_in_flows import (
    PRESENTATION_REQUESTS,
    SHARE_REQUESTS,
    SIGN_IN_REQUESTS,
    Nothing,
    Presenting,
    Reading,
    SigningIn,
)
from benchmarks.together import Act, rate

_WARM_UP = 20
_UNLIMITED = json.dumps({
    name: [0, 60]
    for name in (
        "checks", "code_readings", "openid_requests", "openid_tokens", "share_checks", "share_checks_of_one",
        "share_checks_of_all", "wallet_answers", "wallet_copies",
    )
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done in each round: codes exchanged, sign-ins, share codes and presentations."""

    rounds: int = 3
    tokens: int = 600
    sign_ins: int = 120
    shown: int = 60


@dataclass(slots=True)
class Timed:
    """Something that is done again and again one after another, and the same number of empty requests; milliseconds."""

    act: Act
    nothing: Act
    taken: list[float] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)

    def warm_up(self) -> None:
        for act in (self.act, self.nothing):
            for _ in range(_WARM_UP):
                act()

    def run(self, count: int) -> None:
        self.taken += [self.act() for _ in range(count)]
        self.empty += [self.nothing() for _ in range(count)]

    def figures(self, name: str) -> Iterator[Figure]:
        yield Figure(f"{name}_p95_ms", percentile(self.taken, 0.95), "ms", percentile(self.empty, 0.95))
        yield Figure(f"{name}_median_ms", middle(self.taken), "ms", middle(self.empty))


def measure() -> Iterator[Figure]:
    """Yield the figures of `sign_in`."""
    yield from measure_at(Size())


def measure_at(size: Size) -> Iterator[Figure]:
    """Yield the figures at another size: for a look, not for the page."""
    with durable_ground(may_create_databases=True) as plain, contextlib.ExitStack() as stack:
        environment = {**plain.environment, "YZT_LIMITS": _UNLIMITED, "YZT_ADDRESS": ADDRESS}
        ground = replace(plain, environment=environment)
        prepare_city(ground)
        filled = _filled(ground, size)
        port, process = stack.enter_context(web_server(ground))
        empty_port, _ = stack.enter_context(web_server(ground, settings="benchmarks.limits.empty"))
        client = {"client_id": filled["client_id"], "client_secret": filled["secret"]}
        pids = [process.pid or 0, ground.database.pid]
        ours = tokens.Endpoint(port, "/openid/token", client, iter(filled["codes"]), pids)
        with tokens.endpoints(ground, ours, tokens.needed(size.tokens, size.rounds)) as beside:
            for _ in range(size.rounds):
                for each in beside.values():
                    each.run(size.tokens)
        yield from tokens.figures(beside)
        for background in (worker, sealer):
            stack.enter_context(background(ground))
        yield from _whole(port, empty_port, filled, size)


def _filled(ground: Ground, size: Size) -> Mapping[str, Any]:
    path = ground.home / "sign_in.json"
    shares = size.rounds * size.shown + _WARM_UP
    run_python(ground, "-m", "benchmarks.fill_sign_in", str(tokens.needed(size.tokens, size.rounds)), str(shares),
               str(path))  # fmt: skip
    found: Mapping[str, Any] = json.loads(path.read_text())
    return found


def _whole(port: int, empty_port: int, filled: Mapping[str, Any], size: Size) -> Iterator[Figure]:
    """Sign-ins over four connections, then share codes and presentations one after another."""
    browsers: list[Act] = [SigningIn(port, filled, session) for session in filled["sessions"][: tokens.CONNECTIONS]]
    nobody: list[Act] = [Nothing(empty_port, SIGN_IN_REQUESTS) for _ in browsers]
    presenting = Presenting(port, filled, *Wallet(port, filled["wallet"]).collect())
    reading = Reading(port, iter(filled["shares"]), filled["birth_date"])
    timed = {
        "share_code": Timed(reading, Nothing(empty_port, SHARE_REQUESTS)),
        "presentation": Timed(presenting, Nothing(empty_port, PRESENTATION_REQUESTS)),
    }
    for act in (*browsers, *nobody):
        act()
    for each in timed.values():
        each.warm_up()
    rates, limits, milliseconds = list[float](), list[float](), list[float]()
    for _ in range(size.rounds):
        rates.append(rate(browsers, size.sign_ins, milliseconds))
        limits.append(rate(nobody, size.sign_ins, []))
        for each in timed.values():
            each.run(size.shown)
    yield Figure("sign_ins_per_second", middle(rates), "1/s", middle(limits))
    yield Figure("sign_in_p95_ms", percentile(milliseconds, 0.95), "ms")
    for name, each in timed.items():
        yield from each.figures(name)
