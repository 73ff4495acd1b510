"""Signatures as Standard Webhooks has them; answers; waits."""

from datetime import timedelta

import pytest

from yizhengtong.verification.webhooks.notices import (
    Verdict,
    is_proof,
    proof_of,
    signature_headers,
    verdict_of,
    wait_after,
    written_secret,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_published_example_of_standard_webhooks_is_signed_as_it_is() -> None:
    headers = signature_headers([SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_secret_signs() -> None:
    first, second = SECRET, written_secret(b"\x01" * 32)
    alone = [signature_headers([each], "ntc_1", 1, b"{}")["webhook-signature"] for each in (first, second)]
    assert signature_headers([first, second], "ntc_1", 1, b"{}")["webhook-signature"].split() == alone


@pytest.mark.parametrize(
    "answer",
    [b"", b"null", b"[]", b'{"proof": 1}', b'{"challenge": "ntc_1"}', b'{"proof": "ntc_1"}', b'{"proof": "\xc3\xa9"}'],
)
def test_what_is_no_proof_is_none(answer: bytes) -> None:
    assert not is_proof(answer, [SECRET], "ntc_1")


def test_a_proof_is_made_with_the_secret_over_this_challenge() -> None:
    answer = f'{{"proof": "{proof_of(SECRET, "ntc_1")}"}}'.encode()
    assert is_proof(answer, [written_secret(b"\x01" * 32), SECRET], "ntc_1")
    assert not is_proof(answer, [SECRET], "ntc_2")
    assert not is_proof(answer, [written_secret(b"\x01" * 32)], "ntc_1")


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.ACKNOWLEDGED), (204, Verdict.ACKNOWLEDGED), (301, Verdict.LATER), (404, Verdict.LATER),
        (410, Verdict.GONE), (500, Verdict.LATER), (None, Verdict.LATER), (199, Verdict.LATER),
    ],
)  # fmt: skip
def test_only_2xx_acknowledges(status: int | None, verdict: Verdict) -> None:
    assert verdict_of(status) == verdict


def test_waits_double_up_to_the_longest_and_half_of_them_is_chance() -> None:
    first, longest = timedelta(minutes=1), timedelta(hours=1)
    whole = [wait_after(n, 1.0, first, longest) for n in (1, 2, 3, 7, 500)]
    assert whole == [first, 2 * first, 4 * first, longest, longest]
    assert wait_after(3, 0.0, first, longest) == 2 * first
