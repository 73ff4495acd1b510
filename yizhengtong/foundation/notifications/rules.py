"""When a message may go: quiet hours, back-off, expiry. Legal days and clock times are Asia/Shanghai."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from yizhengtong.kernel.dates import CHINA

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
MOST_ATTEMPTS = 12
LEASE = timedelta(minutes=5)
"""Longer than any sending takes: what is still being sent after it was left by a process that died."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Clock times `[start, until)`, which may pass midnight; equal ends are no hours at all."""

    start: time
    until: time

    def holds(self, at: datetime) -> bool:
        """Whether the instant lies in them."""
        clock = at.astimezone(CHINA).time()
        if self.start <= self.until:
            return self.start <= clock < self.until
        return clock >= self.start or clock < self.until

    def end_after(self, at: datetime) -> datetime:
        """Return the first instant from `at` on that lies outside."""
        if not self.holds(at):
            return at
        local = at.astimezone(CHINA)
        end = datetime.combine(local.date(), self.until, CHINA)
        return end if end > local else end + timedelta(days=1)


def wait_after(attempts: int, random: Callable[[], float]) -> timedelta:
    """Return how long to wait after so many attempts: doubled each time, between half and the whole of it."""
    whole = min(FIRST_WAIT * (1 << min(max(attempts - 1, 0), MOST_ATTEMPTS)), LONGEST_WAIT)
    return whole * (0.5 + random() / 2)


def next_try(
    now: datetime, attempts: int, expires_at: datetime, random: Callable[[], float], *, least: timedelta = timedelta()
) -> datetime | None:
    """Return when to try again; None when it is over. `least`: what the other side asked to wait."""
    if attempts >= MOST_ATTEMPTS:
        return None
    at = now + max(wait_after(attempts, random), least)
    return at if at < expires_at else None
