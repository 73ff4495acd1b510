"""The bench of sign-ins: codes are exchanged once each, rounds are compared with their neighbours in time."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from benchmarks import sign_in_tokens as tokens
from benchmarks.figures import Figure
from benchmarks.sign_in import Timed
from benchmarks.together import rate
from benchmarks.wire import WrongAnswer
from tests.bench.answering import Answering, answering
from tests.identity.stand_ins import FOLDER


class _Tokens(Answering):
    used: list[str]
    gives_again = False

    def post(self) -> None:
        form = parse_qs(self.received().decode())
        code = form["code"][0]
        is_good = code not in self.used or self.gives_again
        self.used.append(code)
        told = {"access_token": "a", "id_token": "b"} if is_good else {"error": "invalid_grant"}
        self.send(json.dumps(told).encode(), 200 if is_good else 400)


@pytest.fixture
def endpoint() -> Iterator[tokens.Endpoint]:
    """A token endpoint that answers everything at once, and a hundred codes."""
    _Tokens.used, _Tokens.gives_again = [], False
    with answering(_Tokens) as port:
        yield tokens.Endpoint(port, "/token", {"client_id": "c"}, iter(map(str, range(100))), [])


def test_every_code_is_exchanged_once_over_all_connections(endpoint: tokens.Endpoint) -> None:
    endpoint.run(22)
    assert sorted(map(int, _Tokens.used)) == list(range(22))
    assert len(endpoint.rates) == len(endpoint.cpu_ms) == 1


def test_an_endpoint_that_takes_a_code_twice_is_not_measured(endpoint: tokens.Endpoint) -> None:
    endpoint.ensure_right(has_id_token=True)
    with pytest.raises(WrongAnswer, match="ID token"):
        endpoint.ensure_right(has_id_token=False)
    _Tokens.gives_again = True
    with pytest.raises(RuntimeError, match="twice"):
        endpoint.ensure_right(has_id_token=True)


def test_a_refused_code_ends_the_measuring(endpoint: tokens.Endpoint) -> None:
    endpoint.codes = iter(["7", "7", "7", "7"])
    with pytest.raises(WrongAnswer, match="400"):
        endpoint.run(4)


def test_a_machine_that_slows_down_between_the_rounds_does_not_change_the_ratio() -> None:
    def side(*rates: float) -> tokens.Endpoint:
        return tokens.Endpoint(0, "", {}, iter(()), [], list(rates), [1.0])

    found = {
        tokens.OURS: side(80.0, 40.0, 20.0), tokens.TOOLKIT: side(40.0, 20.0, 10.0), tokens.PLAIN: side(80, 40, 20),
    }  # fmt: skip
    by_name = {figure.name: figure for figure in tokens.figures(found)}
    assert by_name["token_ratio"] == Figure("token_ratio", 2.0, "x", target=2.0)
    assert by_name["token_ratio"].is_on_target
    assert by_name["token_ratio.toolkit_plain"].target is None


def test_a_rate_is_of_all_threads_together_and_tells_what_went_wrong() -> None:
    taken: list[float] = []
    assert rate([lambda: 2.0, lambda: 3.0], 9, taken) > 0
    assert len(taken) == 9

    def wrong() -> float:
        raise WrongAnswer("409")

    with pytest.raises(WrongAnswer, match="409"):
        rate([wrong], 3, [])


def test_what_is_timed_stands_beside_as_many_empty_requests() -> None:
    timed = Timed(act=iter([9.0, 1.0, 5.0]).__next__, nothing=iter([1.0, 1.0, 2.0]).__next__)
    timed.run(3)
    assert list(timed.figures("x")) == [Figure("x_p95_ms", 9.0, "ms", 2.0), Figure("x_median_ms", 5.0, "ms", 1.0)]


def test_oidc_provider_exchanges_the_codes_it_made_for_an_id_token(tmp_path: Path) -> None:
    if not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("oidc-provider is missing: python3 scripts/setup.py identity")
    with tokens.node(3, tmp_path) as endpoint:
        endpoint.ensure_right(has_id_token=True)  # raises for a code that gives nothing, or gives twice
        endpoint.run(2)
    assert len(endpoint.rates) == 1
