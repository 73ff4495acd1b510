"""Reading at another moment than now: the database's clock does not turn, so what it compares with is moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from yizhengtong.credentials.showing.models import PhoneCode, Showing
from yizhengtong.credentials.showing.services import ANYBODY, Outcome, read_code
from yizhengtong.foundation.audit.trail import Actor


def read_at(text: str, at: datetime, by: Actor = ANYBODY) -> Outcome:
    """Read a code as if it were a certain moment."""
    with now_is(at):
        return read_code(text=text, by=by)


@contextmanager
def now_is(at: datetime) -> Iterator[None]:
    """Move every showing and code so far that a moment is now, and back again."""
    away = timezone.now() - at
    _move(away)
    yield
    _move(-away)


def _move(by: timedelta) -> None:
    PhoneCode.objects.update(good_until=F("good_until") + by, read_at=F("read_at") + by)
    Showing.objects.update(
        begun_at=F("begun_at") + by, ends_at=F("ends_at") + by, stopped_at=F("stopped_at") + by,
        last_read_at=F("last_read_at") + by,
    )  # fmt: skip
