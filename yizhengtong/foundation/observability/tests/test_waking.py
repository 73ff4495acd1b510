"""Waking a task: after the transaction and never before it, once, and by every process that wakes one."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.testing import InMemoryConnector

from tests.support.web_role import as_web
from yizhengtong.foundation.observability import jobs
from yizhengtong.foundation.observability.jobs import wake

TASK = "exchange.push"
pytestmark = pytest.mark.django_db


def queued() -> int:
    return ProcrastinateJob.objects.filter(task_name=TASK).count()


def test_a_job_is_queued_once_when_the_transaction_is_over(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        wake(TASK)
        wake(TASK)
        assert queued() == 0
    assert queued() == 1


def test_an_undone_transaction_queues_nothing(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        wake(TASK)
        transaction.set_rollback(True)
    assert queued() == 0


def test_a_worker_queues_past_its_transaction_so_it_does_after_it(django_capture_on_commit_callbacks: Any) -> None:
    queue = InMemoryConnector()
    with app.replace_connector(queue):
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            wake(TASK)
            assert not queue.jobs, "the job would look before there is anything to see"
        assert [job["task_name"] for job in queue.jobs.values()] == [TASK]


def test_who_finds_a_job_queued_asks_once_and_queues_nothing(
    django_capture_on_commit_callbacks: Any, django_assert_num_queries: Any
) -> None:
    """A second job of the same lock would be refused by the database, which costs more than all else of a request."""
    for statements in (4, 1):  # looked, a savepoint with the job, its end; looked
        with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
            wake(TASK)
        with django_assert_num_queries(statements):
            callbacks[0]()
    assert queued() == 1


def test_what_may_wait_is_queued_once_for_later_and_not_asked_after_while_it_surely_waits(
    django_capture_on_commit_callbacks: Any, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(jobs, "_queued_until", {})
    monkeypatch.setattr(jobs, "time", SimpleNamespace(monotonic=lambda: clock.now))
    for clock.now, statements in ((1000.0, 4), (1007.9, 0), (1008.1, 1)):
        with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
            wake(TASK, within=10)
        with django_assert_num_queries(statements):
            callbacks[0]()
    jobs._queued_until.clear()  # as in another process, which finds what this one queued
    for clock.now, statements in ((1008.2, 1), (1009.2, 0)):
        with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
            wake(TASK, within=10)
        with django_assert_num_queries(statements):
            callbacks[0]()
    job = ProcrastinateJob.objects.get(task_name=TASK)
    assert job.scheduled_at is not None
    assert timedelta() < job.scheduled_at - timezone.now() <= timedelta(seconds=10)


def test_what_may_wait_keeps_nothing_waiting_that_is_woken_at_once(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_queued_until", {})
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        wake(TASK, within=10)
        wake(TASK)
    scheduled = ProcrastinateJob.objects.filter(task_name=TASK).values_list("scheduled_at", flat=True)
    assert [at is None for at in scheduled.order_by("id")] == [False, True]


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("role", ["yzt_web", "yzt_worker"])
def test_each_process_role_may_wake(role: str, django_capture_on_commit_callbacks: Any) -> None:
    with as_web(role=role), django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        wake(TASK)
        wake(TASK)
    with as_web(role=role):
        for callback in callbacks:
            callback()
    assert queued() == 1
