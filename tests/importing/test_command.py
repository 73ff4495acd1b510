"""`yzt import permits`: the report, the summary, and a run that is killed."""

import csv
import os
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.support.lists import somebody, write_csv, write_workbook
from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer
from yizhengtong.permitting.importing.models import Batch, Row
from yizhengtong.registry.people.models import Person

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def registrar(city: object) -> str:
    office = Office.objects.get(code="370100")
    appoint_officer(
        username="registrar", password="Long-enough-1!", name="钱登记", office=office, roles=[Role.REGISTRAR], by=SYSTEM
    )
    return "registrar"


def imported(path: Path, *arguments: str, by: str = "registrar") -> str:
    out = StringIO()
    call_command("import", "permits", str(path), "--by", by, *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("registrar")
def test_a_dry_run_is_the_default_and_reports_every_line(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [somebody(1), somebody(3, 居住证号=8.1e17)])
    said = imported(path, "--language", "en")
    assert "Nothing was written" in said
    assert "ready 1, refused 1" in said
    assert not Person.objects.exists()
    report = tmp_path / "a-report.csv"
    assert report.stat().st_mode & 0o777 == 0o600
    rows = list(csv.reader(report.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[1] == ["2", "ready", "", "", ""]
    assert rows[2][:4] == ["3", "refused", "permit_number", "importing.digits_lost"]
    assert "text" in rows[2][4]
    assert "备注" not in said


@pytest.mark.usefixtures("registrar")
def test_apply_imports_and_the_same_again_adds_nothing(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [somebody(n) for n in range(1, 6)])
    assert "imported 5" in imported(path, "--apply")
    assert "nothing to add" in imported(path, "--apply")
    assert Person.objects.count() == 5


@pytest.mark.usefixtures("registrar")
@pytest.mark.parametrize("by", ["nobody", "demo-clerk"])
def test_who_may_not_import_is_told(tmp_path: Path, by: str) -> None:
    path = write_csv(tmp_path / "a.csv", [somebody(1)])
    with pytest.raises(CommandError):
        imported(path, "--apply", by=by)


@pytest.mark.usefixtures("registrar")
def test_a_list_without_the_columns_needed_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [{"名字": "王", "号": "1"}])
    with pytest.raises(CommandError, match="对照文件"):
        imported(path)


@pytest.mark.usefixtures("registrar")
def test_a_mapping_of_ones_own_names_other_headings(tmp_path: Path) -> None:
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "columns: {name: [名字], permit_number: [号], issued_on: [发], last_valid_day: [到]}\nwords: {}\n"
        'defaults: {county: "370102", authority: 历下分局}\n'
    )
    line = somebody(3)
    path = write_csv(
        tmp_path / "a.csv",
        [{"名字": line["姓名"], "号": line["居住证号"], "发": line["签发日期"], "到": line["有效期至"]}],
    )
    assert "imported 1" in imported(path, "--apply", "--mapping", str(mapping))
    mapping.write_text("columns: {nose: [鼻]}\nwords: {}\n")
    with pytest.raises(CommandError):
        imported(path, "--mapping", str(mapping))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("registrar")
def test_a_run_that_is_killed_goes_on_where_it_was_and_doubles_nothing(tmp_path: Path, home: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [somebody(n) for n in range(1, 2401)])
    connected = connection.settings_dict
    environment = {
        **os.environ,
        "YZT_HOME": str(home),
        "DATABASE_URL": (
            f"host={connected['HOST']} port={connected['PORT']} user={connected['USER']} "
            f"password={connected['PASSWORD']} dbname={connected['NAME']}"
        ),
    }
    command = [sys.executable, "-m", "yizhengtong.project.manage", "import", "permits", str(path), "--by", "registrar"]
    with subprocess.Popen([*command, "--apply"], env=environment, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + 300
        while not Row.objects.exists() and time.monotonic() < until and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        said = process.communicate()[1].decode()
    assert process.returncode == -signal.SIGKILL, said[-2000:]
    done = Batch.objects.get().position
    assert 0 < done < 2401
    assert Person.objects.count() == Row.objects.count() == done - 1
    assert "Went on after line" in imported(path, "--apply")
    assert Person.objects.count() == Row.objects.count() == 2400
