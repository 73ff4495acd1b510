"""Sending a request until it is acknowledged, as a careful client does: the same key again after silence."""

import http.client
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from faults.ledger import Entry, Ledger

_TIMEOUT_SECONDS = 20
_PATIENCE_SECONDS = 90.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 1.0
_FAILURES = 500
_TOO_MANY = 429
_REFUSED = 400
_STALE = 412


class GaveUp(Exception):
    """A request that was not acknowledged in time, or was refused; the text holds the status and the code."""


class NoAnswer(GaveUp):
    """No answer came for as long as the caller waits: nothing was acknowledged, nothing refused."""


@dataclass(slots=True)
class Sending:
    """One attempt on its way; `kills`: the kills that happened while it was."""

    kills: list[Any] = field(default_factory=list)


class InFlight:
    """Which requests are sent and unanswered at this moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sendings: set[int] = set()
        self._by_id: dict[int, Sending] = {}

    def begin(self, sending: Sending) -> None:
        with self._lock:
            self._by_id[id(sending)] = sending

    def end(self, sending: Sending) -> None:
        with self._lock:
            del self._by_id[id(sending)]

    def now(self) -> list[Sending]:
        with self._lock:
            return list(self._by_id.values())


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class World:
    """What all callers share: the port, the ledger, what is in flight, what has been sent for sending it again."""

    port: int
    ledger: Ledger
    in_flight: InFlight = field(default_factory=InFlight)
    is_ending: threading.Event = field(default_factory=threading.Event)
    repeatable: list[tuple[Entry, Callable[[], Answer], bytes]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    broken: int = 0
    answered: int = 0
    waited_in_vain: list[str] = field(default_factory=list)


class Caller:
    """Somebody signed in, or with `secret` a relying party. Not shared between threads."""

    def __init__(self, world: World, session: str = "", subject: str = "", *, secret: str = "") -> None:
        self._world = world
        known = {"Authorization": f"Bearer {secret}"} if secret else {"X-Session-Token": session}
        self._headers = {**known, "Accept-Language": "zh-Hans"}
        self.subject = subject
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        """Read, again and again until there is an answer."""
        return self._until_answered("GET", path, lambda: (b"", {}), None)

    def post(self, operation: str, path: str, payload: object = None, *, etag: str = "") -> Answer:
        """Change something once, under a key of its own."""
        body = b"" if payload is None else json.dumps(payload).encode()
        headers = {"Content-Type": "application/json"} if body else {}
        return self._keyed(operation, path, lambda: (body, {**headers, **({"If-Match": etag} if etag else {})}))

    def upload(self, operation: str, path: str, content: bytes, **fields: str) -> Answer:
        """Hand in a picture, or another file, once."""
        return self._keyed(operation, path, lambda: _form(content, fields))

    def patch(self, operation: str, path: str, payload: Mapping[str, object], *, etag: str) -> Answer:
        """Save answers. There is no key: after silence the version tells whether they were saved."""
        entry = Entry(f"patch-{uuid.uuid4().hex}", operation, self.subject)
        body, headers = json.dumps(payload).encode(), {"Content-Type": "application/json", "If-Match": etag}
        try:
            return self._until_answered("PATCH", path, lambda: (body, headers), entry)
        except GaveUp as refused:
            if str(_STALE) not in str(refused) or len(entry.attempts) == 1:
                raise
        now = self.get(path)
        saved = now.json()["answers"]
        if any(saved.get(name) != value for name, value in payload.items() if name != "claims"):
            raise GaveUp("answers were lost between two versions")
        self._acknowledge(entry, now)
        return now

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _keyed(self, operation: str, path: str, make: Callable[[], tuple[bytes, dict[str, str]]]) -> Answer:
        entry = Entry(uuid.uuid4().hex, operation, self.subject)

        def keyed() -> tuple[bytes, dict[str, str]]:
            body, headers = make()
            return body, {**headers, "Idempotency-Key": entry.key}

        answer = self._until_answered("POST", path, keyed, entry)
        body, headers = keyed()
        again = {**self._headers, **headers}
        self._world.repeatable.append((entry, lambda: _once(self._world.port, path, body, again), answer.body))
        return answer

    def _until_answered(
        self, method: str, path: str, make: Callable[[], tuple[bytes, dict[str, str]]], entry: Entry | None
    ) -> Answer:
        until, pause, met = time.monotonic() + _PATIENCE_SECONDS, _FIRST_PAUSE_SECONDS, Counter[str]()
        while True:
            answer = self._attempt(method, path, *make(), entry)
            if isinstance(answer, Answer) and answer.status < _REFUSED:
                self._world.answered += 1
                if entry is not None:
                    self._acknowledge(entry, answer)
                return answer
            told = f"{answer.status} {_code(answer.body)}" if isinstance(answer, Answer) else answer
            if isinstance(answer, Answer) and answer.status < _FAILURES and answer.status != _TOO_MANY:
                raise GaveUp(f"{method} {entry.operation if entry else 'read'}: {told}")
            met[told] += 1
            if time.monotonic() > until:
                raise NoAnswer(f"{method} {entry.operation if entry else 'read'}: {_counted(met)}")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _attempt(
        self, method: str, path: str, body: bytes, headers: dict[str, str], entry: Entry | None
    ) -> Answer | str:
        """Send once. Returns what broke it off when there was no whole answer."""
        identity = uuid.uuid4().hex
        if entry is not None:
            entry.attempts.append(identity)
            self._world.ledger.sending(entry)
        sending = Sending()
        try:
            connection = self._connected()
            connection.request(method, path, body, {**self._headers, **headers, "X-Request-Id": identity})
            self._world.in_flight.begin(sending)
            try:
                response = connection.getresponse()
                return Answer(response.status, dict(response.headers.items()), response.read())
            finally:
                self._world.in_flight.end(sending)
        except (OSError, http.client.HTTPException) as broken:
            self.close()
            self._world.broken += 1
            for kill in sending.kills:
                kill.broke += 1
            return type(broken).__name__

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._world.port, timeout=_TIMEOUT_SECONDS)
        return self._connection

    def _acknowledge(self, entry: Entry, answer: Answer) -> None:
        told = answer.json() if answer.body else {}
        entry.status = answer.status
        names = ("id", "state", "version", "permit_id", "receipt_number")
        entry.facts = {name: told[name] for name in names if isinstance(told, dict) and name in told}
        self._world.ledger.acknowledged(entry)


def _once(port: int, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("POST", path, body, dict(headers))
        response = connection.getresponse()
        return Answer(response.status, dict(response.headers.items()), response.read())
    finally:
        connection.close()


def _form(content: bytes, fields: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    boundary = uuid.uuid4().hex
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head = 'Content-Disposition: form-data; name="file"; filename="paper.jpg"\r\nContent-Type: image/jpeg'
    body = f"{parts}--{boundary}\r\n{head}\r\n\r\n".encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def _counted(met: Counter[str]) -> str:
    return ", ".join(f"{what} x {number}" for what, number in met.most_common())


def _code(body: bytes) -> str:
    try:
        problem = json.loads(body)
        return f"{problem.get('code')} {[error.get('code') for error in problem.get('errors', [])] or ''}".strip()
    except (ValueError, AttributeError):
        return "without a problem document"
