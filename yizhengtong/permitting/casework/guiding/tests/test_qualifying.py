"""When somebody would qualify: each place by its own measure, days never as months, a gap never a refusal."""

from datetime import date, timedelta

import pytest

from tests.support.law import LIXIA, library
from tests.support.zhejiang import NANCHONG, QINGYUAN, RUIAN, XIHU
from yizhengtong.permitting.casework.guiding.qualifying import Claim, Outlook, Wish, outlooks
from yizhengtong.registry.residence.rules import Stay

ON = date(2026, 3, 10)
MARCH = date(2026, 3, 1)
WORK = {"employment": Claim(MARCH)}


def look(wish: Wish, subject: str = "floating", on: date = ON) -> dict[str, Outlook]:
    return {each.item: each for each in outlooks(wish, library().law(wish.place, subject, on), on)}


def newcomer(place: str, *stays: Stay, hukou: str = NANCHONG, **claims: Claim) -> Wish:
    return Wish("CN", place, stays, hukou, claims or WORK)


def registered(place: str, start: date, until: date | None = None) -> Stay:
    return Stay(place, start, until, declared_on=start)


def of(outlook: Outlook, rule: str) -> date | None:
    return next(each.finding.met_on for each in outlook.findings if each.rule == rule)


@pytest.mark.row("S0-T08", "S1-033")
@pytest.mark.parametrize("region", ["HK", "MO", "TW"])
def test_half_a_year_begun_in_march_is_full_on_the_same_day_of_september(region: str) -> None:
    found = look(Wish(region, LIXIA, (Stay(LIXIA, MARCH),), claims=WORK), "hmt")["hmt.first_issue"]
    assert found.earliest == date(2026, 9, 1)
    assert not found.has_gap


@pytest.mark.row("S3-35", "D5")
def test_180_days_and_six_months_from_one_day_end_on_two_days() -> None:
    days = look(newcomer(RUIAN, registered(RUIAN, MARCH)))["floating.first_issue"]
    months = look(newcomer(QINGYUAN, registered(QINGYUAN, MARCH)))["floating.first_issue"]
    assert of(days, "is_registered_long_enough") == date(2026, 8, 28)
    assert of(months, "is_registered_long_enough") == date(2026, 9, 1)


@pytest.mark.row("S4-05", "D6")
def test_recognition_adds_up_the_province_and_leaves_a_gap_to_an_officer() -> None:
    first = registered(RUIAN, date(2025, 6, 1), date(2025, 12, 1))
    run = look(newcomer(QINGYUAN, first, registered(QINGYUAN, date(2025, 12, 1))))
    gap = look(newcomer(QINGYUAN, first, registered(QINGYUAN, date(2025, 12, 3))))
    assert run["floating.conversion_registrations"].earliest == ON
    assert run["floating.first_issue"].earliest == date(2026, 6, 1)
    assert gap["floating.conversion_registrations"].has_gap


@pytest.mark.row("D4")
def test_what_was_never_registered_counts_from_today_and_not_at_all_once_left() -> None:
    lives = look(newcomer(RUIAN, Stay(RUIAN, date(2020, 1, 1))))["floating.first_issue"]
    left = look(newcomer(RUIAN, Stay(RUIAN, date(2020, 1, 1), MARCH)))["floating.first_issue"]
    assert lives.earliest == ON + timedelta(days=180)
    assert lives.register is not None
    assert left.earliest is None


def test_registration_is_not_advised_to_whom_is_registered_or_not_asked() -> None:
    assert look(newcomer(RUIAN, registered(RUIAN, MARCH)))["floating.first_issue"].register is None
    permit = look(Wish("HK", LIXIA, (Stay(LIXIA, MARCH),), claims=WORK), "hmt")["hmt.first_issue"]
    assert permit.register is None


@pytest.mark.row("D4")
def test_districts_of_one_city_are_one_place() -> None:
    shangcheng = registered("330102", date(2025, 6, 1), date(2026, 1, 1))
    found = look(newcomer(XIHU, shangcheng, registered(XIHU, date(2026, 1, 1))))["floating.first_issue"]
    assert found.earliest == ON
    assert found.needs_check  # Hangzhou asks besides that insurance is paid without a break


def test_whose_household_is_registered_here_needs_no_permit() -> None:
    found = look(newcomer(RUIAN, registered(RUIAN, date(2020, 1, 1)), hukou=RUIAN))["floating.first_issue"]
    assert found.earliest is None


@pytest.mark.row("D14")
def test_a_resident_of_hong_kong_never_comes_under_the_rules_of_zhejiang() -> None:
    wish = Wish("HK", RUIAN, (registered(RUIAN, date(2020, 1, 1)),), claims=WORK)
    assert look(wish)["floating.first_issue"].earliest is None
    assert look(wish, "hmt")["hmt.first_issue"].earliest == ON


@pytest.mark.row("S3-36", "D7")
def test_a_paper_that_must_be_three_months_old_tells_its_day() -> None:
    found = look(newcomer(RUIAN, registered(RUIAN, date(2020, 1, 1))))["floating.first_issue"]
    days = {paper.standing.rule.evidence: paper.standing.met_on for paper in found.papers}
    assert days["social_insurance"] == date(2026, 6, 1)
    assert next(p for p in found.papers if p.standing.rule.evidence == "labour_contract").standing.met


def test_without_any_of_the_three_there_is_no_day() -> None:
    found = look(Wish("HK", LIXIA, (Stay(LIXIA, date(2020, 1, 1)),)), "hmt")["hmt.first_issue"]
    assert found.earliest is None
    assert found.papers == ()


@pytest.mark.row("D4")
def test_each_of_two_texts_is_reckoned_by_itself_and_the_better_decides() -> None:
    stays = (Stay("510104", date(2025, 1, 1), MARCH), Stay(LIXIA, MARCH))
    found = look(Wish("MO", LIXIA, stays, claims=WORK), "hmt")["hmt.first_issue"]
    assert found.earliest == ON
    by_text = {each.told.source.text: each.finding for each in found.readings}
    assert by_text["国办发〔2018〕81号"].met
    assert by_text["济政办字〔2019〕25号"].met_on == date(2026, 9, 1)


def test_a_place_without_items_still_tells_the_national_time() -> None:
    found = look(newcomer(LIXIA, registered(LIXIA, MARCH)))[""]
    assert found.earliest == date(2026, 9, 1)


def test_a_stay_that_is_yet_to_begin_can_be_reckoned_with() -> None:
    found = look(Wish("TW", LIXIA, (Stay(LIXIA, date(2026, 5, 1)),), claims=WORK), "hmt")["hmt.first_issue"]
    assert found.earliest == date(2026, 11, 1)
