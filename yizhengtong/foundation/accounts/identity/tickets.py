"""Exchange of a ticket, in the manner of 浙里办: the browser brings a ticket, which we exchange for the person.

The contract is docs/contracts/identity-tickets.md: what such services publish differs and none of it is in the sources,
so an adapter at the service's side fulfils ours.
"""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from yizhengtong.foundation.accounts.identity.contract import (
    Asking,
    Proven,
    day_of,
    ensure_same,
    known_kind,
    read_object,
    refused,
    text_of,
    unavailable,
)
from yizhengtong.kernel.outbound import OutboundProblem, Service

_LONGEST_TICKET = 256
_OK, _GONE = 200, (400, 401, 403, 404, 409, 410)


class TicketService:
    """A service that gives tickets. `levels`: the levels that count, empty for any."""

    def __init__(
        self,
        code: str,
        *,
        address: str,
        client_id: str,
        client_secret: str,
        levels: Sequence[str] = (),
        private_networks: Sequence[str] = (),
    ) -> None:
        self.code, self.address, self.client_id, self.levels = code, address.rstrip("/"), client_id, tuple(levels)
        self._key = client_secret.encode()
        self._service = Service(self.address, private_networks=private_networks)

    def ask(self, *, back: str) -> Asking:
        state = secrets.token_urlsafe(24)
        query = urlencode({"client": self.client_id, "goto": _goto(back, state)})
        return Asking(f"{self.address}/login?{query}", {"state": state})

    def prove(self, *, answer: Mapping[str, str], kept: Mapping[str, str], back: str) -> Proven:
        ensure_same(kept.get("state", ""), answer.get("state", ""))
        ticket = answer.get("ticket", "")
        if not ticket or len(ticket) > _LONGEST_TICKET:
            raise refused()
        given = self._exchange("/token", {"ticket": ticket})
        ensure_same(_goto(back, kept["state"]), text_of(given, "goto", 2000))  # a ticket of another asking is none
        told = self._exchange("/user", {"token": text_of(given, "token", 4000)})
        level, subject = text_of(told, "level"), text_of(told, "user")
        if not subject or (self.levels and level not in self.levels):
            raise refused()
        kind = known_kind(text_of(told, "document_kind"))
        return Proven(
            service=self.code,
            subject=subject,
            name=text_of(told, "name"),
            kind=kind,
            number=text_of(told, "document_number") if kind else "",
            birth_date=day_of(text_of(told, "birth_date")),
            level=level,
        )

    def _exchange(self, path: str, sent: Mapping[str, str]) -> dict[str, Any]:
        body = json.dumps(sent, separators=(",", ":")).encode()
        at = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "X-Client": self.client_id,
            "X-Time": at,
            "X-Signature": signature(self._key, at, path, body),
        }
        try:
            answer = self._service.ask("POST", path, body, headers)
        except OutboundProblem as problem:
            raise unavailable() from problem
        if answer.status in _GONE:
            raise refused()
        if answer.status != _OK:
            raise unavailable()
        return read_object(answer.body)


def _goto(back: str, state: str) -> str:
    return f"{back}?{urlencode({'state': state})}"


def signature(key: bytes, at: str, path: str, body: bytes) -> str:
    """Return what signs a question: HMAC-SHA-256 over time, path and the body's SHA-256, a line each."""
    text = f"{at}\n{path}\n{hashlib.sha256(body).hexdigest()}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
