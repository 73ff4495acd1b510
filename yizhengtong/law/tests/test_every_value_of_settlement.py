"""Every value of the packs of settlement with its days, and the item, word for word as they are meant."""

from datetime import date
from typing import Any

import pytest

from yizhengtong.law.reading import Library
from yizhengtong.law.schema import Entry
from yizhengtong.law.tests.values import sparse_value

GUIDE, STATEMENT, FUJIAN, DONGGUAN, XIAMEN = "2021-01-01", "2025-12-03", "2024-01-01", "2025-03-13", "2024-06-05"
TAO, NIA, WE = "国台办例行新闻发布会(12月3日)", "国家移民管理局《台湾居民来大陆定居》办事指南", "平台约定"
OF_XIAMEN, OF_DONGGUAN = (
    "厦门市《台湾居民来闽定居》办事指南(2024-06-05)",
    "东莞市《台湾居民来大陆定居》办事指南(2025-03-13)",
)
OFFICERS = ["clerk", "reviewer", "approver"]
OUTPUTS = ["approval_notice", "settlement_permit"]
STATED = ["application_form", "photos", "taiwan_identity_card", "travel_document"]
GUIDED = [
    "written_application", "application_form", "photos", "mainland_travel_permit", "taiwan_identity_card",
    "travel_document", "health_certificate", "notarised_proof", "ground_proof",
]  # fmt: skip
PROXIES = [
    {"who": "minor", "under_age": 16, "by": ["guardian"], "papers": ["guardianship"]},
    {"who": "elderly", "from_age": 60, "by": ["guardian", "near_relative"], "papers": ["power_of_attorney"]},
    {"who": "seriously_ill", "by": ["guardian", "near_relative"], "papers": ["power_of_attorney"]},
]
NOTICE = [
    "voluntary", "three_documents", "reported_effects", "no_agents", "only_card_cost", "materials_protected",
    "keep_safe",
]  # fmt: skip
PAPERS = ("S0-T19", "S0-T20", "S0-T21", "S0-T22", "S0-T23", "D19")


def grounds(*investments: dict[str, Any], old: bool = False) -> list[dict[str, Any]]:
    """Return the four grounds of the nation as of the guide or of the statement, with a place's amounts."""
    kin, rest = ("alone_with_lineal_kin", []) if old else ("lineal_kin", [{"ground": "other"}])
    invested = [{"ground": "investment", **each} for each in investments or ({},)]
    return [{"ground": kin}, {"ground": "spouse", "married_years": 3}, *invested, {"ground": "talent"}, *rest]


def usd(millions: int) -> dict[str, int]:
    return {"least_usd_cents": millions * 1_000_000 * 100}


def limit(n: int, unit: str, start: str, end: str) -> dict[str, Any]:
    return {"n": n, "unit": unit, "start": start, "end": end}


def says(pack: str, days: str, key: str, value: object, mark: str, source: str, *rows: str) -> Any:
    """Return a case. `days`: since, or since/until; `mark`: unit and certainty."""
    path = f"{pack}/settlement.yaml"
    return pytest.param(
        path, days, key, value, mark, source, rows, marks=pytest.mark.row(*rows), id=f"{pack}-{key}-{days[:10]}"
    )


def nation(key: str, value: object, mark: str, source: str, *rows: str, since: str = GUIDE) -> Any:
    return says("cn", since, key, value, mark, source, *rows)


