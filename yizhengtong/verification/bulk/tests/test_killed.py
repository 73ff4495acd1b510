"""A worker that is killed in the middle of a file: every row is checked once all the same."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from tests.support.city import a_city
from tests.support.law import TODAY
from yizhengtong.verification.bulk.models import BulkFile
from yizhengtong.verification.bulk.queries import results_of
from yizhengtong.verification.bulk.running import run_due
from yizhengtong.verification.bulk.services import take_file
from yizhengtong.verification.bulk.tests.files import a_school, as_csv, nobody
from yizhengtong.verification.checks.models import Check

_ROWS = 600
_WORKER = (
    "import django; django.setup(); from yizhengtong.verification.bulk.running import run_due; run_due(seconds=300)"
)


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_no_row_and_doubles_none(home: Path) -> None:
    a_city()
    school = a_school()
    file = take_file(caller=school, purpose="school", content=as_csv([nobody(n) for n in range(_ROWS)]), on=TODAY)
    connected = connection.settings_dict
    environment = {
        **os.environ,
        "YZT_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "yizhengtong.project.settings",
        "DATABASE_URL": (
            f"host={connected['HOST']} port={connected['PORT']} user={connected['USER']} "
            f"password={connected['PASSWORD']} dbname={connected['NAME']}"
        ),
    }
    with subprocess.Popen([sys.executable, "-c", _WORKER], env=environment, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + 300
        while not BulkFile.objects.get().done and time.monotonic() < until and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        said = process.communicate()[1].decode()
    assert process.returncode == -signal.SIGKILL, said[-2000:]
    while run_due(seconds=60):
        pass
    file.refresh_from_db()
    assert (file.state, file.done) == ("done", _ROWS)
    answered = results_of(caller=school, file_id=file.pk).splitlines()[1:]
    lost = _ROWS - len({line.split(",")[0] for line in answered})
    doubled = Check.objects.count() - _ROWS
    assert (lost, doubled, len(answered)) == (0, 0, _ROWS)
