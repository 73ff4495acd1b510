"""Waking a task: after the transaction and never before it, once, and by every process that wakes one."""

from typing import Any

import pytest
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.testing import InMemoryConnector

from tests.support.web_role import as_web
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