VALUES = [
    says("cn", f"{GUIDE}/{STATEMENT}", "settle.grounds", grounds(old=True), "list C", NIA, "S0-T17", "D18"),
    says("cn", STATEMENT, "settle.grounds", grounds(), "list I", TAO, "S0-T17", "D18"),
    says("cn", f"{GUIDE}/{STATEMENT}", "settle.docs", GUIDED, "list C", NIA, *PAPERS),
    says("cn", STATEMENT, "settle.docs", [*STATED, "ground_proof"], "list I", TAO, *PAPERS),
    nation("settle.health_certificate_months", 6, "month C", NIA, "D19"),
    nation(
        "settle.refusal_grounds",
        ["crime_suspected", "endangers_state", "false_statements", "serious_illness", "other_law"],
        "list I", "中国公民往来台湾地区管理办法 art. 19", "S0-T16",
    ),
    nation("application.voluntary", True, "flag C", TAO, "S0-T03", "S0-T33"),
    nation("proxy.rules", PROXIES, "list I", OF_XIAMEN, "D3"),
    nation("proxy.minor_under_age", 16, "year I", OF_XIAMEN, "D3"),
    nation("travel_document.accepted", ["mtp_five_year", "mtp_one_time"], "list I", TAO, "S0-T22"),
    nation("acceptance.kinds", ["exit_entry"], "list C", TAO, "S0-T18"),
    nation("issuer.level", "county", "choice C", TAO, "S0-T18", "S0-T24"),
    nation("form.name", "台湾居民来大陆定居申请表", "text C", TAO, "S0-T19"),
    nation("form.mode", ["filled_by_applicant"], "list C", TAO, "S0-T19", "D9"),
    nation("photo.receipt_accepted", False, "flag I", TAO, "S0-T20", "D8"),
    nation("fingerprint.required", False, "flag N", WE, "D8"),
    nation("booking.modes", ["online", "ticket_on_site"], "list I", WE),
    nation("delivery.modes", ["collect"], "list I", WE, "D25"),
    nation(
        "settle.notice", NOTICE, "list C", TAO,
        "S0-T03", "S0-T05", "S0-T33", "S0-T34", "S0-T35", "S0-T36", "S0-T37", "S0-T38", "S0-T39",
    ),
    nation("issue.limit", None, "record N", WE, "D1"),
    nation("issue.supplement_pauses", False, "flag N", WE, "D23"),
    nation("notice.one_time", True, "flag I", "行政许可法 art. 32", "D20"),
    nation("promise.kind", "internal_promise", "choice I", "行政许可法", "D20"),
    nation("receipt.required", True, "flag I", "行政许可法 art. 32", "D25"),
    nation("decide.officers", OFFICERS, "list I", TAO, "S0-T37", "D24"),
    nation("decide.automatic_approval", False, "flag I", "个人信息保护法 art. 24", "D24"),
    nation("refusal.reasons_required", True, "flag I", "行政许可法 art. 38"),
    nation("remedy.reconsideration", limit(60, "day", "notice", "filed"), "day I", "行政复议法 art. 20"),
    nation("remedy.lawsuit", limit(6, "month", "notice", "filed"), "month I", "行政诉讼法 art. 46"),
    nation("settle.outputs", OUTPUTS, "list C", TAO, "S0-T24", "S0-T25", "S0-T26"),
    nation("settle.notice_validity", None, "record N", WE),
    nation("validity", {"n": None, "unit": None, "endorsement": "none"}, "record N", WE, "D10"),
    nation("replacement.return_old_card", False, "flag I", WE),
    nation("permit.crosses_border", False, "flag C", TAO, "S0-T15"),
    nation("household.needs", OUTPUTS, "list C", TAO, "S0-T15", "S0-T31"),
    nation(
        "identity_card.duty_on_registration", True, "flag C", "居民身份证法 art. 9", "S0-T29", "S0-T30", "S0-T32"
    ),
    nation(
        "identity_card.issue_limit", limit(60, "day", "request", "issued"), "day C", "居民身份证法 art. 12", "S0-T32"
    ),
    nation("identity_card.refusal_forbidden", True, "flag C", "居民身份证法 art. 13", "S0-T32"),
    nation(
        "residence_permit.after_household_registration", "officer_looks", "choice I", "国办发〔2018〕81号", "S0-T05"
    ),
    nation("fee.first", {"charge": "card_cost"}, "fen C", TAO, "S0-T35", "D2"),
    nation("fee.third_party_allowed", False, "flag C", TAO, "S0-T34", "S0-T35"),
    nation("retention.archive", {"keep": "long_term"}, "record I", "庆政办发〔2023〕43号 art. 附件1", "D11"),
    nation(
        "retention.work", {"keep": "shortest_necessary"}, "record C", "个人信息保护法 art. 19", "D11",
        since="2021-11-01",
    ),
    nation("information.confidential", True, "flag C", TAO, "S0-T37", "S0-T38"),
    *(
        case
        for pack, certainty in (("cn/440000", "I"), ("cn/440000/441900", "C"))
        for case in (
            says(
                pack, f"{DONGGUAN}/{STATEMENT}", "settle.grounds", grounds(usd(5), old=True), f"list {certainty}",
                OF_DONGGUAN, "S0-T17", "D18",
            ),
            says(pack, STATEMENT, "settle.grounds", grounds(usd(5)), "list I", OF_DONGGUAN, "S0-T17", "D18"),
        )
    ),
    says("cn/440000/441900", DONGGUAN, "settle.docs", GUIDED, "list C", OF_DONGGUAN, "D19"),
    says(
        "cn/450000", f"{GUIDE}/{STATEMENT}", "settle.grounds", grounds(usd(10), old=True), "list C",
        "广西台湾居民来大陆定居办事指南", "S0-T17", "D18",
    ),
    says(
        "cn/450000", STATEMENT, "settle.grounds", grounds(usd(10)), "list I", "广西台湾居民来大陆定居办事指南",
        "S0-T17", "D18",
    ),
    says("cn/350000", FUJIAN, "settle.grounds", [{"ground": "any_wish"}], "list I", TAO, "S0-T27", "S0-T28", "D18"),
    says("cn/350000", FUJIAN, "settle.docs", STATED, "list I", OF_XIAMEN, "S0-T28", "D19"),
    says(
        "cn/350000/350200", f"{GUIDE}/{FUJIAN}", "settle.grounds",
        grounds(usd(10), {"least_tax_fen": 1_000_000 * 100}, old=True), "list C", "厦门市台湾居民来大陆定居旧规定",
        "S0-T17", "D18",
    ),
    says(
        "cn/350000/350200", FUJIAN, "settle.grounds", [{"ground": "any_wish"}], "list C", OF_XIAMEN,
        "S0-T27", "S0-T28", "D18",
    ),
    says("cn/350000/350200", XIAMEN, "settle.docs", [*STATED, "mainland_travel_permit"], "list C", OF_XIAMEN, "D19"),
    says("cn/350000/350200", XIAMEN, "proxy.rules", PROXIES, "list C", OF_XIAMEN, "D3"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "days", "key", "value", "mark", "source", "rows"), VALUES)
