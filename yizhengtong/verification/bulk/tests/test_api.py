"""Files over HTTP, under the web server's own role: sent, followed, fetched, cancelled, each by its sender alone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.people import Resident
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.bulk import services
from yizhengtong.verification.bulk.models import BulkFile
from yizhengtong.verification.bulk.running import run_due
from yizhengtong.verification.bulk.tests.files import Line, as_csv, nobody
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.relying_parties.services import register_relying_party

Ask = Callable[..., Any]


@pytest.fixture
def ask(roles: None, town: object) -> Iterator[Ask]:
    """Ask as a school, as another party, or as the school's sandbox."""
    keys = {
        name: register_relying_party(
            name=name, legal_basis="义务教育法", purposes=["school"], by=SYSTEM, environment=environment
        )[1]
        for name, environment in (("school", "production"), ("other", "production"), ("sandbox", "test"))
    }

    def asked(who: str, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {keys[who]}", "Idempotency-Key": f"key-{new_id().hex}"}
        return getattr(Client(), method)(f"/api/partner{path}", body, headers=headers)

    with requests_as_web():
        yield asked


def a_form(*lines: Line, purpose: str = "school") -> dict[str, Any]:
    return {"purpose": purpose, "file": SimpleUploadedFile("rows.csv", as_csv(lines), content_type="text/csv")}


def test_a_file_is_sent_followed_and_its_results_fetched(ask: Ask, held: tuple[Permit, Resident]) -> None:
    permit = held[0]
    sent = ask("school", "post", "/bulk", a_form(("居住证", permit.number, "葉小明", "1994-08-23", "S0"), nobody(1)))
    assert sent.status_code == 201, sent.content
    file = sent.json()
    assert (file["state"], file["rows"], file["done"]) == ("running", 2, 0)
    assert ask("school", "get", f"/bulk/{file['id']}/results").json()["code"] == "bulk.is_running"
    run_due(seconds=60)
    told = ask("school", "get", f"/bulk/{file['id']}").json()
    assert (told["state"], told["done"]) == ("done", 2)
    assert told["kept_until"] > told["ended_at"]
    answer = ask("school", "get", f"/bulk/{file['id']}/results")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert [line.split(",")[:3] for line in answer.content.decode("utf-8-sig").splitlines()[1:]] == [
        ["2", "S0", "yes"], ["3", "S1", "no"],
    ]  # fmt: skip
    assert [each["id"] for each in ask("school", "get", "/bulk").json()] == [file["id"]]


def test_wrong_rows_are_all_told_by_row_and_column(ask: Ask) -> None:
    answer = ask("school", "post", "/bulk", a_form(nobody(1), ("护照", "1", "", "", ""), ("居住证", "1", "陈", "", "")))
    assert (answer.status_code, answer.json()["code"]) == (422, "bulk.rows_wrong")
    assert [error["field"] for error in answer.json()["errors"]] == ["rows.3.name", "rows.3.kind", "rows.4.number"]
    assert not BulkFile.objects.exists()


def test_a_file_of_another_party_or_of_the_sandbox_is_nobodys_else(ask: Ask) -> None:
    file = ask("school", "post", "/bulk", a_form(nobody(1))).json()["id"]
    for who in ("other", "sandbox"):
        assert ask(who, "get", "/bulk").json() == []
        assert ask(who, "get", f"/bulk/{file}").status_code == 404
        assert ask(who, "get", f"/bulk/{file}/results").status_code == 404
        assert ask(who, "post", f"/bulk/{file}/cancel").status_code == 404
    assert ask("school", "post", f"/bulk/{file}/cancel").json()["state"] == "cancelled"


def test_with_too_many_rows_waiting_whoever_sent_them_a_file_is_to_be_sent_again_later(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_WAITING", 1)
    assert ask("other", "post", "/bulk", a_form(nobody(1), purpose="school")).status_code == 201
    refused = ask("school", "post", "/bulk", a_form(nobody(2)))
    assert (refused.status_code, refused.json()["code"]) == (429, "bulk.too_many_waiting")
    assert refused["Retry-After"] == "600"


def test_results_are_not_fetched_without_end(ask: Ask, settings: Any) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "bulk_results": (2, 3600)}
    file = ask("school", "post", "/bulk", a_form(nobody(1))).json()["id"]
    run_due(seconds=60)
    statuses = [ask("school", "get", f"/bulk/{file}/results").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_without_a_key_or_a_granted_purpose_there_is_nothing(ask: Ask) -> None:
    headers = {"Idempotency-Key": "key-without-a-caller"}
    assert Client().post("/api/partner/bulk", a_form(nobody(1)), headers=headers).status_code == 401
    refused = ask("school", "post", "/bulk", a_form(nobody(1), purpose="bank"))
    assert (refused.status_code, refused.json()["code"]) == (403, "relying_parties.purpose_not_registered")


def test_in_the_sandbox_rows_are_about_test_people_and_stand_in_nobodys_history(
    ask: Ask, held: tuple[Permit, Resident]
) -> None:
    permit = held[0]
    file = ask("sandbox", "post", "/bulk", a_form(("居住证", permit.number, "葉小明", "", "S0"))).json()
    assert file["is_test"]
    run_due(seconds=60)
    results = ask("sandbox", "get", f"/bulk/{file['id']}/results").content.decode("utf-8-sig")
    assert results.splitlines()[1].startswith("2,S0,no,")
    assert not Check.objects.exists()
