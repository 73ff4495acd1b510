"""The lag of the sealing: the age of the oldest entry without a link, in seconds; 0 when there is none."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from yizhengtong.foundation.audit.models import Link, Position
from yizhengtong.foundation.audit.tests.trails import plan_in, seal, write
from yizhengtong.sites.operations.sealing import sealing_now

pytestmark = pytest.mark.django_db(transaction=True)
SLOW_SECONDS = 60
"""What may pass between writing and asking on a busy machine."""


def write_ago(seconds: int) -> None:
    with time_machine.travel(timezone.now() - timedelta(seconds=seconds)):
        write(1)


@pytest.fixture
def sealed(tmp_path: Path) -> None:
    """A trail of which everything is sealed."""
    write_ago(7200)
    write_ago(7100)
    seal(plan_in(tmp_path))


def test_before_the_first_sealer_there_is_a_trail_and_no_sealing() -> None:
    write_ago(500)
    assert not sealing_now().is_on
    assert 500 <= sealing_now().seconds < 500 + SLOW_SECONDS


@pytest.mark.usefixtures("sealed")
def test_where_everything_is_sealed_nothing_lags_however_old_it_is() -> None:
    assert (sealing_now().is_on, sealing_now().seconds) == (True, 0)


@pytest.mark.usefixtures("sealed")
def test_the_oldest_unsealed_entry_counts_not_the_first_one_to_be_sealed() -> None:
    write_ago(100)
    assert 100 <= sealing_now().seconds < 100 + SLOW_SECONDS
    write_ago(900)  # of a later transaction, and older
    assert 900 <= sealing_now().seconds < 900 + SLOW_SECONDS


def test_sealing_ends_the_lag(tmp_path: Path) -> None:
    write_ago(400)
    assert sealing_now().seconds >= 400
    seal(plan_in(tmp_path))
    assert sealing_now().seconds == 0


@pytest.mark.usefixtures("sealed")
def test_what_is_sealed_from_the_position_on_does_not_count() -> None:
    Position.objects.update(transaction_id="0")  # as after a batch that ended within a transaction
    assert sealing_now().seconds == 0
    write_ago(50)
    assert 50 <= sealing_now().seconds < 50 + SLOW_SECONDS


@pytest.mark.usefixtures("sealed")
def test_a_position_of_another_cluster_hides_nothing() -> None:
    Position.objects.update(transaction_id="99999999999", cluster="another")  # as after a restore elsewhere
    assert sealing_now().seconds == 0
    write_ago(60)
    assert 60 <= sealing_now().seconds < 60 + SLOW_SECONDS
    assert Link.objects.count() == 2
