"""What an answer means, how long to wait, when to leave a destination alone. Pure: times and chance are given."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

_COMES_RIGHT = frozenset({408, 425, 429})
"""The only answers of 4xx after which the same may be right later (RFC 9110, RFC 8470, RFC 6585)."""
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 1.0, 300.0
_LONGEST_RETRY_AFTER = timedelta(hours=24)
FAILURES_TO_OPEN = 5
_FIRST_REST_SECONDS, _LONGEST_REST_SECONDS = 5.0, 60.0


class Verdict(StrEnum):
    """What becomes of a push."""

    ACKNOWLEDGED = "acknowledged"
    LATER = "later"
    DEAD = "dead"


def verdict_of(status: int | None) -> Verdict:
    """Return what an answer means; None: there was none. A redirect is followed by nobody and tried again."""
    if status is not None and 200 <= status < 300:
        return Verdict.ACKNOWLEDGED
    if status is not None and 400 <= status < 500 and status not in _COMES_RIGHT:
        return Verdict.DEAD
    return Verdict.LATER


def wait_after(attempts: int, chance: float) -> timedelta:
    """Return how long a push waits after so many attempts: doubled each time, up to five minutes.

    `chance` in [0, 1): half of the wait is left to it, so that what failed together does not come back together.
    """
    whole = min(_FIRST_WAIT_SECONDS * 2.0 ** min(attempts - 1, 30), _LONGEST_WAIT_SECONDS)
    return timedelta(seconds=whole * (0.5 + chance / 2))


def rest_after(failures: int, chance: float) -> timedelta | None:
    """Return how long a destination is left alone after so many failures in a row; None: it is not."""
    if failures < FAILURES_TO_OPEN:
        return None
    whole = min(_FIRST_REST_SECONDS * 2.0 ** min(failures - FAILURES_TO_OPEN, 30), _LONGEST_REST_SECONDS)
    return timedelta(seconds=whole * (0.5 + chance / 2))


def asked_to_wait(header: str, now: datetime) -> timedelta | None:
    """Return what Retry-After asks for (RFC 9110, 10.2.3), seconds or a date, a day at most; None: nothing."""
    text = header.strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        wait = timedelta(seconds=int(text))
    else:
        try:
            at = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(wait, _LONGEST_RETRY_AFTER) if wait > timedelta(0) else None