def test_settlement_says(
    library: Library, path: str, days: str, key: str, value: object, mark: str, source: str, rows: tuple[str, ...]
) -> None:
    (found,) = [
        each for each in library.files[path].parameters if each.key == key and days_of(each.entry) == days
    ]  # fmt: skip
    assert sparse_value(found.value) == value
    assert (f"{found.entry.unit} {found.entry.certainty}", found.entry.rows) == (mark, rows)
    assert str(library.files[path].source(found.entry.source)) == source


def days_of(entry: Entry) -> str:
    return str(entry.since) if entry.until is None else f"{entry.since}/{entry.until}"


def test_settlement_says_nothing_else(library: Library) -> None:
    packs = [file for path, file in library.files.items() if path.endswith("settlement.yaml")]
    assert sum(len(file.parameters) for file in packs) == len(VALUES)


@pytest.mark.row("S0-T17", "D18")
@pytest.mark.parametrize("place", ["440304", "441900", "450103", "370102"])
@pytest.mark.parametrize(
    ("on", "kin", "has_other"),
    [(date(2025, 12, 2), "alone_with_lineal_kin", False), (date(2025, 12, 3), "lineal_kin", True)],
)
def test_a_places_amount_leaves_the_other_grounds_to_the_nations_text_of_the_day(
    library: Library, place: str, on: date, kin: str, has_other: bool
) -> None:
    found = [each.ground for each in library.law(place, "settlement", on).value("settle.grounds")]
    assert (found[0], "other" in found) == (kin, has_other)


