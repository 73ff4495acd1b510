"""SMS by SMPP 3.4: a bound link kept by the process, parts with a common reference, receipts noted before answered."""

import itertools
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from yizhengtong.foundation.notifications.channels.contract import (
    Accepted,
    Known,
    Outgoing,
    Rejected,
    TryLater,
    Unsure,
)
from yizhengtong.foundation.notifications.smpp.pdus import (
    MESSAGE_PAYLOAD,
    PASSING,
    Pdu,
    ShortMessage,
    Status,
    message_id_of,
)
from yizhengtong.foundation.notifications.smpp.receipts import receipt_of
from yizhengtong.foundation.notifications.smpp.session import LinkBroken, Peer, Session
from yizhengtong.foundation.notifications.smpp.texts import coded, headers, whole

_UDH = 0x40
_RECEIPT_WANTED = 0x01
_THROTTLE_WAIT = timedelta(seconds=10)
_TRIES_OF_A_PART = 5
_PART_WAIT_SECONDS = 0.5
Noted = Callable[[str, str], bool]
"""Takes a provider's id and `delivered`, `failed` or nothing; says whether it is noted."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How messages are written. `long`: parts with a header, or one PDU with message_payload. 0 a second: no limit."""

    sender: str = ""
    long: Literal["parts", "payload"] = "parts"
    per_second: int = 0


class SmppWay:
    """Keeps one link; a broken one is made anew by the next message."""

    name = "smpp"
    repeats_safely = False

    def __init__(self, peer: Peer, manner: Manner, noted: Noted, *, context: ssl.SSLContext | None = None) -> None:
        self.peer, self.manner, self._noted, self._context = peer, manner, noted, context
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._references = itertools.count(int(time.time()))
        self._free_at = 0.0

    def send(self, outgoing: Outgoing) -> Accepted:
        try:
            messages = self._messages(outgoing)
        except ValueError:
            raise Rejected("notifications.address_unusable") from None
        ids: list[str] = []
        for message in messages:
            answer = self._submit(message, is_first=not ids)
            ids.append(f"smpp:{message_id_of(answer.body)}")
        return Accepted(tuple(ids), is_final=False)

    def ask(self, key: str) -> Known:  # noqa: ARG002 the SMSC knows its own ids only
        return Known.CANNOT_TELL

    def keep(self) -> None:
        """Bind where no link is: an SMSC holds receipts until somebody is there to hear them. Raises TryLater."""
        self._bound()

    def close(self) -> None:
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            session.close()

    def _messages(self, outgoing: Outgoing) -> list[ShortMessage]:
        destination = outgoing.address.removeprefix("+")
        if self.manner.long == "payload":
            coding, content = whole(outgoing.text)
            return [self._message(destination, coding, b"", options={MESSAGE_PAYLOAD: content})]
        text = coded(outgoing.text)
        if len(text.parts) == 1:
            return [self._message(destination, text.data_coding, text.parts[0])]
        each_header = headers(len(text.parts), next(self._references))
        return [
            self._message(destination, text.data_coding, header + part, esm_class=_UDH)
            for header, part in zip(each_header, text.parts, strict=True)
        ]

    def _message(
        self, destination: str, coding: int, content: bytes, *, esm_class: int = 0,
        options: dict[int, bytes] | None = None,
    ) -> ShortMessage:  # fmt: skip
        sender = self.manner.sender
        return ShortMessage(
            destination=destination, content=content, source=sender, source_ton=0 if sender.isdigit() else 5,
            esm_class=esm_class, data_coding=coding, registered_delivery=_RECEIPT_WANTED, options=options or {},
        )  # fmt: skip

    def _submit(self, message: ShortMessage, *, is_first: bool) -> Pdu:
        """Return the answer to one part. Once a part has gone, what goes wrong leaves the whole unsure."""
        for _ in range(1 if is_first else _TRIES_OF_A_PART):
            answer = self._answer(message, is_first=is_first)
            if answer.status == Status.OK:
                return answer
            if is_first:
                raise _refusal(answer.status)
            time.sleep(_PART_WAIT_SECONDS)  # throttled in the middle: the rest of it is worth a short wait
        raise Unsure("notifications.part_refused")

    def _answer(self, message: ShortMessage, *, is_first: bool) -> Pdu:
        try:
            session = self._bound()
            self._wait_for_turn()
            return session.submit(message)
        except LinkBroken as broken:
            if broken.was_sent or not is_first:
                raise Unsure("notifications.link_broke") from None
            raise TryLater("notifications.server_away") from None
        except TryLater as problem:
            if is_first:
                raise
            raise Unsure(problem.code) from None

    def _bound(self) -> Session:
        with self._lock:
            if self._session is None or not self._session.is_alive:
                try:
                    self._session = Session(self.peer, self._hear, context=self._context)
                except OSError:
                    raise TryLater("notifications.server_away") from None
            return self._session

    def _wait_for_turn(self) -> None:
        if not self.manner.per_second:
            return
        with self._lock:
            now = time.monotonic()
            at = max(now, self._free_at)
            self._free_at = at + 1 / self.manner.per_second
        time.sleep(at - now)

    def _hear(self, message: ShortMessage) -> bool:
        receipt = receipt_of(message)
        return True if receipt is None else self._noted(f"smpp:{receipt.message_id}", receipt.state)


def _refusal(status: int) -> Rejected | TryLater:
    if status in PASSING:
        return TryLater("notifications.server_busy", least=_THROTTLE_WAIT)
    return Rejected("notifications.refused_by_server")
