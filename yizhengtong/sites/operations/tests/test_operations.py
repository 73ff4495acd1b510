"""What operators see: life, readiness with its reasons, measures, the board; and that nobody else sees it."""

import base64
import re
from collections.abc import Iterator
from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.texts import PAGE_LANGUAGES, knows
from yizhengtong.kernel.ids import new_id
from yizhengtong.sites.operations import access, gauges, readiness, sealing, snapshot
from yizhengtong.sites.operations.board import GOOD, WATCH, WRONG, Line, lines
from yizhengtong.verification.bulk.models import BulkFile
from yizhengtong.verification.bulk.services import take_file
from yizhengtong.verification.bulk.tests.files import a_school, as_csv, nobody

PERSONAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|[\u4e00-\u9fff]|\d{9,}(?!\.)")


@pytest.fixture(autouse=True)
def _asked_anew(settings: Any) -> Iterator[None]:
    settings.YZT_LEAST_FREE_DISK_MB = 1
    readiness.forget()
    snapshot.forget()
    yield
    readiness.forget()
    snapshot.forget()


def bearer(settings: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {settings.YZT_METRICS_TOKEN}"}


def test_the_process_lives_without_asking_the_database(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_a_process_that_lacks_nothing_is_ready_and_tells_a_stranger_no_more(law_in_force: None) -> None:
    answer = Client().get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_without_law_it_is_not_ready_and_only_the_token_reads_why(db: None, settings: Any) -> None:
    answer = Client().get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "not_ready"})
    checks = Client().get("/ready", headers=bearer(settings)).json()["checks"]
    assert checks["law"] == "failed"
    assert {name for name, word in checks.items() if word == "ok"} == set(checks) - {"law"}


def test_a_migration_of_this_code_that_is_missing_makes_it_unready(law_in_force: None) -> None:
    MigrationRecorder.Migration.objects.filter(app="casework", name="0001_initial").delete()
    assert readiness.readiness()["migrations"] == "failed"


def test_a_newer_releases_migration_does_not(law_in_force: None) -> None:
    MigrationRecorder(connection).record_applied("casework", "9999_of_the_next_release")
    assert readiness.readiness()["migrations"] == "ok"


def test_a_full_disk_makes_it_unready(law_in_force: None, settings: Any) -> None:
    settings.YZT_LEAST_FREE_DISK_MB = 10**12
    assert readiness.readiness()["disk"] == "failed"


def test_without_a_database_the_rest_is_unknown(law_in_force: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> bool:
        raise DatabaseError("gone")

    monkeypatch.setattr(readiness, "_database_answers", gone)
    found = readiness.readiness()
    unknown = dict.fromkeys(("migrations", "law", "keys", "sealer"), "unknown")
    assert found == {"database": "failed", "disk": "ok", **unknown}


@pytest.mark.parametrize(
    ("is_on", "seconds", "is_production", "keeps_up"),
    [(True, 300.0, True, True), (True, 300.1, True, False), (False, 9e9, False, True), (False, 0.0, True, False)],
)
def test_a_sealer_keeps_up_within_five_minutes_and_production_needs_one(
    settings: Any, is_on: bool, seconds: float, is_production: bool, keeps_up: bool
) -> None:
    settings.YZT_PRODUCTION = is_production
    assert sealing.Sealing(is_on, seconds).keeps_up is keeps_up


@pytest.mark.parametrize("path", ["/metrics", "/operations"])
@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", "Basic !!", "Basic b3A6d3Jvbmc="])
def test_a_stranger_sees_neither_measures_nor_board(db: None, settings: Any, path: str, header: str) -> None:
    settings.YZT_METRICS_ADDRESSES = [ip_network("10.0.0.0/8")]
    answer = Client().get(path, headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.content) == (404, b"")


def test_the_token_is_taken_from_allowed_networks_only(db: None, settings: Any) -> None:
    settings.YZT_METRICS_ADDRESSES = [ip_network("10.0.0.0/8")]
    assert Client(REMOTE_ADDR="11.0.0.1").get("/metrics", headers=bearer(settings)).status_code == 404
    assert Client(REMOTE_ADDR="10.1.2.3").get("/metrics", headers=bearer(settings)).status_code == 200
    assert Client(REMOTE_ADDR="odd").get("/metrics", headers=bearer(settings)).status_code == 404


def test_a_browser_is_asked_for_the_token_and_may_give_it_as_a_password(db: None, settings: Any) -> None:
    asked = Client().get("/operations")
    assert (asked.status_code, asked["WWW-Authenticate"].split()[0]) == (401, "Basic")
    given = base64.b64encode(f"operator:{settings.YZT_METRICS_TOKEN}".encode()).decode()
    assert Client().get("/operations", headers={"Authorization": f"Basic {given}"}).status_code == 200


def samples(settings: Any) -> dict[str, float]:
    text = Client().get("/metrics", headers=bearer(settings)).content.decode()
    rows = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in rows}


def test_every_gauge_is_there_and_none_failed(law_in_force: None, settings: Any) -> None:
    found = samples(settings)
    assert {name: value for name, value in found.items() if name.startswith("yzt_gauge_failed") and value} == {}
    assert found["yzt_law_in_force"] == 1
    assert found['yzt_jobs{status="failed"}'] == 0