ASKED_OF_GROUNDS = {
    "kinship_proof": "lineal_kin", "relative_household": "lineal_kin", "support_undertaking": "lineal_kin",
    "marriage_proof": "spouse", "spouse_household": "spouse", "talent_proof": "talent", "other_ground_proof": "other",
}  # fmt: skip
DOCUMENTS = [
    ("application_form", "listed:application_form", ["settlement_form"], ["S0-T19"]),
    ("written_application", "listed:written_application", ["written_application"], ["D19"]),
    ("photos", "listed:photos", ["identity_photo"], ["S0-T20"]),
    ("taiwan_identity_card", "listed:taiwan_identity_card", ["taiwan_identity_card"], ["S0-T21"]),
    (
        "travel_document", "listed:travel_document", ["mtp_five_year", "mtp_one_time", "taiwan_travel_document"],
        ["S0-T22"],
    ),
    ("mainland_travel_permit", "listed:mainland_travel_permit", ["mtp_five_year", "mtp_one_time"], ["D19"]),
    ("health_certificate", "listed:health_certificate", ["health_certificate"], ["D19"]),
    ("notarised_proof", "listed:notarised_proof", ["notarised_proof"], ["D19"]),
    *((code, f"tested:{ground}", [code], ["S0-T23"]) for code, ground in list(ASKED_OF_GROUNDS.items())[:3]),
    ("no_carer_statement", "tested:alone_with_lineal_kin", ["no_carer_statement"], ["D19"]),
    *((code, f"tested:{ground}", [code], ["S0-T23"]) for code, ground in list(ASKED_OF_GROUNDS.items())[3:5]),
    ("investment_proof", "tested:investment", ["investment_proof", "tax_proof"], ["S0-T23"]),
    *((code, f"tested:{ground}", [code], ["S0-T23"]) for code, ground in list(ASKED_OF_GROUNDS.items())[5:]),
    ("representative_identity", "proxy", ["representative_identity"], ["D3"]),
    ("authority_to_act", "proxy", ["power_of_attorney", "guardianship_proof"], ["D3"]),
    ("illness_proof", "proxy:seriously_ill", ["illness_proof"], ["D3"]),
]  # fmt: skip
CONDITIONS = [
    ("is_taiwan_resident", "C", ["S0-T15"]),
    ("holds_valid_entry_document", "C", ["S0-T22"]),
    ("settlement_ground_holds", "C", ["S0-T17", "S0-T28", "D18"]),
    ("applies_of_own_will", "C", ["S0-T03", "S0-T33"]),
    ("settlement_representative_may_act", "I", ["D3"]),
    ("health_certificate_is_recent", "C", ["D19"]),
    ("no_refusal_ground_is_known", "I", ["S0-T16"]),
    ("holds_no_living_permit", "I", []),
]


@pytest.mark.row(
    "S0-T03", "S0-T05", "S0-T15", "S0-T16", "S0-T17", "S0-T18", "S0-T19", "S0-T20", "S0-T21", "S0-T22", "S0-T23",
    "S0-T24", "S0-T28", "S0-T33", "S0-T37", "D3", "D18", "D19",
)  # fmt: skip
def test_the_item_asks_exactly_this(library: Library) -> None:
    (item,) = [each.entry for path in library.files if "settlement" in path for each in library.files[path]["items"]]
    assert [item.name.zh_hans, item.name.zh_hant, item.name.en] == [
        "台湾居民来大陆定居", "台灣居民來大陸定居", "Settling on the mainland as a Taiwan resident",
    ]  # fmt: skip
    assert (item.permit_kind, item.outcome, item.form, item.fee) == (
        "settlement", "settlement", "台湾居民来大陆定居申请表", "fee.first",
    )  # fmt: skip
    assert (str(item.since), item.certainty, list(item.captures)) == (GUIDE, "C", [])
    assert list(item.grounds) == ["lineal_kin", "spouse", "investment", "talent", "other", "any_wish"]
    assert [(each.rule, each.certainty, list(each.rows)) for each in item.conditions] == CONDITIONS
    assert [(each.code, each.when, list(each.any_of), list(each.rows)) for each in item.documents] == DOCUMENTS
    assert [(each.step, each.role) for each in item.steps] == [
        ("accept", "clerk"), ("review", "reviewer"), ("approve", "approver"), ("produce", "clerk"),
        ("hand_over", "clerk"),
    ]  # fmt: skip
