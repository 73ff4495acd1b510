"""Arguments of tasks lie sealed in the table, and the worker gets them as they were given."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from yizhengtong.foundation.vault import keyring
from yizhengtong.foundation.vault.errors import UnknownEnvelope
from yizhengtong.foundation.vault.jobs import SealedDjangoConnector, opened_arguments, sealed_arguments

pytestmark = pytest.mark.django_db(transaction=True)
ARGUMENTS: dict[str, Any] = {"name": "王小明", "numbers": ["H12345678"], "nested": {"n": 1}}


@pytest.fixture
def worker() -> Iterator[App]:
    """The app with a task of its own and an empty queue."""
    connection.cursor().execute("TRUNCATE procrastinate_jobs CASCADE")
    yield app
    connection.cursor().execute("TRUNCATE procrastinate_jobs CASCADE")


def lies() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(args::text, ' ') FROM procrastinate_jobs")
        return str(cursor.fetchone()[0])


def test_queued_arguments_lie_sealed(worker: App) -> None:
    worker.configure_task("vault.test", queue="tests").defer(**ARGUMENTS)
    worker.configure_task("vault.test", queue="tests").batch_defer(ARGUMENTS, ARGUMENTS)
    assert ProcrastinateJob.objects.count() == 3
    for trace in ("name", "u738b", "王", "H12345678", "nested"):
        assert trace not in lies()


def test_a_worker_in_its_event_loop_gets_them_as_they_were_given(worker: App) -> None:
    """With no ring at first: it is then read in another thread, Django's connections being refused to a loop."""
    given: list[object] = []
    tasks = App(connector=SealedDjangoConnector())

    @tasks.task(name="vault.test", queue="tests")
    def remember(**arguments: object) -> None:
        given.append(arguments)

    worker.configure_task("vault.test", queue="tests").defer(**ARGUMENTS)
    keyring.forget()
    with tasks.replace_connector(SealedDjangoConnector().get_worker_connector()) as running:
        asyncio.run(run_once(running))
    assert given == [ARGUMENTS]


async def run_once(running: App) -> None:
    async with running.open_async():
        await running.run_worker_async(queues=["tests"], wait=False, install_signal_handlers=False)


def test_periodic_arguments_lie_sealed_as_well() -> None:
    assert opened_arguments(sealed_arguments({"timestamp": 1})) == {"timestamp": 1}
    assert "timestamp" not in str(sealed_arguments({"timestamp": 1}))


def test_open_arguments_are_taken_only_where_the_first_release_left_some() -> None:
    with pytest.raises(UnknownEnvelope, match=r"^vault\.key_unknown$"):
        opened_arguments({"timestamp": 1})
    assert opened_arguments(None) is None
