"""A bound link to an SMSC: requests and their answers, a reader that answers what the SMSC asks, a sign of life."""

import itertools
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

from yizhengtong.foundation.notifications.smpp.pdus import (
    HEADER,
    LARGEST,
    RESPONSE,
    Command,
    Malformed,
    Pdu,
    ShortMessage,
    Status,
    bind_body,
    message_id_body,
    short_message_of,
)

Heard = Callable[[ShortMessage], bool]
"""Takes a deliver_sm; false or an exception: not noted, the SMSC may say it again."""
_MOST_SEQUENCE = 0x7FFFFFFF


@dataclass(frozen=True, slots=True)
class Peer:
    """An SMSC and who we are there."""

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    has_tls: bool = False
    timeout_seconds: float = 15.0
    alive_seconds: float = 30.0


class LinkBroken(OSError):
    """The link is gone. `was_sent`: the request may have reached the other side."""

    def __init__(self, *, was_sent: bool) -> None:
        super().__init__("the link to the SMSC is gone")
        self.was_sent = was_sent


class BindRefused(OSError):
    """The SMSC does not let us in."""


class Session:
    """Safe to use from several threads. One that has broken stays broken: make another."""

    def __init__(self, peer: Peer, heard: Heard, *, context: ssl.SSLContext | None = None) -> None:
        """Connect and bind. Raises OSError, BindRefused."""
        self.peer, self._heard = peer, heard
        self._sequences = itertools.cycle(range(1, _MOST_SEQUENCE))
        self._waiting: dict[int, Future[Pdu]] = {}
        self._lock, self._over = threading.Lock(), threading.Event()
        self._socket = _connected(peer, context)
        threading.Thread(target=self._read, name="smpp-reader", daemon=True).start()
        try:
            self._bind()
        except BaseException:
            self._break()
            raise
        threading.Thread(target=self._keep_alive, name="smpp-alive", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        return not self._over.is_set()

    def submit(self, message: ShortMessage) -> Pdu:
        """Return the submit_sm_resp. Raises LinkBroken; ValueError for what does not fit a PDU."""
        return self._request(Command.SUBMIT_SM, message.encoded())

    def enquire(self) -> None:
        """Ask for a sign of life. Raises LinkBroken."""
        self._request(Command.ENQUIRE_LINK, b"")

    def close(self) -> None:
        """Unbind in bounded time, and hang up."""
        with suppress(OSError):
            self._request(Command.UNBIND, b"")
        self._break()

    def _bind(self) -> None:
        peer = self.peer
        body = bind_body(system_id=peer.system_id, password=peer.password, system_type=peer.system_type)
        if self._request(Command.BIND_TRANSCEIVER, body).status != Status.OK:
            raise BindRefused("the SMSC does not let us in")

    def _request(self, command: Command, body: bytes) -> Pdu:
        answer: Future[Pdu] = Future()
        with self._lock:
            sequence = next(self._sequences)
            self._waiting[sequence] = answer
        try:
            self._write(Pdu(command, Status.OK, sequence, body))
            return answer.result(self.peer.timeout_seconds)
        except TimeoutError:
            self._break()
            raise LinkBroken(was_sent=True) from None
        finally:
            self._waiting.pop(sequence, None)

    def _write(self, pdu: Pdu) -> None:
        """Raises LinkBroken; a write that fails may have sent a part, which no SMSC takes for a whole PDU."""
        try:
            with self._lock:
                if self._over.is_set():
                    raise LinkBroken(was_sent=False)
                self._socket.sendall(pdu.encoded())
        except LinkBroken:
            raise
        except OSError:
            self._break()
            raise LinkBroken(was_sent=True) from None

    def _read(self) -> None:
        try:
            while not self._over.is_set():
                self._take(self._next())
        except (OSError, Malformed):
            pass
        finally:
            self._break()

    def _next(self) -> Pdu:
        length, command, status, sequence = HEADER.unpack(self._exactly(HEADER.size))
        if not HEADER.size <= length <= LARGEST:
            raise Malformed("no length of a PDU")
        return Pdu(command, status, sequence, self._exactly(length - HEADER.size))

    def _exactly(self, number: int) -> bytes:
        found = b""
        while len(found) < number:
            try:
                part = self._socket.recv(number - len(found))
            except TimeoutError:
                continue  # the time-out is for writing; silence is the sign of life's affair
            if not part:
                raise LinkBroken(was_sent=True)
            found += part
        return found

    def _take(self, pdu: Pdu) -> None:
        if pdu.command & RESPONSE:
            answer = self._waiting.get(pdu.sequence)
            if answer is not None and not answer.done():
                answer.set_result(pdu)
        elif pdu.command == Command.DELIVER_SM:
            self._answer(pdu, self._note(pdu), message_id_body())
        elif pdu.command == Command.ENQUIRE_LINK:
            self._answer(pdu, Status.OK)
        elif pdu.command == Command.UNBIND:
            self._answer(pdu, Status.OK)
            self._break()
        else:
            self._write(Pdu(Command.GENERIC_NACK, Status.INVALID_COMMAND, pdu.sequence))

    def _note(self, pdu: Pdu) -> Status:
        try:
            return Status.OK if self._heard(short_message_of(pdu.body)) else Status.TEMPORARY_APPLICATION_ERROR
        except Exception:  # noqa: BLE001 whatever the listener raises, the link goes on and the SMSC says it again
            return Status.TEMPORARY_APPLICATION_ERROR

    def _answer(self, pdu: Pdu, status: Status, body: bytes = b"") -> None:
        self._write(Pdu(pdu.command | RESPONSE, status, pdu.sequence, body))

    def _keep_alive(self) -> None:
        while not self._over.wait(self.peer.alive_seconds):
            with suppress(OSError):
                self.enquire()

    def _break(self) -> None:
        """Hang up, and tell everybody who waits."""
        self._over.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for answer in list(self._waiting.values()):
            if not answer.done():
                with suppress(Exception):
                    answer.set_exception(LinkBroken(was_sent=True))


def _connected(peer: Peer, context: ssl.SSLContext | None) -> socket.socket:
    raw = socket.create_connection((peer.host, peer.port), timeout=peer.timeout_seconds)
    if not peer.has_tls:
        return raw
    try:
        return (context or ssl.create_default_context()).wrap_socket(raw, server_hostname=peer.host)
    except BaseException:
        raw.close()
        raise
