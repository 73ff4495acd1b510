"""The client of the journeys: how an officer's second factor is given."""

from typing import Any

import pytest

from yizhengtong.project.demonstration import client
from yizhengtong.project.demonstration.client import STEP_SECONDS, Client, Refused, sign_in_officer, totp

SECRET = "JBSWY3DPEHPK3PXP"
BOUNDARY = 59_666_667 * STEP_SECONDS


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self, now: float) -> None:
        self.now, self.slept = now, 0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now, self.slept = self.now + seconds, self.slept + 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(BOUNDARY - 0.5)
    monkeypatch.setattr(client, "time", clock)
    return clock


def answering(monkeypatch: pytest.MonkeyPatch, *statuses: int) -> list[str]:
    """Let the second factor be answered so, in this order. Returns the codes that were sent."""
    codes: list[str] = []

    def post(self: Client, path: str, payload: Any) -> Any:
        if path.endswith("/login"):
            raise Refused(401, {"meta": {"session_token": "pending"}})
        codes.append(payload["code"])
        status = statuses[len(codes) - 1]
        if status != 200:
            raise Refused(status, {})
        return {"meta": {"session_token": "signed-in"}}

    monkeypatch.setattr(Client, "post", post)
    return codes


def signed_in() -> str:
    return sign_in_officer(8000, "demo-clerk", "password", SECRET).headers["X-Session-Token"]


def test_a_code_that_is_taken_is_sent_once_without_waiting(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = answering(monkeypatch, 200)
    assert signed_in() == "signed-in"
    assert (codes, clock.slept) == ([totp(SECRET, BOUNDARY - 1)], 0)


def test_a_code_that_is_refused_is_followed_by_the_next_one(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = answering(monkeypatch, 400, 200)
    assert signed_in() == "signed-in"
    assert codes == [totp(SECRET, BOUNDARY - 1), totp(SECRET, BOUNDARY)]
    assert clock.slept == 1


def test_a_second_refusal_is_the_last(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = answering(monkeypatch, 400, 400)
    with pytest.raises(Refused, match=r"^400"):
        signed_in()
    assert len(codes) == len(set(codes)) == 2


def test_a_refusal_that_no_code_mends_is_not_tried_again(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = answering(monkeypatch, 429)
    with pytest.raises(Refused, match=r"^429"):
        signed_in()
    assert (len(codes), clock.slept) == (1, 0)
