"""Registers that have a service of their own (docs/contracts/registers.md): asked as kernel.outbound asks.

Fails open: what cannot be told is `unavailable`, and the applicant hands in a paper as before.
"""

import json
import logging
import random
import threading
from collections.abc import Sequence
from http import HTTPStatus
from secrets import token_urlsafe
from time import monotonic, time

from yizhengtong.foundation.exchange.keys import SigningKey
from yizhengtong.foundation.exchange.registers.contract import Answer, Kind, Question, unavailable
from yizhengtong.foundation.exchange.registers.messages import question_body, read_answer, signed_headers
from yizhengtong.foundation.exchange.rules import rest_after
from yizhengtong.foundation.observability.context import outgoing_headers
from yizhengtong.kernel.outbound import OutboundProblem, Service

log = logging.getLogger(__name__)

TRIES = 2
_MOST_ANSWER_BYTES = 256 * 1024
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class Circuit:
    """Leaves a service alone after failures in a row; then one question tries it again. Safe to share."""

    def __init__(self) -> None:
        self._lock, self._failures, self._rests_until = threading.Lock(), 0, 0.0

    def lets_through(self) -> bool:
        with self._lock:
            return monotonic() >= self._rests_until

    def note(self, *, worked: bool) -> None:
        with self._lock:
            self._failures = 0 if worked else self._failures + 1
            rest = rest_after(self._failures, random.random())  # noqa: S311 no secret: it spreads tries
            self._rests_until = monotonic() + rest.total_seconds() if rest else 0.0


def ask_signed(service: Service, url: str, body: bytes, key: SigningKey) -> bytes | None:
    """Return what a service answers to a question, asked TRIES times at most; None where it does not answer."""
    for _ in range(TRIES):
        status, content = _once(service, url, body, key)
        if status == HTTPStatus.OK:
            return content
        if status is not None and status not in _TRY_AGAIN:
            break
    log.warning("registers.no_answer service=%s status=%s", service.host, status)
    return None


def _once(service: Service, url: str, body: bytes, key: SigningKey) -> tuple[int | None, bytes]:
    headers = signed_headers(url, body, key, created=int(time()), nonce=token_urlsafe(16))
    try:
        answer = service.ask("POST", "", body, {**headers, **outgoing_headers()})
    except OutboundProblem:
        return None, b""
    return answer.status, answer.body


class RemoteRegister:
    """One kind at one address. Asked twice at most, each time with a signature of its own."""

    def __init__(
        self, url: str, kind: Kind, key: SigningKey, *, timeout_seconds: float, private_networks: Sequence[str] = ()
    ) -> None:
        """Raises ValueError for an address that is neither https nor on this machine."""
        self.url, self.kind, self.key, self.circuit = url, kind, key, Circuit()
        self.service = Service(
            url, private_networks=private_networks, timeout_seconds=timeout_seconds, most_bytes=_MOST_ANSWER_BYTES
        )

    def ask(self, question: Question) -> Answer:
        if question.kind != self.kind or not self.circuit.lets_through():
            return unavailable(self.kind)
        identity = token_urlsafe(16)
        answer = self._asked(identity, question)
        self.circuit.note(worked=answer is not None)
        return answer or unavailable(self.kind)

    def _asked(self, identity: str, question: Question) -> Answer | None:
        content = ask_signed(self.service, self.url, question_body(identity, question), self.key)
        return None if content is None else self._read(content, identity, question)

    def _read(self, content: bytes, identity: str, question: Question) -> Answer | None:
        try:
            return read_answer(content, identity, question)
        except (ValueError, json.JSONDecodeError):
            log.error("registers.answer_broken kind=%s", self.kind)
            return None
