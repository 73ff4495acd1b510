"""A permit of today, and lists small enough to fill."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.utils import timezone

from yizhengtong.credentials.keys import ring
from yizhengtong.credentials.status.models import StatusList
from yizhengtong.credentials.status.services import allocate
from yizhengtong.credentials.status.tests.ground import UNTIL, Copies
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.tests.zhejiang import County, a_county, a_held_permit


@pytest.fixture(autouse=True)
def _own_ring() -> Iterator[None]:
    ring.forget()
    yield
    ring.forget()


@pytest.fixture
def ruian(db: None) -> County:
    return a_county()


@pytest.fixture
def permit(ruian: County) -> Permit:
    """A card in its holder's hands since today, to be endorsed in a year."""
    return a_held_permit(ruian, on=legal_day(timezone.now()))


@pytest.fixture
def listed(db: None) -> StatusList:
    """The open list: 70,000 places in three chunks."""
    return StatusList.objects.create(address=settings.YZT_ADDRESS, size=70_000)


@pytest.fixture
def copies(listed: StatusList, permit: Permit) -> Copies:
    """Ten copies of a credential of the permit."""
    return Copies(permit, tuple(allocate(permit, count=10, until=UNTIL)))


@pytest.fixture
def copies_of(listed: StatusList) -> Callable[[Permit], Copies]:
    return lambda permit: Copies(permit, tuple(allocate(permit, count=10, until=UNTIL)))