def test_rows_of_files_that_wait_are_counted_with_the_age_of_the_oldest(law_in_force: None, settings: Any) -> None:
    assert [samples(settings)[name] for name in ("yzt_bulk_rows", "yzt_bulk_oldest_seconds")] == [0, 0]
    school = a_school()
    take_file(caller=school, purpose="school", content=as_csv([nobody(1), nobody(2)]), on=date(2026, 11, 22))
    BulkFile.objects.update(sent_at=timezone.now() - timedelta(seconds=900))
    snapshot.forget()
    found = samples(settings)
    assert found["yzt_bulk_rows"] == 2
    assert 900 <= found["yzt_bulk_oldest_seconds"] < 1500


def test_measures_name_no_person_no_id_and_no_address(law_in_force: None, settings: Any) -> None:
    someone = str(uuid4())
    Client().get(f"/api/staff/cases/{someone}?search=王小明")
    Client().get(f"/nothing/{someone}")
    Client().generic("王小明", "/")
    text = Client().get("/metrics", headers=bearer(settings)).content.decode()
    labels = re.findall(r"\{(.*)\}", text)
    assert labels
    assert [each for each in labels if PERSONAL.search(each)] == []
    assert 'route="unmatched"' in text
    assert 'method="OTHER"' in text


def test_labels_are_of_a_closed_list(law_in_force: None, settings: Any) -> None:
    names = {name for key in samples(settings) for name in re.findall(r'(\w+)="', key)}
    known = {"route", "method", "status", "le", "item", "state", "lateness", "subscriber", "gauge", "program"}
    assert names <= known | {"destination", "request", "channel"}


def test_a_gauge_that_takes_too_long_is_missing_and_said_to_be(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow() -> Any:
        yield from gauges._rows("SELECT pg_sleep(60)")

    monkeypatch.setitem(gauges.GAUGES, "documents", slow)
    monkeypatch.setattr(snapshot, "_TIMEOUT", "1s")
    found = samples(settings)
    assert found['yzt_gauge_failed{gauge="documents"}'] == 1
    assert "yzt_documents_waiting" not in found
    assert "yzt_law_in_force" in found


def test_a_job_that_waits_shows_its_age(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('default', 'x') RETURNING id")
        (job,) = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '1 hour' WHERE job_id = %s", [job])
    taken = snapshot.snapshot()
    assert taken.values("yzt_jobs", status="todo") == [1]
    assert 3599 < taken.values("yzt_jobs_oldest_seconds")[0] < 3700


@pytest.mark.parametrize(
    ("value", "light"), [(9.9, GOOD), (10, WATCH), (19.9, WATCH), (20, WRONG), (None, "blank"), (float("inf"), WRONG)]
)
def test_more_is_worse(value: float | None, light: str) -> None:
    assert Line("x", "count", lambda _: None, 10, 20).light(value) == light


@pytest.mark.parametrize(("value", "light"), [(21, GOOD), (20, WATCH), (10.1, WATCH), (10, WRONG), (0, WRONG)])
def test_less_is_worse_where_the_limit_lies_below(value: float, light: str) -> None:
    assert Line("x", "bytes", lambda _: None, 20, 10).light(value) == light


def test_every_line_has_words_and_a_place_in_the_operators_page(settings: Any) -> None:
    codes = [line.code for group in lines().values() for line in group]
    codes += [f"ready_{name}" for name in ("database", "disk", "migrations", "law", "keys", "sealer")]
    headings = (Path(__file__).parents[4] / "docs/operations.md").read_text()
    for code in codes:
        assert knows(f"operations.line_{code}"), code
        assert knows(f"operations.do_{code}"), code
        assert f'<a id="{code.replace("_", "-")}"></a>' in headings, code


@pytest.mark.parametrize("language", PAGE_LANGUAGES)
def test_the_board_is_shown_in_each_language_with_nothing_inline(
    law_in_force: None, settings: Any, language: str
) -> None:
    answer = Client().get(f"/operations?lang={language}", headers=bearer(settings))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in text
    assert re.findall(r"<script[^>]*>", text) == ['<script src="/static/pages/page.js" defer>']
    assert "style=" not in text
    assert 'http-equiv="refresh"' not in text  # nobody's reading is cut off unasked
    assert "operations." not in text.replace("docs/operations.md", "")
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_the_board_renews_itself_when_it_is_told_to(law_in_force: None, settings: Any) -> None:
    text = Client().get("/operations?renew=yes", headers=bearer(settings)).content.decode()
    assert '<meta http-equiv="refresh" content="30">' in text
    assert 'href="?"' in text


@pytest.mark.parametrize(
    ("roles", "has_second_factor", "status"),
    [
        ({Role.ADMINISTRATOR}, True, 200),
        ({Role.ADMINISTRATOR}, False, 401),
        ({Role.CLERK, Role.AUDITOR, Role.SUPERVISOR}, True, 401),
    ],
)
def test_of_those_signed_in_only_an_administrator_with_a_second_factor_sees_the_board(
    law_in_force: None, monkeypatch: pytest.MonkeyPatch, roles: set[Role], has_second_factor: bool, status: int
) -> None:
    by = Principal(PrincipalKind.STAFF, new_id(), roles=frozenset(roles), has_second_factor=has_second_factor)
    monkeypatch.setattr(access, "principal_of", lambda _request: by)
    assert Client().get("/operations", headers={"X-Session-Token": "x"}).status_code == status
    assert Client().get("/metrics").status_code == 404
