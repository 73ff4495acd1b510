"""Copies of a credential, and what is said of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max
from django.utils import timezone

from yizhengtong.credentials.formats import status_list
from yizhengtong.credentials.keys.queries import Use, checkers
from yizhengtong.credentials.status.following import FOLLOWED, note_change
from yizhengtong.credentials.status.models import StatusList, Token
from yizhengtong.credentials.status.queries import newest_token, value_of
from yizhengtong.credentials.status.services import StatusReference
from yizhengtong.credentials.status.working_in import work_in
from yizhengtong.foundation.events.models import Event
from yizhengtong.permitting.permits.models import Permit

UNTIL = date(2099, 1, 1)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies of one permit."""

    permit: Permit
    references: tuple[StatusReference, ...]

    @property
    def values(self) -> set[int]:
        """What their places say."""
        return {value_of(each.uri, each.index) for each in self.references}

    @property
    def told(self) -> set[int]:
        """What the newest token says of them."""
        return self.told_by(newest(StatusList.objects.get(closed_at=None)))

    def told_by(self, token: Token) -> set[int]:
        read = read_token(token, self.references[0].uri)
        return {read.value(each.index) for each in self.references}


def newest(listed: StatusList) -> Token:
    token = newest_token(listed)
    assert token is not None
    return Token.objects.get(pk=token.pk)


def read_token(token: Token, uri: str) -> status_list.StatusList:
    """Read a token as a stranger would who has it now."""
    at = int(timezone.now().timestamp())
    return status_list.read_jwt(bytes(token.jwt).decode("ascii"), checkers(Use.STATUS), uri=uri, at=at)


def follow(act: Callable[[], object]) -> None:
    """Do something, let this room hear of what it published, and work it in: within one transaction of a test."""
    before = Event.objects.aggregate(Max("sequence", default=0))["sequence__max"]
    act()
    for event in Event.objects.filter(sequence__gt=before, kind__in=FOLLOWED).order_by("sequence"):
        note_change(event)
    work_in()


def age(listed: StatusList, by: timedelta = SECOND) -> None:
    """Let the tokens of a list be older, so that another is signed without waiting."""
    for token in Token.objects.filter(list=listed).order_by("issued_at").defer("jwt", "cwt"):
        Token.objects.filter(pk=token.pk).update(issued_at=token.issued_at - by, expires_at=token.expires_at - by)
