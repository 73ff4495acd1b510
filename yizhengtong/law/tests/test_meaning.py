"""What single values of Jinan's law mean on the boundary day, the day before and the day after."""

from datetime import date

import pytest

from yizhengtong.kernel.dates import age_on
from yizhengtong.law.law import Law
from yizhengtong.law.reading import Library
from yizhengtong.law.schema import SourceText

JINAN = "cn/370000/370100/hmt.yaml"


@pytest.mark.row("S2-19", "D2")
def test_first_issue_replacement_and_reissue_all_cost_nothing_in_jinan(jinan: Law) -> None:
    for key in ("fee.first", "fee.replace", "fee.reissue"):
        assert (jinan.value(key).charge, jinan.value(key).fen) == ("free", 0)
        assert jinan[key].source.text == "济政办字〔2019〕25号"


@pytest.mark.row("D2")
def test_what_a_replacement_costs_elsewhere_is_known_to_cost_and_not_known_how_much(nation: Law) -> None:
    assert (nation.value("fee.replace").charge, nation.value("fee.replace").fen) == ("card_cost", None)


@pytest.mark.row("S2-11", "D10")
def test_a_permit_is_good_for_five_years_without_endorsement(jinan: Law) -> None:
    validity = jinan.value("validity")
    assert (validity.duration.n, validity.duration.unit, validity.endorsement) == (5, "year", "none")


@pytest.mark.row("S2-10", "S1-034", "D3")
@pytest.mark.parametrize(
    ("day", "may_be_represented"),
    [(date(2026, 5, 19), True), (date(2026, 5, 20), False), (date(2026, 5, 21), False)],
)
def test_a_guardian_may_apply_until_the_day_before_the_sixteenth_birthday(
    jinan: Law, day: date, may_be_represented: bool
) -> None:
    (rule,) = jinan.value("proxy.rules")
    age = age_on(date(2010, 5, 20), day)
    assert (age < rule.under_age) is may_be_represented
    assert (age < jinan.value("proxy.minor_under_age")) is may_be_represented
    assert (rule.who, rule.by) == ("minor", ("guardian",))


@pytest.mark.row("S1-038", "S2-16")
def test_a_five_year_travel_permit_is_accepted_and_a_one_time_one_is_not(jinan: Law) -> None:
    assert jinan.value("travel_document.accepted") == ("hrp", "mtp_five_year")
    assert {"mtp_one_time", "hrp_non_chinese"} <= set(jinan.value("travel_document.refused"))
    assert jinan["travel_document.refused"].marks["hrp_non_chinese"] == "I"


@pytest.mark.row("S2-16")
def test_jinan_names_no_kind_of_travel_permit_so_both_kinds_are_inferred(jinan: Law) -> None:
    accepted = jinan["travel_document.accepted"]
    assert accepted.certainty == "C"
    assert {kind: accepted.marks[kind] for kind in accepted.value} == {"hrp": "I", "mtp_five_year": "I"}


@pytest.mark.row("S2-18", "D8")
def test_photo_and_fingerprints_are_captured_on_site(jinan: Law) -> None:
    assert jinan.value("photo.mode") == "captured_on_site"
    assert jinan.value("photo.receipt_accepted") is True
    assert jinan.value("fingerprint.required") is True


@pytest.mark.row("D1")
def test_ten_more_days_for_remote_areas_are_known_but_not_seen(nation: Law) -> None:
    extension = nation["issue.remote_extension"]
    assert (extension.value.n, extension.value.unit, extension.certainty) == (10, "workday", "M")


@pytest.mark.row("D4")
def test_that_the_half_year_need_not_be_continuous_is_marked_as_inferred(nation: Law) -> None:
    residence = nation["residence.requirement"]
    assert residence.value.contiguous is False
    assert (residence.certainty, residence.marks["contiguous"]) == ("C", "I")


@pytest.mark.row("D23")
def test_asking_for_more_papers_does_not_stop_the_clock(jinan: Law) -> None:
    assert jinan.value("issue.supplement_pauses") is False
    assert jinan["issue.supplement_pauses"].certainty == "N"


@pytest.mark.row("D11")
@pytest.mark.parametrize(
    ("day", "article"), [(date(2025, 12, 31), "21"), (date(2026, 1, 1), "23"), (date(2026, 1, 2), "23")]
)
def test_logs_are_kept_six_months_under_the_article_in_force(library: Library, day: date, article: str) -> None:
    log = library.law("370100", "hmt", day)["retention.log"]
    assert (log.value.keep, log.value.n, log.value.unit) == ("at_least", 6, "month")
    assert log.source.article == article


def test_where_the_law_was_not_found_the_value_is_nothing_and_the_mark_says_so(nation: Law) -> None:
    missing = {key for key in nation if nation.value(key) is None}
    assert missing == {"residence.report_within", "move.report_within", "rating.fix_limit"}
    assert {nation[key].certainty for key in missing} == {"N"}


def test_jinans_own_values_begin_on_the_day_of_its_notice(library: Library) -> None:
    assert library.law("370100", "hmt", date(2019, 4, 18))["fee.replace"].pack == "cn/hmt.yaml"
    assert library.law("370100", "hmt", date(2019, 4, 19))["fee.replace"].pack == JINAN


@pytest.mark.row("S2-01", "S2-02", "S2-03", "S2-06")
def test_the_notice_its_number_its_day_its_basis_and_whom_it_addresses(library: Library) -> None:
    notice: SourceText = library.files[JINAN].sources["j25"]
    assert notice.text == "济政办字〔2019〕25号"
    assert (notice.published, notice.issuer) == (date(2019, 4, 19), "济南市人民政府办公厅")
    assert notice.based_on == ("鲁政办字〔2018〕240号", "国办发〔2018〕81号")
    assert notice.addressed_to == ("各区县人民政府", "市政府各部门(单位)")
    for copied_to in (
        "市委各部门", "市人大常委会办公厅", "市政协办公厅", "市监委", "济南警备区",
        "市法院", "市检察院", "各民主党派市委",
    ):  # fmt: skip
        assert copied_to in notice.note


@pytest.mark.row("S2-01")
def test_the_provinces_notice_was_not_seen_and_sets_nothing(library: Library) -> None:
    province = library.files["cn/370000/hmt.yaml"]
    assert province.parameters == ()
    assert province.sources["s240"].certainty == "N"


@pytest.mark.row("S1-092")
@pytest.mark.parametrize(
    ("day", "is_in_force"), [(date(2018, 8, 31), False), (date(2018, 9, 1), True), (date(2018, 9, 2), True)]
)
def test_the_national_method_is_in_force_from_the_first_of_september_2018(
    library: Library, day: date, is_in_force: bool
) -> None:
    if is_in_force:
        assert "hmt.first_issue" in library.law("cn", "hmt", day).items
    else:
        with pytest.raises(Exception, match=r"law\.none_in_force"):
            library.law("cn", "hmt", day)
