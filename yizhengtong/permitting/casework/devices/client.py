"""Asking an agent as a page does: for whoever sets a window up, and for the tests of the contract."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection

from yizhengtong.permitting.casework.devices.contract import (
    HEADER,
    PORT,
    VERSION,
    Device,
    DocumentRead,
    Fingerprint,
    read_devices,
    read_document,
    read_fingerprint,
    read_refusal,
)

_SECONDS = 40
"""Longer than an agent waits for a document or a finger."""


class Agent:
    """The agent of this machine. `origin`: the address of the platform in whose name is asked."""

    def __init__(self, origin: str, port: int = PORT) -> None:
        self._origin, self._port = origin, port

    def devices(self) -> list[Device]:
        """Return the devices of the machine."""
        return read_devices(self._ask("GET", "/v1/devices"))

    def document(self) -> DocumentRead:
        """Return the document that lies on the reader. Raises Refused, BrokenContract."""
        return read_document(self._ask("POST", "/v1/documents", {}))

    def fingerprint(self, finger: str) -> Fingerprint:
        """Return one finger. Raises Refused, BrokenContract."""
        return read_fingerprint(self._ask("POST", "/v1/fingerprints", {"finger": finger}))

    def _ask(self, method: str, path: str, body: Mapping[str, str] | None = None) -> bytes:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=_SECONDS)
        try:
            headers = {HEADER: str(VERSION), "Origin": self._origin, "Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status != HTTPStatus.OK:
            raise read_refusal(content)
        return content
