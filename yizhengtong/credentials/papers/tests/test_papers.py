"""Every paper of every kind of case: it is drawn, it fits, it says what the case says, and it can be checked."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.settlement.taipei import Jinan
from tests.support.cases import case_at, fresh, permit_of
from tests.support.law import LIXIA, TODAY
from tests.support.people import a_principal, a_resident
from yizhengtong.credentials.papers import certificates, forms
from yizhengtong.credentials.papers.models import IssuedPaper
from yizhengtong.credentials.papers.queries import check_paper, papers_of_case, sheet_of_case
from yizhengtong.credentials.papers.services import (
    Printed,
    print_account_slip,
    print_case_paper,
    print_permit_paper,
    print_residence_certificate,
    print_voucher,
)
from yizhengtong.credentials.papers.sheet import Tongue
from yizhengtong.credentials.papers.tests.reading import fonts_of, has_gaps, is_tagged, pages_of, text_of
from yizhengtong.credentials.papers.tests.world import (
    EXTENSION_B,
    LONG,
    RARE,
    conversion,
    endorsement_or_first_issue,
    every_case,
    settled,
    supplemented,
)
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.casework.tests.qingyuan import County, registers_say
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.residence.models import Registration

pytestmark = pytest.mark.django_db
ORIGIN = "https://permits.example"
MOST_PAGES = 2


def printed(case: Case, kind: str, language: str = "zh-Hans") -> Printed:
    return print_case_paper(case=case, kind=kind, language=language, origin=ORIGIN, by=a_principal())


def said(case: Case, kind: str, language: str = "zh-Hans") -> str:
    return text_of(printed(case, kind, language).content)


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant-TW", "en"])
def test_every_paper_fits_is_tagged_and_has_every_glyph(
    jinan: Jinan, qingyuan: County, ruian: County, language: str
) -> None:
    kinds = set()
    for case, kind in every_case(jinan, qingyuan, ruian):
        kinds.add(kind)
        content = printed(case, kind, language).content
        assert pages_of(content) <= MOST_PAGES, kind
        assert is_tagged(content), kind
        assert not has_gaps(content), kind
        assert all(fonts_of(content).values()), kind
        if kind != certificates.FLOW:
            assert case.person.name in text_of(content), kind
    assert kinds == {
        *forms.FORMS, "conversion_flow", "submission_receipt", "receipt", "supplement", "refusal", "approval_notice",
        "settlement_permit", "permit_copy", "electronic_permit",
    }  # fmt: skip


def test_rare_characters_of_two_extensions_are_printed_by_two_fonts(jinan: Jinan, ruian: County) -> None:
    content = printed(endorsement_or_first_issue(ruian), "zhejiang_form").content
    assert EXTENSION_B in text_of(content)
    assert any("HanaMin" in name for name in fonts_of(content))
    case, _ = case_at(jinan.city, CaseState.RECEIVED, resident=a_resident(name=RARE))
    assert RARE in said(case, "hmt_form")


def test_a_long_address_stands_whole_on_the_form(ruian: County) -> None:
    told = said(endorsement_or_first_issue(ruian), "zhejiang_form")
    assert LONG[:200] in told


def test_the_same_content_has_the_same_reference_however_often_it_is_signed(jinan: Jinan) -> None:
    case, _ = case_at(jinan.city, CaseState.ACCEPTED)
    first, second = printed(case, "receipt"), printed(case, "receipt")
    assert first.reference == second.reference
    assert text_of(first.content) == text_of(second.content)
    assert IssuedPaper.objects.count() == 1


@pytest.mark.row("S1-041")
def test_the_registration_form_is_printed_from_the_case_and_nothing_of_it_is_typed_again(jinan: Jinan) -> None:
    case, who = case_at(jinan.city, CaseState.COMPLETED)
    told = said(case, "hmt_form")
    assert "《港澳台居民居住证申领登记表》" in told
    answers = case.application.answers
    document = who.person.numbers.get(is_current=True, kind="hrp")
    for value in (
        who.person.name, "1994年8月23日", str(document.number), answers["residence_address"],
        answers["phone"].replace(" ", ""), case.office.name, "材料已收", "已审核", "同意", case.receipt_number,
    ):  # fmt: skip
        assert str(value) in told
    for label in ("姓名", "性别", "出生日期", "居住地住址", "出入境证件号码", "申请人签名"):
        assert label in told


@pytest.mark.row("S4-18", "S4-19")
def test_the_conversion_form_has_exactly_the_fields_of_the_source_and_18_cells(qingyuan: County, ruian: County) -> None:
    case = conversion(qingyuan, ruian)
    with registers_say():
        sheet, _, _ = sheet_of_case(case, forms.CONVERSION_FORM, Tongue())
    assert sheet.title == "《浙江省居住证》互认转换申请表"
    labels = [pair["label"] for part in sheet.parts if part["kind"] == "row" for pair in part["pairs"]]
    assert labels == ["申请编号", "姓名", "性别", "民族", "常住户口省县", "详细地址", "现居住住址"]
    cells = [part for part in sheet.parts if part["kind"] == "cells"]
    assert [part["label"] for part in cells] == ["公民身份证号码"]
    number = case.person.numbers.get(kind="resident_id").number
    assert cells[0]["cells"] == list(str(number))
    assert len(cells[0]["cells"]) == 18
    others = [part.get("label") for part in sheet.parts if part["kind"] not in {"row", "cells"}]
    assert others == ["互认类型", "证明材料", "重要提示", "申请人声明", "审核部门意见", "备注"]


@pytest.mark.row("S4-20", "S4-21", "S4-22", "S4-23")
def test_the_boxes_of_the_conversion_form_are_those_of_the_source_and_what_was_proven_is_ticked(
    qingyuan: County, ruian: County
) -> None:
    case = conversion(qingyuan, ruian)
    with registers_say():
        sheet, _, _ = sheet_of_case(case, forms.CONVERSION_FORM, Tongue())
    parts = {part.get("label"): part for part in sheet.parts}
    types = [(box["words"], box["ticked"]) for box in parts["互认类型"]["choices"]]
    assert types == [("现有居住证件互认", True), ("居住登记时间累计互认", False)]
    columns = parts["证明材料"]["columns"]
    assert [column["label"] for column in columns] == ["合法稳定就业", "合法稳定住所", "连续就读"]
    boxes = [[box["words"] for group in column["groups"] for box in group["choices"]] for column in columns]
    assert boxes == [
        ["签订劳动合同", "签订农业承包合同", "参加社会保险", "持有工商执照", "其他"],
        ["自购房屋", "单位内部宿舍", "其他", "办理出租登记", "办理租赁登记备案", "签订租赁合同", "符合安全条件",
         "依法缴纳税费", "其他"],
        ["小学学籍证明", "中学学籍证明", "中高等职业学校学籍证明", "普通高等学校学籍证明"],
    ]  # fmt: skip
    assert [group["label"] for group in columns[1]["groups"]] == ["", "居住出租房屋"]
    ticked = [
        box["words"] for column in columns for group in column["groups"] for box in group["choices"] if box["ticked"]
    ]
    assert ticked == ["签订劳动合同"]


@pytest.mark.row("S4-24", "S4-25", "S4-26", "S4-27")
def test_tip_declaration_opinions_and_remark_of_the_conversion_form_are_in_the_words_of_the_source(
    qingyuan: County, ruian: County
) -> None:
    case = conversion(qingyuan, ruian)
    with registers_say():
        told = said(case, "conversion_form")
    for words in (
        "居住证互认转换完成后，申请人以前所申领的《浙江省居住证》自动注销，只保留转换后签发的电子《浙江省居住证》。",
        "本申请表所填内容正确无误，所提交的个人信息和相关材料真实有效。如有虚假愿承担法律责任。",
        "申请人签名：", "受理人意见：", "审核人意见：", "审批人意见：",
        "申请表应当随同居住证互认时的证明材料，一人一档，长期妥善保管。",
    ):  # fmt: skip
        assert words in told, words
    assert told.count("2026年9月18日") == 4  # the declaration's day and those of three opinions


@pytest.mark.row("S0-T19")
def test_the_settlement_form_names_the_ground_and_the_papers(jinan: Jinan) -> None:
    case = settled(jinan)
    told = said(case, "settlement_form")
    assert "《台湾居民来大陆定居申请表》" in told
    for words in (
        "台湾地区",
        "√□投靠大陆直系亲属",
        "亲属关系公证",
        "有效的台湾地区身份证",
        "山东省济南市历下区和平路47号",
    ):
        assert words in told, words


@pytest.mark.row("S0-T25", "S0-T26")
def test_an_approved_settlement_has_both_papers_by_case_and_by_permit(jinan: Jinan) -> None:
    case = settled(jinan)
    permit = permit_of(case)
    notice = said(case, "approval_notice")
    assert "批准定居通知书" in notice
    assert "请持本通知书和《台湾居民定居证》" in notice
    for kind in ("approval_notice", "settlement_permit"):
        by_permit = print_permit_paper(permit=permit, kind=kind, language="zh-Hans", origin=ORIGIN, by=a_principal())
        assert by_permit.reference == printed(case, kind).reference
    assert permit.number in text_of(by_permit.content)
    assert "9999" not in text_of(by_permit.content)


@pytest.mark.row("S3-31")
def test_the_receipt_says_number_day_and_the_last_day_of_the_decision(jinan: Jinan) -> None:
    case, _ = case_at(jinan.city, CaseState.ACCEPTED)
    told = said(case, "receipt")
    assert case.receipt_number
    assert case.due_on
    for words in (
        case.receipt_number,
        "2026年9月18日",
        f"{case.due_on.year}年{case.due_on.month}月{case.due_on.day}日",
    ):
        assert words in told


@pytest.mark.row("S4-17", "S3-33")
def test_a_refusal_has_every_reason_its_article_and_both_remedies_with_their_last_days(jinan: Jinan) -> None:
    case, _ = case_at(jinan.city, CaseState.REFUSED)
    told = said(case, "refusal")
    notice = case.notices.get()
    assert len(notice.findings) >= 1
    for finding in notice.findings:
        assert "".join(finding["source"]["text"].split()) in told
    for remedy in notice.remedies:
        until = date.fromisoformat(remedy["until"])
        assert f"{until.year}年{until.month}月{until.day}日" in told
    assert "行政复议法第20条" in told
    assert "行政诉讼法第46条" in told


def test_a_supplement_says_what_is_missing_and_how_to_mend_it_in_the_readers_language_too(jinan: Jinan) -> None:
    case = supplemented(jinan)
    assert "怎样补正" in said(case, "supplement")
    assert "fingerprint" in said(case, "supplement", "en").casefold()


def test_the_notice_and_the_form_are_found_by_their_short_names(jinan: Jinan) -> None:
    case, _ = case_at(jinan.city, CaseState.REFUSED)
    assert printed(case, "notice").reference == printed(case, "refusal").reference
    assert printed(case, "form").reference == printed(case, "hmt_form").reference


def test_a_paper_that_a_case_does_not_have_yet_is_not_there(jinan: Jinan) -> None:
    case, _ = case_at(jinan.city, CaseState.RECEIVED)
    assert papers_of_case(case) == ["hmt_form", "submission_receipt"]
    for kind in ("receipt", "refusal", "notice", "conversion_flow", "approval_notice", "anything"):
        with pytest.raises(NotFound):
            printed(case, kind)


def test_printing_is_on_record(jinan: Jinan) -> None:
    case, _ = case_at(jinan.city, CaseState.RECEIVED)
    printed(case, "submission_receipt")
    entry = Entry.objects.get(action="papers.print")
    assert (entry.person_id, entry.object_id, entry.fields) == (case.person_id, case.pk, ["submission_receipt"])


def test_the_certificate_of_residence_names_each_period_with_its_source(jinan: Jinan) -> None:
    who = a_resident()
    made = print_residence_certificate(
        person=who.person, place=LIXIA, language="en", origin=ORIGIN, on=TODAY, by=who.principal
    )
    told = text_of(made.content)
    for words in ("2026年3月18日", "至今", "和平路47号1单元101", "本人申报", "184天", "Source"):
        assert words in told, words


def test_a_certificate_for_somebody_without_a_stay_says_so(jinan: Jinan) -> None:
    who = a_resident(since=None)
    made = print_residence_certificate(
        person=who.person, place="", language="zh-Hans", origin=ORIGIN, on=TODAY, by=who.principal
    )
    assert "没有登记" in text_of(made.content)


def test_a_voucher_bears_its_number_and_its_seal_and_ends_with_the_registration(jinan: Jinan) -> None:
    who = a_resident()
    stay = Registration.objects.select_related("person").get(person=who.person)
    with pytest.raises(NotFound):
        print_voucher(registration=stay, language="zh-Hans", origin=ORIGIN, by=who.principal)
    Registration.objects.update(voucher_number="33010220260918000001")
    stay.refresh_from_db()
    made = print_voucher(registration=stay, language="zh-Hans", origin=ORIGIN, by=who.principal)
    assert "33010220260918000001" in text_of(made.content)
    assert standing(made) == "current"
    Registration.objects.update(until=TODAY)
    assert standing(made) == "ended"


def test_an_account_slip_is_printed_by_a_clerk_alone_and_nothing_of_it_is_kept(jinan: Jinan) -> None:
    account = Account(username="yzt-abcd2345")
    slip: dict[str, Any] = {
        "account": account,
        "password": "k7mw-x3pq-9rtv-hd2n",
        "language": "en",
        "until": TODAY,
        "on": TODAY,
    }
    made = print_account_slip(**slip, by=jinan.city.clerk)
    told = text_of(made.content)
    assert "yzt-abcd2345" in told
    assert "k7mw-x3pq-9rtv-hd2n" in told
    assert made.reference == ""
    assert not IssuedPaper.objects.exists()
    with pytest.raises(Forbidden):
        print_account_slip(**slip, by=a_principal())


def standing(made: Printed, on: date = TODAY) -> str:
    shown = check_paper(made.reference, on)
    return shown.standing if shown else ""


def test_a_paper_stands_under_its_reference_however_it_is_typed(jinan: Jinan) -> None:
    case, _ = case_at(jinan.city, CaseState.ACCEPTED)
    made = printed(case, "receipt")
    shown = check_paper(made.reference.upper().replace("-", " "), TODAY)
    assert shown is not None
    assert (shown.kind, shown.dated, shown.office, shown.standing) == ("receipt", TODAY, case.office.name, "current")
    assert made.reference in text_of(made.content)


@pytest.mark.parametrize("at", range(0, 19, 3))
def test_a_reference_with_another_letter_is_of_no_paper(jinan: Jinan, at: int) -> None:
    case, _ = case_at(jinan.city, CaseState.ACCEPTED)
    reference = printed(case, "receipt").reference
    if reference[at] == "-":
        at += 1
    wrong = reference[:at] + ("x" if reference[at] != "x" else "y") + reference[at + 1 :]
    assert check_paper(wrong, TODAY) is None
    assert check_paper("", TODAY) is None


def test_a_paper_that_says_something_else_takes_the_place_of_the_one_before(jinan: Jinan) -> None:
    case, _ = case_at(jinan.city, CaseState.RECEIVED)
    first = printed(case, "submission_receipt")
    case.office.name = "历下分局某派出所"
    second = printed(case, "submission_receipt")
    assert first.reference != second.reference
    assert (standing(first), standing(second)) == ("replaced", "current")
    case.office.refresh_from_db()
    assert printed(case, "submission_receipt").reference == first.reference
    assert (standing(first), standing(second)) == ("current", "replaced")


def test_papers_of_two_languages_stand_beside_each_other(jinan: Jinan) -> None:
    case, _ = case_at(jinan.city, CaseState.RECEIVED)
    both = [printed(case, "submission_receipt", language) for language in ("zh-Hans", "en")]
    assert [standing(each) for each in both] == ["current", "current"]


def test_a_settlement_permit_that_ended_no_longer_holds_on_paper(jinan: Jinan) -> None:
    case = settled(jinan)
    made = printed(case, "settlement_permit")
    assert standing(made) == "current"
    Permit.objects.filter(case_id=case.pk).update(state="ended", ended_on=TODAY)
    assert standing(made) == "ended"


def test_a_certificate_of_residence_no_longer_holds_once_something_was_registered_since(jinan: Jinan) -> None:
    who = a_resident()
    made = print_residence_certificate(
        person=who.person, place=LIXIA, language="zh-Hans", origin=ORIGIN, on=TODAY, by=who.principal
    )
    assert standing(made) == "current"
    paper = IssuedPaper.objects.get()
    Registration.objects.filter(person=who.person).update(recorded_at=paper.printed_at + timedelta(seconds=1))
    assert standing(made) == "ended"


def test_the_form_of_a_case_in_work_leaves_the_opinions_to_be_written(jinan: Jinan) -> None:
    case, _ = case_at(jinan.city, CaseState.RECEIVED)
    sheet, _, _ = sheet_of_case(fresh(case), "hmt_form", Tongue())
    opinions = next(part for part in sheet.parts if part["kind"] == "opinions")["opinions"]
    assert [opinion["day"] for opinion in opinions] == ["", "", ""]
    assert replace(sheet, number="").as_values()["number"] == ""
