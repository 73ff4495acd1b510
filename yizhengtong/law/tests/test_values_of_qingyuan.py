"""Every value of Qingyuan's pack (庆政办发〔2023〕43号), word for word as it is meant."""

import pytest

from yizhengtong.law.reading import Library
from yizhengtong.law.tests.values import said, sparse_value, value_in


@pytest.mark.parametrize(
    ("key", "value", "unit", "certainty", "source"),
    [
        said(
            "conversion.residence",
            {"measure": "months", "n": 6, "scope": "province", "contiguous": True, "evidence": "registered"},
            "record",
            "C",
            "庆政办发〔2023〕43号 art. 一.2",
            "S4-05",
            "D4",
            "D6",
        ),
        said("residence.gap_tolerance_days", 0, "day", "I", "平台约定", "S4-05", "D6"),
        said(
            "residence.exempt_groups",
            ["named_investor", "named_talent"],
            "list",
            "I",
            "庆政办发〔2023〕43号 art. 一.2",
            "S4-06",
        ),
        said(
            "conversion.employment.proofs",
            [
                {"evidence": "labour_contract"},
                {"evidence": "farming_contract"},
                {"evidence": "social_insurance"},
                {"evidence": "business_licence"},
                {"evidence": "other_employment_proof", "requires": ["found_fitting"]},
            ],
            "list",
            "C",
            "庆政办发〔2023〕43号 art. 附件1",
            "S4-21",
            "D7",
        ),
        said(
            "conversion.dwelling.proofs",
            [
                {"evidence": "own_home"},
                {"evidence": "dormitory"},
                {"evidence": "rental_registration"},
                {"evidence": "lease_filing"},
                {"evidence": "lease"},
                {"evidence": "safety_proof"},
                {"evidence": "rental_tax"},
                {"evidence": "other_rental_proof", "requires": ["found_fitting"]},
                {"evidence": "other_dwelling_proof", "requires": ["found_fitting"]},
            ],
            "list",
            "C",
            "庆政办发〔2023〕43号 art. 附件1",
            "S4-22",
            "D7",
        ),
        said(
            "conversion.study.proofs",
            [
                {"evidence": "primary_school_enrolment"},
                {"evidence": "secondary_school_enrolment"},
                {"evidence": "vocational_school_enrolment"},
                {"evidence": "university_enrolment"},
            ],
            "list",
            "C",
            "庆政办发〔2023〕43号 art. 附件1",
            "S4-23",
            "D7",
        ),
        said(
            "application.channels",
            ["government_service_site", "zheliban_app", "window"],
            "list",
            "C",
            "庆政办发〔2023〕43号 art. 二.1",
            "S4-09",
            "S4-10",
        ),
        said(
            "application.online_entries",
            {
                "entries": [
                    {
                        "channel": "government_service_site",
                        "name": {
                            "zh_hans": "浙江政务服务网",
                            "zh_hant": "浙江政務服務網",
                            "en": "Zhejiang government service site 浙江政务服务网",
                        },
                    },
                    {
                        "channel": "zheliban_app",
                        "name": {"zh_hans": "“浙里办”APP", "zh_hant": "“浙里辦”APP", "en": "the app Zheliban 浙里办"},
                        "section": {
                            "zh_hans": "流动人口专区",
                            "zh_hant": "流動人口專區",
                            "en": "流动人口专区 (for those who came from elsewhere)",
                        },
                    },
                ],
                "platform": {
                    "zh_hans": "省公安厅电子居住证平台",
                    "zh_hant": "省公安廳電子居住證平台",
                    "en": "the provincial police's platform for electronic residence permits",
                },
            },
            "record",
            "C",
            "庆政办发〔2023〕43号 art. 二.1",
            "S4-09",
        ),
        said("application.online_first", True, "flag", "C", "庆政办发〔2023〕43号 art. 二", "S4-08"),
        said(
            "application.steps",
            ["promise", "fill_in", "upload", "confirm"],
            "list",
            "C",
            "庆政办发〔2023〕43号 art. 二.2",
            "S4-11",
            "D9",
        ),
        said(
            "acceptance.kinds",
            ["online", "police_station"],
            "list",
            "C",
            "庆政办发〔2023〕43号 art. 二.1",
            "S4-08",
            "S4-10",
        ),
        said(
            "form.mode",
            ["filled_online", "filled_by_applicant"],
            "list",
            "C",
            "庆政办发〔2023〕43号 art. 二.2",
            "S4-11",
            "D9",
        ),
        said(
            "conversion.form",
            [
                {"code": "application_number", "words": "申请编号", "kind": "text", "group": "head"},
                {"code": "number", "words": "公民身份证号码", "kind": "number_cells", "group": "head", "cells": 18},
                {"code": "name", "words": "姓名", "kind": "text", "group": "head"},
                {"code": "sex", "words": "性别", "kind": "text", "group": "head"},
                {"code": "nation", "words": "民族", "kind": "text", "group": "head"},
                {"code": "household_province", "words": "常住户口省", "kind": "text", "group": "head"},
                {"code": "household_county", "words": "常住户口县", "kind": "text", "group": "head"},
                {"code": "household_address", "words": "详细地址", "kind": "text", "group": "head"},
                {"code": "residence_address", "words": "现居住住址", "kind": "text", "group": "head"},
                {
                    "code": "conversion_type",
                    "words": "互认类型",
                    "kind": "one_choice",
                    "group": "type",
                    "choices": [
                        {"code": "existing_permit", "words": "现有居住证件互认"},
                        {"code": "registrations", "words": "居住登记时间累计互认"},
                    ],
                },
                {
                    "code": "employment_proof",
                    "words": "合法稳定就业",
                    "kind": "choices",
                    "group": "employment",
                    "choices": [
                        {"code": "labour_contract", "words": "签订劳动合同"},
                        {"code": "farming_contract", "words": "签订农业承包合同"},
                        {"code": "social_insurance", "words": "参加社会保险"},
                        {"code": "business_licence", "words": "持有工商执照"},
                        {"code": "other_employment_proof", "words": "其他"},
                    ],
                },
                {
                    "code": "dwelling_proof",
                    "words": "合法稳定住所",
                    "kind": "choices",
                    "group": "dwelling",
                    "choices": [
                        {"code": "own_home", "words": "自购房屋"},
                        {"code": "dormitory", "words": "单位内部宿舍"},
                        {"code": "other_dwelling_proof", "words": "其他"},
                    ],
                },
                {
                    "code": "rented_dwelling_proof",
                    "words": "居住出租房屋",
                    "kind": "choices",
                    "group": "rented_dwelling",
                    "choices": [
                        {"code": "rental_registration", "words": "办理出租登记"},
                        {"code": "lease_filing", "words": "办理租赁登记备案"},
                        {"code": "lease", "words": "签订租赁合同"},
                        {"code": "safety_proof", "words": "符合安全条件"},
                        {"code": "rental_tax", "words": "依法缴纳税费"},
                        {"code": "other_rental_proof", "words": "其他"},
                    ],
                },
                {
                    "code": "study_proof",
                    "words": "连续就读",
                    "kind": "choices",
                    "group": "study",
                    "choices": [
                        {"code": "primary_school_enrolment", "words": "小学学籍证明"},
                        {"code": "secondary_school_enrolment", "words": "中学学籍证明"},
                        {"code": "vocational_school_enrolment", "words": "中高等职业学校学籍证明"},
                        {"code": "university_enrolment", "words": "普通高等学校学籍证明"},
                    ],
                },
                {"code": "tip", "words": "重要提示", "kind": "notice", "group": "notice"},
                {
                    "code": "declaration",
                    "words": "申请人声明",
                    "kind": "declaration",
                    "group": "notice",
                    "signed": True,
                },
                {
                    "code": "clerk_opinion",
                    "words": "受理人意见",
                    "kind": "opinion",
                    "group": "opinions",
                    "signed": True,
                },
                {
                    "code": "reviewer_opinion",
                    "words": "审核人意见",
                    "kind": "opinion",
                    "group": "opinions",
                    "signed": True,
                },
                {
                    "code": "approver_opinion",
                    "words": "审批人意见",
                    "kind": "opinion",
                    "group": "opinions",
                    "signed": True,
                },
                {"code": "remark", "words": "备注", "kind": "remark", "group": "remark"},
            ],
            "list",
            "C",
            "庆政办发〔2023〕43号 art. 附件1",
            "S4-18",
            "S4-19",
            "S4-20",
            "S4-21",
            "S4-22",
            "S4-23",
            "S4-24",
            "S4-25",
            "S4-26",
            "S4-27",
        ),
        said("conversion.flow_chart", None, "text", "N", "庆政办发〔2023〕43号 art. 附件2", "S4-28"),
        said(
            "conversion.limit",
            {"n": 2, "unit": "workday", "start": "acceptance", "end": "signed"},
            "workday",
            "C",
            "庆政办发〔2023〕43号 art. 二.2",
            "S4-14",
            "D1",
        ),
        said(
            "conversion.push_limit",
            {"n": 2, "unit": "workday", "start": "acceptance", "end": "pushed"},
            "workday",
            "I",
            "庆政办发〔2023〕43号 art. 二.2",
            "S4-15",
        ),
        said(
            "conversion.push_to", "provincial_data_platform", "choice", "C", "庆政办发〔2023〕43号 art. 二.2", "S4-15"
        ),
        said("conversion.cancels_all_earlier", True, "flag", "C", "庆政办发〔2023〕43号 art. 附件1", "S4-24", "D12"),
        said(
            "validity",
            {"n": None, "unit": None, "endorsement": "yearly"},
            "record",
            "I",
            "浙江省流动人口居住登记条例 art. 19",
            "D10",
        ),
        said("move.mode", "new_permit_ends_old", "choice", "C", "庆政办发〔2023〕43号 art. 附件1", "S4-24", "D12"),
        said("eform.statutory", True, "flag", "C", "庆政办发〔2023〕43号 art. 序言", "S4-03", "S4-05"),
        said("notice.one_time", True, "flag", "C", "庆政办发〔2023〕43号 art. 二.2", "S4-17", "D20"),
        said("refusal.reasons_required", True, "flag", "C", "庆政办发〔2023〕43号 art. 二.2", "S4-17"),
        said(
            "decide.officers",
            ["clerk", "reviewer", "approver"],
            "list",
            "C",
            "庆政办发〔2023〕43号 art. 附件1",
            "S4-26",
            "D24",
        ),
        said("decide.automatic_approval", True, "flag", "I", "庆政办发〔2023〕43号 art. 二.2", "S4-13", "D24"),
        said(
            "decide.automatic_items",
            ["floating.conversion_permit", "floating.conversion_registrations"],
            "list",
            "I",
            "庆政办发〔2023〕43号 art. 二.2",
            "S4-13",
            "D24",
        ),
        said(
            "decide.system_rules",
            [
                {"opinion": "clerk", "rule": "form_is_complete_and_declared", "answers": "accepting_station"},
                {"opinion": "reviewer", "rule": "every_fact_is_confirmed", "answers": "county_authority"},
                {"opinion": "approver", "rule": "every_condition_is_met", "answers": "county_authority"},
            ],
            "list",
            "I",
            "平台约定",
            "S4-26",
            "D24",
        ),
        said(
            "messages.completion_fee",
            {"charge": "free", "fen": 0},
            "fen",
            "C",
            "庆政办发〔2023〕43号 art. 二.2",
            "S4-16",
            "D2",
        ),
        said("messages.customisable", True, "flag", "C", "庆政办发〔2023〕43号 art. 二.2", "S4-16"),
        said(
            "retention.archive", {"keep": "long_term"}, "record", "C", "庆政办发〔2023〕43号 art. 附件1", "S4-27", "D11"
        ),
    ],
)
def test_qingyuan_says(library: Library, key: str, value: object, unit: str, certainty: str, source: str) -> None:
    found = value_in(library, "cn/330000/331100/331126/floating.yaml", key)
    assert sparse_value(found.value) == value
    assert (found.entry.unit, found.entry.certainty, source) == (unit, certainty, str(found.source))


def test_qingyuan_says_nothing_else(library: Library) -> None:
    keys = [
        each.key
        for each in library.files["cn/330000/331100/331126/floating.yaml"].parameters
        if not each.key.startswith("confirm.")
    ]
    assert len(keys) == 30
