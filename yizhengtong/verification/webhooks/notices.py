"""What a notice says and how it is signed (Standard Webhooks); what an answer means; how long to wait. Pure."""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from http import HTTPStatus

from yizhengtong.verification.checks.rules import State

_PREFIX = "whsec_"
_MOST_DOUBLINGS = 30


class Verdict(StrEnum):
    """What becomes of a notice."""

    ACKNOWLEDGED = "acknowledged"
    LATER = "later"
    GONE = "gone"


class Told(StrEnum):
    """Classes of state that are told. After ENDED and REPLACED nothing more is."""

    SUSPENDED = "suspended"
    RESTORED = "restored"
    ENDED = "ended"
    REPLACED = "replaced"


LAST = frozenset({Told.ENDED, Told.REPLACED})
EXPIRED = "webhooks.expired"
"""The event of a permit that somebody is told of, on the day after its last: no step is taken then."""
TOLD_OF: Mapping[str, Told] = {
    "permits.suspend": Told.SUSPENDED,
    "permits.report_loss": Told.SUSPENDED,
    "permits.restore": Told.RESTORED,
    "permits.report_found": Told.RESTORED,
    "permits.void": Told.ENDED,
    "permits.end_functions": Told.ENDED,
    "permits.replace": Told.REPLACED,
    "permits.convert": Told.REPLACED,
    EXPIRED: Told.ENDED,
}
"""Steps of a permit and what is told of them. Why a permit is suspended or has ended is nobody's business."""
INSTEAD: Mapping[State, Told] = {
    State.EXPIRED: Told.ENDED,
    State.SUSPENDED: Told.SUSPENDED,
    State.LOST: Told.SUSPENDED,
}
"""What is told instead of RESTORED where the permit is not good all the same, such as one that was found too late."""


def written_secret(secret: bytes) -> str:
    """Return a secret as receivers' libraries take it."""
    return _PREFIX + base64.b64encode(secret).decode()


def secret_bytes(written: str) -> bytes:
    """Return the bytes of a written secret."""
    return base64.b64decode(written.removeprefix(_PREFIX), validate=True)


def body_of(kind: str, at: datetime, said: Mapping[str, str]) -> bytes:
    """Return what is sent: `type`, `timestamp` (of what happened, ISO 8601) and `data`."""
    return json.dumps({"type": kind, "timestamp": at.isoformat(), "data": dict(said)}, separators=(",", ":")).encode()


def signature_headers(secrets: Sequence[str], notice_id: str, at: int, body: bytes) -> dict[str, str]:
    """Return the headers that sign a body. `at`: seconds since 1970, of this attempt. One signature a secret."""
    content = b".".join((notice_id.encode(), str(at).encode(), body))
    made = [base64.b64encode(hmac.digest(secret_bytes(each), content, sha256)).decode() for each in secrets]
    return {
        "webhook-id": notice_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{each}" for each in made),
    }


def proof_of(secret: str, challenge: str) -> str:
    """Return what an address answers to a challenge, as hexadecimal digits. An echo of what was sent proves nothing."""
    return hmac.new(secret_bytes(secret), challenge.encode(), sha256).hexdigest()


def is_proof(answer: bytes, secrets: Sequence[str], challenge: str) -> bool:
    """Whether an answer is `{"proof": …}` made with one of the secrets."""
    try:
        said = json.loads(answer)
    except ValueError:
        return False
    proof = said.get("proof") if isinstance(said, dict) else None
    return isinstance(proof, str) and any(
        hmac.compare_digest(proof.encode(), proof_of(each, challenge).encode()) for each in secrets
    )


def verdict_of(status: int | None) -> Verdict:
    """Return what an answer means; None: there was none. A redirect is followed by nobody; 410 asks for no more."""
    if status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict.ACKNOWLEDGED
    return Verdict.GONE if status == HTTPStatus.GONE else Verdict.LATER


def wait_after(attempts: int, chance: float, first: timedelta, longest: timedelta) -> timedelta:
    """Return how long a notice waits after so many attempts: doubled each time; half of it is left to chance."""
    doublings: int = 2 ** min(attempts - 1, _MOST_DOUBLINGS)
    return min(first * doublings, longest) * ((1 + chance) / 2)
