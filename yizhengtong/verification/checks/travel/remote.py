"""The platform as a service: asked as registers are, signed, by kernel.outbound, and left alone while it fails."""

import logging
import threading
from collections.abc import Sequence
from secrets import token_urlsafe

from yizhengtong.foundation.exchange.keys import SigningKey
from yizhengtong.foundation.exchange.registers.remote import Circuit, ask_signed
from yizhengtong.kernel.outbound import Service
from yizhengtong.verification.checks.travel.contract import UNAVAILABLE, Answer, Question
from yizhengtong.verification.checks.travel.messages import question_body, read_answer

log = logging.getLogger(__name__)

_MOST_ANSWER_BYTES = 4096


class RemotePlatform:
    """A service at one address. Asked twice at most, each time with a signature of its own.

    One question at a time; while it is under way another gets no answer and does not wait. Checks ask within their
    transaction, and a slow service would else take every thread of the web server.
    """

    def __init__(
        self, url: str, key: SigningKey, *, timeout_seconds: float, private_networks: Sequence[str] = ()
    ) -> None:
        """Raises ValueError for an address that is neither https nor on this machine."""
        self.url, self.key, self.circuit = url, key, Circuit()
        self.turn = threading.Lock()
        self.service = Service(
            url, private_networks=private_networks, timeout_seconds=timeout_seconds, most_bytes=_MOST_ANSWER_BYTES
        )

    def ask(self, question: Question) -> Answer:
        if not self.circuit.lets_through() or not self.turn.acquire(blocking=False):
            return UNAVAILABLE
        try:
            answer = self._asked(question)
        finally:
            self.turn.release()
        self.circuit.note(worked=answer is not None)
        return answer or UNAVAILABLE

    def _asked(self, question: Question) -> Answer | None:
        identity = token_urlsafe(16)
        content = ask_signed(self.service, self.url, question_body(identity, question), self.key)
        return self._read(content, identity) if content is not None else None

    def _read(self, content: bytes, identity: str) -> Answer | None:
        try:
            return read_answer(content, identity)
        except ValueError:
            log.error("travel.answer_broken")
            return None
