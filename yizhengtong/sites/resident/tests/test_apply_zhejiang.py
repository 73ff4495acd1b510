"""The Zhejiang permit by pages: first issue, the yearly endorsement by one tap, Qingyuan's conversion in four steps."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.support.law import TODAY
from tests.support.people import Resident
from tests.support.web_role import requests_as_web
from yizhengtong.kernel.errors import Conflict
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services.promises import make_promise
from yizhengtong.permitting.casework.tests.qingyuan import (
    ADDRESS,
    BY_PERMIT,
    BY_STAYS,
    QINGYUAN,
    RUIAN,
    STATIONS,
    County,
    a_card,
    a_county,
    a_draft,
    a_mainlander,
    half_a_year,
    registers_say,
    the_law,
)
from yizhengtong.permitting.casework.tests.qingyuan import (
    submitted as submitted_by_service,
)
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.sites.resident.tests.applying import begun, filled_in, handed_in, on_the_day, submitted
from yizhengtong.sites.resident.tests.browsing import an_account, browser_of, fields_of, links_of, sent, words_of

pytestmark = pytest.mark.django_db
ISSUED = date(2025, 9, 30)
"""Its year is full on 2026-09-30: the window is open on TODAY."""
TYPED: dict[str, dict[str, Any]] = {
    "address": {"residence_address": ADDRESS},
    "claims": {"made": ["employment"]},
    "phone": {"phone": "13800000000"},
}


@pytest.fixture
def ruian(db: None) -> Iterator[County]:
    with on_the_day():
        the_law()
        a_county()
        yield a_county(RUIAN, "瑞安市", answering=False)


def somebody(*stays: Any) -> tuple[Resident, Client]:
    who = a_mainlander(*stays)
    who.person.account = an_account()
    who.person.save()
    return who, browser_of(who.person.account)


def fill(client: Client, address: str, county: str, *more: str) -> None:
    filled_in(client, address, "facts", "address", "claims", "phone", "point", *more, **TYPED,
              point={"service_point": STATIONS[county]})  # fmt: skip


def promised(client: Client, address: str) -> Any:
    return sent(client, f"{address}/promise")


@pytest.mark.row("S3-12", "S3-46")
def test_a_first_issue_in_ruian(ruian: County) -> None:
    who, client = somebody(half_a_year(RUIAN))
    address = begun(client, "floating.first_issue", RUIAN)
    fill(client, address, RUIAN, "exemption", "delivery")
    handed_in(client, address, identity="identity_card", employment_proof="labour_contract")
    answer = submitted(client, address, "declares_own_will")
    assert answer.redirect_chain[-1][0].endswith("/done"), words_of(answer)
    assert Case.objects.get(person=who.person).state == "received"


@pytest.mark.row("S4-11")
def test_a_conversion_has_exactly_the_four_steps_and_begins_with_the_promise(ruian: County, roles: None) -> None:
    who, client = somebody()
    a_card(who, ruian, on=TODAY - timedelta(days=30))
    with requests_as_web(), registers_say():
        address = begun(client, BY_PERMIT, QINGYUAN)
        tasks = words_of(client.get(address))
        steps = ("告知承诺", "在线填表", "上传材料", "确认提交")
        places = [tasks.index(f"{number}. {words}") for number, words in enumerate(steps, 1)]
        assert places == sorted(places)
        assert "5. " not in tasks
        for later in ("address", "papers/identity", "check", "confirm"):
            assert client.get(f"{address}/{later}")["Location"] == f"{address}/promise"
        promise = words_of(client.get(f"{address}/promise"))
        assert "浙江省居住证" in promise
        assert "庆政办发〔2023〕43号" in promise
        assert promised(client, address).redirect_chain[-1][0] == f"{address}/facts"
        assert promised(client, address).status_code == 200  # the button, pressed twice
        fill(client, address, QINGYUAN)
        answer = submitted(client, address, "acknowledges_cancellation")
    assert answer.redirect_chain[-1][0].endswith("/done"), words_of(answer)
    case = Case.objects.get()
    assert case.state == "completed"
    assert case.application.answers["promises"]
    assert Permit.objects.filter(case_id=case.pk, kind="zhejiang_digital").exists()


@pytest.mark.row("S4-24")
def test_the_tip_on_earlier_permits_is_acknowledged_before_anything_is_submitted(ruian: County) -> None:
    who, client = somebody()
    a_card(who, ruian, on=TODAY - timedelta(days=30))
    with registers_say():
        address = begun(client, BY_PERMIT, QINGYUAN)
        promised(client, address)
        fill(client, address, QINGYUAN)
        assert "以前所申领的《浙江省居住证》自动注销，只保留转换后的电子居住证" in words_of(
            client.get(f"{address}/confirm")
        )
        answer = submitted(client, address)
    assert answer.status_code == 422
    assert "确认已知悉" in words_of(answer)
    assert not Case.objects.exists()


@pytest.mark.row("S4-18", "S4-19", "S4-20", "S4-21", "S4-22", "S4-23", "S4-25", "S4-26", "S4-27")
def test_the_form_of_a_conversion_is_shown_with_its_every_field_before_it_is_submitted(ruian: County) -> None:
    who, client = somebody()
    a_card(who, ruian, on=TODAY - timedelta(days=30))
    address = begun(client, BY_PERMIT, QINGYUAN)
    promised(client, address)
    fill(client, address, QINGYUAN)
    handed_in(client, address, employment_proof="labour_contract")
    page = " ".join(words_of(client.get(f"{address}/check")).split())
    form = page[page.index("《浙江省居住证》互认转换申请表") :]
    fields = (
        "申请编号", "公民身份证号码", "姓名", "性别", "民族", "常住户口省", "常住户口县", "详细地址", "现居住住址",
        "互认类型", "☑ 现有居住证件互认", "☐ 居住登记时间累计互认", "合法稳定就业", "☑ 签订劳动合同",
        "☐ 签订农业承包合同", "☐ 参加社会保险", "☐ 持有工商执照", "合法稳定住所", "☐ 自购房屋", "☐ 单位内部宿舍",
        "居住出租房屋", "☐ 办理出租登记", "☐ 办理租赁登记备案", "☐ 签订租赁合同", "☐ 符合安全条件",
        "☐ 依法缴纳税费", "连续就读", "☐ 小学学籍证明", "☐ 中学学籍证明", "☐ 中高等职业学校学籍证明",
        "☐ 普通高等学校学籍证明", "重要提示", "自动注销", "申请人声明", "正确无误", "受理人意见", "审核人意见",
        "审批人意见", "备注", "长期妥善保管",
    )  # fmt: skip
    places = [form.index(field) for field in fields]
    assert places == sorted(places)
    assert who.number in form
    assert who.person.name in form
    assert ADDRESS in form


def test_a_paper_that_is_needed_online_is_asked_for_with_its_page(ruian: County) -> None:
    who, client = somebody()
    a_card(who, ruian, on=TODAY - timedelta(days=30))
    address = begun(client, BY_PERMIT, QINGYUAN)
    promised(client, address)
    fill(client, address, QINGYUAN)
    answer = submitted(client, address, "acknowledges_cancellation")
    assert answer.status_code == 422
    assert {f"{address}/papers/identity?from=check", f"{address}/papers/employment_proof?from=check"} <= set(
        links_of(answer)
    )


@pytest.mark.row("S4-05")
def test_registrations_added_up_lead_to_the_electronic_permit(ruian: County) -> None:
    _, client = somebody(half_a_year(RUIAN))
    with registers_say():
        address = begun(client, BY_STAYS, QINGYUAN)
        promised(client, address)
        fill(client, address, QINGYUAN, "exemption")
        answer = submitted(client, address, "acknowledges_cancellation")
    assert answer.redirect_chain[-1][0].endswith("/done"), words_of(answer)
    assert Case.objects.get().state == "completed"


def test_a_promise_to_words_that_are_no_longer_the_law_is_asked_for_again(ruian: County) -> None:
    who, client = somebody()
    a_card(who, ruian, on=TODAY - timedelta(days=30))
    address = begun(client, BY_PERMIT, QINGYUAN)
    form = fields_of(client.get(f"{address}/promise"))
    answer = client.post(f"{address}/promise", {**form, "hash": "0" * 64})
    assert answer.status_code == 422
    assert "告知承诺的内容已经更新" in words_of(answer)
    draft = Application.objects.get()
    with pytest.raises(Conflict):
        make_promise(application_id=draft.pk, text_hash="0" * 64, acting=who.person, version=draft.version, on=TODAY,
                     by=who.principal)  # fmt: skip
    assert not Application.objects.get().answers.get("promises")


@pytest.mark.row("S3-25", "S3-26")
def test_an_endorsement_that_is_due_takes_one_tap(ruian: County) -> None:
    who, client = somebody(half_a_year(QINGYUAN))
    a_card(who, ruian, on=ISSUED)
    with registers_say():
        before = a_draft(who, BY_STAYS, county=QINGYUAN)
        case = submitted_by_service(who, before)
        Case.objects.filter(pk=case.pk).update(state="withdrawn")
        Permit.objects.filter(kind="zhejiang_digital").update(state="ended", ended_on=TODAY)
        Permit.objects.filter(kind="zhejiang_card").update(state="held", ended_on=None, end_reason="")
        page = client.get(f"/apply/endorsement?place={QINGYUAN}")
        assert ADDRESS in words_of(page)
        answers = [client.post(f"/apply/endorsement?place={QINGYUAN}", follow=True) for _ in range(2)]
    assert answers[0].redirect_chain[-1][0].endswith("/done"), words_of(answers[0])
    assert answers[1].status_code in {200, 422}
    assert Case.objects.filter(item="floating.endorsement").count() == 1


@pytest.mark.row("S3-25")
def test_what_a_tap_cannot_know_is_asked_for(ruian: County) -> None:
    who, client = somebody(half_a_year(RUIAN))
    a_card(who, ruian, on=ISSUED)
    page = client.get("/apply/endorsement")  # as the page of the permit leads there
    assert page.status_code == 200
    answer = client.post("/apply/endorsement", follow=True)
    address = answer.redirect_chain[-1][0]
    assert address.startswith("/applications/")
    fill(client, address, RUIAN)
    handed_in(client, address, identity="identity_card", employment_proof="labour_contract")
    assert submitted(client, address).redirect_chain[-1][0].endswith("/done")


def test_one_whose_window_is_not_open_is_told_from_when(ruian: County) -> None:
    who, client = somebody(half_a_year(RUIAN))
    a_card(who, ruian, on=TODAY - timedelta(days=60))
    page = client.get(f"/apply/endorsement?place={RUIAN}")
    assert "条例" in words_of(page)
    assert client.post(f"/apply/endorsement?place={RUIAN}").status_code == 422
    assert not Application.objects.exists()


def test_registers_are_offered_before_an_upload(ruian: County, settings: Any, tmp_path: Any) -> None:
    from tests.support.registers import ALIVE, answering_source, put, registers_in
    from yizhengtong.foundation.exchange.registers.contract import Kind

    registers_in(settings, tmp_path / "registers")
    who, client = somebody()
    a_card(who, ruian, on=TODAY - timedelta(days=30))
    put(settings, Kind.HOUSEHOLD_REGISTER, who.number, ALIVE, as_of=TODAY - timedelta(days=1))
    with answering_source():
        address = begun(client, BY_PERMIT, QINGYUAN)
        promised(client, address)
        paper = f"{address}/papers/identity"
        shown = client.get(paper).content.decode()
        assert shown.index(f"{paper}/registers") < shown.index('type="file"')
        answer = client.post(f"{paper}/registers", follow=True)
        assert "不必提交材料" in words_of(answer)
        assert f"{paper}/registers" not in answer.content.decode()
