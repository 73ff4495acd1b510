"""Registration and reports over HTTP, under the web's own database role: a resident, a landlord, a registrar."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from tests.contract.world import send
from tests.support.mainland import NANCHONG, RUIAN, a_credit_code, an_identity_number, the_office
from tests.support.web_role import as_web, requests_as_web
from yizhengtong.foundation.accounts.models import Account, StaffMember
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.postgresql.readers import Reader
from yizhengtong.foundation.web.tests.callers import session_of
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.matching import match_report
from yizhengtong.registry.residence.models import Registration, Report, Reporter
from yizhengtong.sites.api.tests.test_audit import session_with_second_factor

pytestmark = pytest.mark.django_db
Sent = Callable[..., Any]
ADDRESS = "仙降街道演示路1号101室"


@pytest.fixture
def web(roles: None, law_in_force: None) -> Iterator[None]:
    the_office()
    with requests_as_web():
        yield


def caller(name: str) -> Sent:
    """Return what sends requests of a new account."""
    token = session_of(Account.objects.create(username=name))

    def sent(method: str, path: str, payload: Any = None, **more: Any) -> Any:
        version = {"If-Match": more.pop("version")} if "version" in more else {}
        return send(method, f"/api/{path}", payload=payload, headers={"X-Session-Token": token, **version}, **more)

    return sent


def person_form(number: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": "陈演示", "birth_date": "1980-05-17", "sex": "M", "region": "CN", "identity_card": {"number": number},
        "household": {"region": NANCHONG, "address": "演示街9号", "nation": "汉"}, **changes,
    }  # fmt: skip


def reporter_form(kind: str = "landlord") -> dict[str, str]:
    return {"kind": kind, "name": "演示物业", "code": a_credit_code(), "contact": "0577-00000000", "region": RUIAN}


def report_form(number: str, **changes: Any) -> dict[str, Any]:
    said = {"about": "start", "name": "陈演示", "number": number, "region": RUIAN, "address": ADDRESS}
    return {**said, "happened_on": today(), **changes}


def today() -> str:
    return legal_day(timezone.now()).isoformat()


def registered(name: str = "chen") -> tuple[Sent, str]:
    sent, number = caller(name), an_identity_number()
    answer = sent("POST", "resident/person", person_form(number))
    assert answer.status_code == 201, answer.content
    return sent, number


def a_verified_reporter(name: str = "landlord", kind: str = "landlord") -> Sent:
    sent = caller(name)
    answer = sent("POST", "resident/reporter", reporter_form(kind))
    assert answer.status_code == 201, answer.content
    assert answer.json()["state"] == "unverified"
    Reporter.objects.update(state="verified", decided_by=Account.objects.get(username=name).pk)
    return sent


@pytest.mark.usefixtures("web")
@pytest.mark.row("S3-11")
@pytest.mark.row("S3-12")
def test_a_mainland_person_registers_and_declares_and_has_a_voucher_on_the_spot() -> None:
    sent, _ = registered()
    duty = sent("GET", f"resident/registration-duty?place={RUIAN}").json()
    assert (duty["must_register"], duty["gives_voucher"], duty["code"]) == (True, True, "residence.must_register")
    assert len(duty["exemptions"]) == 5
    stay = {"region": RUIAN, "address": ADDRESS, "start": today(), "workplace": "演示厂"}
    declared = sent("POST", "resident/stays", stay)
    assert declared.status_code == 201, declared.content
    assert declared.json()["voucher_number"].startswith(RUIAN)
    (voucher,) = sent("GET", "resident/vouchers").json()
    assert voucher["number"] == declared.json()["voucher_number"]
    line = sent("GET", f"resident/residence?place={RUIAN}")
    assert line.status_code == 200, line.content


@pytest.mark.usefixtures("web")
def test_days_before_the_declaration_do_not_count_in_zhejiang() -> None:
    sent, _ = registered()
    start = (legal_day(timezone.now()) - timedelta(days=300)).isoformat()
    assert sent("POST", "resident/stays", {"region": RUIAN, "address": ADDRESS, "start": start}).status_code == 201
    assert sent("GET", f"resident/residence?place={RUIAN}").json()["total"] == 0


@pytest.mark.usefixtures("web")
def test_what_does_not_go_together_in_a_registration_is_told_by_field() -> None:
    sent = caller("chen")
    travel = {"kind": "hrp", "number": "H12345678"}
    for changes, field in (
        ({"identity_card": None}, "identity_card"), ({"travel_document": travel}, "travel_document"),
        ({"household": None}, "hukou_region"),
    ):  # fmt: skip
        answer = sent("POST", "resident/person", person_form(an_identity_number(), **changes))
        assert answer.status_code == 422
        assert field in {error["field"] for error in answer.json()["errors"]}


@pytest.mark.usefixtures("web")
def test_a_report_reaches_the_person_who_disputes_it_and_a_registrar_answers(city: Any) -> None:
    chen, number = registered()
    landlord = a_verified_reporter()
    told = landlord("POST", "reporter/reports", report_form(number))
    assert told.status_code == 201, told.content
    assert told.json()["due_on"] > today()
    match_report(report_id=parse_public_id("rep", told.json()["id"]))
    (seen,) = chen("GET", "resident/reports").json()
    assert (seen["by"], seen["by_name"], seen["state"]) == ("landlord", "演示物业", "matched")
    (stay,) = chen("GET", "resident/stays").json()
    assert (stay["reported_by"], stay["id"]) == ("landlord", seen["stay_id"])
    answered = chen(
        "POST", f"resident/reports/{seen['id']}/answer", {"answer": "dispute", "words": "没有租过"}, version='"1"'
    )
    assert (answered.status_code, answered.json()["state"]) == (200, "disputed")
    registrar = the_registrar()
    (waiting,) = registrar("GET", "staff/residence-reports").json()
    path = f"staff/residence-reports/{waiting['id']}"
    opened = registrar("GET", path)
    assert (opened.status_code, opened.json()["words"]) == (200, "没有租过")
    decided = registrar("POST", f"{path}/decision", {"is_right": False, "words": "经核实"}, version=opened["ETag"])
    assert (decided.status_code, decided.json()["state"]) == (200, "dismissed"), decided.content
    assert chen("GET", "resident/stays").json() == []
    assert {"residence.match_report", "residence.dispute_report", "residence.decide_report"} <= set(
        Entry.objects.values_list("action", flat=True)
    )


def the_registrar() -> Sent:
    """The demonstration's registrar, serving at Rui'an for once."""
    StaffMember.objects.filter(account__username="demo-registrar").update(office=the_office())
    token = session_with_second_factor(Account.objects.get(username="demo-registrar"))

    def sent(method: str, path: str, payload: Any = None, *, version: str = '"1"') -> Any:
        return send(method, f"/api/{path}", payload=payload, headers={"X-Session-Token": token, "If-Match": version})

    return sent


@pytest.mark.usefixtures("web")
def test_a_claim_that_overlaps_waits_and_is_merged_by_the_persons_word() -> None:
    chen, number = registered()
    start = (legal_day(timezone.now()) - timedelta(days=30)).isoformat()
    chen("POST", "resident/stays", {"region": RUIAN, "address": "别处8号", "start": start})
    told = a_verified_reporter()("POST", "reporter/reports", report_form(number)).json()
    match_report(report_id=parse_public_id("rep", told["id"]))
    (seen,) = chen("GET", "resident/reports").json()
    assert (seen["state"], seen["waits_for"]) == ("received", "overlaps")
    merged = chen("POST", f"resident/reports/{seen['id']}/answer", {"answer": "confirm"}, version='"1"')
    assert (merged.status_code, merged.json()["state"]) == (200, "merged"), merged.content
    assert [stay["until"] for stay in chen("GET", "resident/stays").json()] == [today(), None]


@pytest.mark.usefixtures("web")
def test_the_answer_is_the_same_for_who_is_known_and_who_is_not_and_costs_the_same_statements() -> None:
    _, number = registered()
    landlord = a_verified_reporter()
    landlord("POST", "reporter/reports", report_form(an_identity_number()))  # the law is read once
    counts, answers = [], []
    for each in (number, an_identity_number()):
        with _Counted() as counted:
            answers.append(landlord("POST", "reporter/reports", report_form(each)).json())
        counts.append(counted.count)
    assert counts[0] == counts[1]
    for answer in answers:
        answer.pop("id")
    assert answers[0] == answers[1]
    shown = landlord("GET", "reporter/reports").json()["items"]
    assert {"state", "person", "waits_for"}.isdisjoint(shown[0])


class _Counted:
    """Counts the statements of a block."""

    count = 0

    def __enter__(self) -> "_Counted":
        self._stack = connection.execute_wrapper(self._one)
        self._stack.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.__exit__(None, None, None)

    def _one(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


@pytest.mark.usefixtures("web")
def test_a_reporter_opens_nothing_of_residents_and_a_resident_nothing_of_reporters() -> None:
    chen, _ = registered()
    landlord = a_verified_reporter()
    assert landlord("GET", "resident/person").status_code == 401
    assert landlord("POST", "resident/person", person_form(an_identity_number())).status_code == 401
    assert chen("GET", "reporter/reports").status_code == 401
    assert chen("POST", "resident/reporter", reporter_form()).status_code == 409


@pytest.mark.usefixtures("web")
def test_the_database_shows_a_reporter_its_own_reports_and_no_person_at_all() -> None:
    _, number = registered()
    first, second = a_verified_reporter("one"), a_verified_reporter("two")
    told = first("POST", "reporter/reports", report_form(number)).json()
    match_report(report_id=parse_public_id("rep", told["id"]))
    second("POST", "reporter/reports", report_form(number, address="演示路2号"))
    account = str(Account.objects.get(username="one").pk)
    with as_web(Reader("reporter", account)):
        assert Report.objects.count() == Reporter.objects.count() == 1
        assert not Person.objects.exists()
        assert not Registration.objects.exists()
        assert not Reporter.objects.filter(state="verified").exclude(account_id=account).exists()
    with as_web(Reader("resident", account)):
        assert not Report.objects.exists()
        assert not Reporter.objects.exists()


@pytest.mark.usefixtures("web")
def test_a_list_over_http_says_of_every_row_what_became_of_it() -> None:
    landlord = a_verified_reporter()
    lines = [f"入住,陈演示,{number},{RUIAN},{ADDRESS},{today()}" for number in (an_identity_number(), "1")]
    rows = "\n".join(["事项,姓名,公民身份号码,区划代码,居住地址,日期", *lines])
    file = SimpleUploadedFile("list.csv", rows.encode(), content_type="text/csv")
    answer = landlord("POST", "reporter/lists", form={"file": file})
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["taken"], told["repeated"], told["wrong"]) == (1, 0, 1)
    assert told["rows"][1]["errors"][0]["field"] == "number"


@pytest.mark.usefixtures("web")
def test_a_registrar_checks_a_voucher_of_somebody_whose_rows_are_not_the_offices(city: Any) -> None:
    chen, _ = registered()
    chen("POST", "resident/stays", {"region": RUIAN, "address": ADDRESS, "start": today()})
    (voucher,) = chen("GET", "resident/vouchers").json()
    registrar = the_registrar()
    assert registrar("POST", "staff/vouchers/checks", voucher).json() == {"standing": "current"}
    assert registrar("POST", "staff/vouchers/checks", {**voucher, "name": "李演示"}).json() == {"standing": "not_ours"}
