"""The conditions of the Zhejiang permit under the laws of Rui'an, Qingyuan and Hangzhou, at their boundaries."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.support.law import TODAY
from tests.support.zhejiang import (
    CHUNAN,
    NANCHONG,
    QINGYUAN,
    RUIAN,
    SHANGCHENG,
    XIHU,
    YUEQING,
    card,
    facts_of_conversion,
    facts_of_endorsement,
    facts_of_first_issue,
    law_in,
)
from yizhengtong.kernel.findings import Finding
from yizhengtong.permitting.applications.facts import Confirmed, Facts, Judged
from yizhengtong.permitting.applications.rules import look_at_conditions, look_at_documents
from yizhengtong.registry.residence.rules import Stay

DAY = timedelta(days=1)
FIRST, ENDORSE = "floating.first_issue", "floating.endorsement"
PERMIT, REGISTRATIONS = "floating.conversion_permit", "floating.conversion_registrations"


def found(rule: str, facts: Facts, item: str = FIRST, on: date = TODAY) -> Finding:
    law = law_in(facts.place, on)
    service = law.items[item]
    findings = look_at_conditions(facts, law, service, on)
    return dict(zip((each.rule for each in service.conditions), findings, strict=True))[rule]


def lived(stays: tuple[Stay, ...], on: date, *, place: str = RUIAN, item: str = FIRST) -> Finding:
    rule = "registrations_add_up" if item == REGISTRATIONS else "is_registered_long_enough"
    return found(rule, facts_of_first_issue(place=place, stays=stays), item, on)


def stay(start: date, until: date | None = None, *, region: str = RUIAN, declared: date | None = None) -> Stay:
    return Stay(region, start, until, declared_on=declared or start)


@pytest.mark.row("S3-34", "S4-04", "S4-05")
@pytest.mark.parametrize(
    ("item", "facts"),
    [
        (FIRST, facts_of_first_issue()),
        (ENDORSE, facts_of_endorsement()),
        (PERMIT, facts_of_conversion()),
        (REGISTRATIONS, facts_of_conversion(permits=())),
    ],
)
def test_complete_facts_meet_every_condition_and_paper(item: str, facts: Facts) -> None:
    law = law_in(facts.place)
    findings = look_at_conditions(facts, law, law.items[item], TODAY)
    findings += look_at_documents(facts, law, law.items[item], TODAY)
    assert [each.code for each in findings if not each.met] == []


# ---- whose rules they are ----


@pytest.mark.row("D14")
@pytest.mark.parametrize("region", ["HK", "MO", "TW"])
@pytest.mark.parametrize("item", [FIRST, ENDORSE, PERMIT, REGISTRATIONS])
def test_residents_of_hong_kong_macao_and_taiwan_are_told_that_other_rules_are_theirs(region: str, item: str) -> None:
    finding = found("is_under_the_floating_rules", facts_of_conversion(region=region), item)
    assert finding.met is False
    assert finding.facts == {"problem": "applications.hmt_permit_is_theirs"}
    assert finding.source.article == "38"


@pytest.mark.row("S3-11")
@pytest.mark.parametrize(
    ("hukou", "place", "met"),
    [
        (NANCHONG, RUIAN, True),
        (RUIAN, RUIAN, False),
        (YUEQING, RUIAN, True),  # another county-level city of Wenzhou
        (XIHU, SHANGCHENG, False),  # two districts of Hangzhou
        (CHUNAN, XIHU, True),  # a county of Hangzhou, and its districts
        (XIHU, CHUNAN, True),
        ("", RUIAN, None),
    ],
)
def test_who_lives_outside_the_county_or_the_districts_of_the_household_register_is_under_them(
    hukou: str, place: str, met: bool | None
) -> None:
    facts = facts_of_first_issue(hukou_region=hukou, place=place)
    assert found("lives_away_from_household_registration", facts).met is met


# ---- how long ----


@pytest.mark.row("S3-35", "D4", "D5")
@pytest.mark.parametrize(
    ("start", "full"), [(date(2026, 3, 1), date(2026, 8, 28)), (date(2026, 1, 15), date(2026, 7, 14))]
)
def test_in_ruian_the_hundred_and_eightieth_day_is_enough_and_the_day_before_is_not(start: date, full: date) -> None:
    assert lived((stay(start),), full).met is True
    early = lived((stay(start),), full - DAY)
    assert (early.met, early.met_on, early.facts["lived"]) == (False, full, 179)


@pytest.mark.row("S4-05", "D5")
@pytest.mark.parametrize(
    ("start", "full"), [(date(2026, 3, 1), date(2026, 9, 1)), (date(2026, 1, 15), date(2026, 7, 15))]
)
def test_in_qingyuan_it_is_six_months_and_days_are_never_converted(start: date, full: date) -> None:
    stays = (stay(start, region=QINGYUAN),)
    assert lived(stays, full, place=QINGYUAN, item=REGISTRATIONS).met is True
    early = lived(stays, full - DAY, place=QINGYUAN, item=REGISTRATIONS)
    assert (early.met, early.met_on) == (False, full)


@pytest.mark.row("S3-35", "D4")
def test_in_ruian_days_in_another_county_of_the_city_do_not_count() -> None:
    stays = (stay(date(2026, 1, 1), date(2026, 6, 1), region=YUEQING), stay(date(2026, 6, 1)))
    finding = lived(stays, TODAY)
    assert (finding.met, finding.met_on) == (False, date(2026, 11, 28))


@pytest.mark.row("S4-05", "S4-30", "D4")
def test_in_qingyuan_registrations_anywhere_in_the_province_add_up_as_one_run() -> None:
    stays = (
        stay(date(2026, 3, 1), date(2026, 6, 1), region=RUIAN),
        stay(date(2026, 6, 1), region=QINGYUAN),
    )
    assert lived(stays, date(2026, 9, 1), place=QINGYUAN, item=REGISTRATIONS).met is True
    assert lived(stays, date(2026, 8, 31), place=QINGYUAN, item=REGISTRATIONS).met is False


@pytest.mark.row("S4-05")
def test_registrations_in_another_province_do_not_add_up() -> None:
    stays = (
        stay(date(2026, 3, 1), date(2026, 6, 1), region=NANCHONG),
        stay(date(2026, 6, 1), region=QINGYUAN),
    )
    finding = lived(stays, date(2026, 9, 1), place=QINGYUAN, item=REGISTRATIONS)
    assert (finding.met, finding.met_on) == (False, date(2026, 12, 1))


@pytest.mark.row("D6", "S4-05")
def test_a_gap_of_one_day_is_no_refusal_but_for_an_officer() -> None:
    touching = (stay(date(2026, 1, 1), date(2026, 5, 1), region=RUIAN), stay(date(2026, 5, 1), region=QINGYUAN))
    gap = (touching[0], stay(date(2026, 5, 2), region=QINGYUAN))
    on = date(2026, 7, 10)
    assert lived(touching, on, place=QINGYUAN, item=REGISTRATIONS).met is True
    finding = lived(gap, on, place=QINGYUAN, item=REGISTRATIONS)
    assert (finding.met, finding.code) == (None, "residence.gap_for_officer")


@pytest.mark.row("D6", "S3-35")
def test_a_gap_with_too_few_days_in_all_is_unmet_and_says_when_it_would_be_met() -> None:
    stays = (stay(date(2026, 5, 1), date(2026, 6, 1)), stay(date(2026, 6, 2)))
    finding = lived(stays, TODAY)
    assert (finding.met, finding.met_on) == (False, date(2026, 11, 29))


@pytest.mark.row("D4", "S3-35")
def test_half_a_year_counts_from_the_day_of_the_declaration_not_of_the_arrival() -> None:
    late = (stay(date(2026, 1, 1), declared=date(2026, 3, 22)),)
    assert lived(late, date(2026, 9, 17)).met is False
    assert lived(late, date(2026, 9, 18)).met is True
    ended_before_it_was_declared = (stay(date(2026, 1, 1), date(2026, 3, 1), declared=date(2026, 3, 22)),)
    assert lived(ended_before_it_was_declared, TODAY).code == "residence.not_registered_here"


@pytest.mark.row("D4")
def test_who_moves_between_districts_of_one_city_does_not_begin_anew() -> None:
    stays = (
        stay(date(2026, 1, 1), date(2026, 6, 1), region=SHANGCHENG),
        stay(date(2026, 6, 1), region=XIHU),
    )
    assert lived(stays, TODAY, place=XIHU).met is True
    county = (stay(date(2026, 1, 1), date(2026, 6, 1), region=CHUNAN), stays[1])
    assert lived(county, TODAY, place=XIHU).met is False


@pytest.mark.row("D4")
def test_where_only_the_province_speaks_half_a_year_need_not_be_in_one_run() -> None:
    stays = (
        stay(date(2026, 1, 1), date(2026, 3, 1), region=YUEQING),
        stay(date(2026, 4, 1), region=YUEQING),
    )
    assert lived(stays, date(2026, 8, 1), place=YUEQING).met is True
    assert lived(stays, date(2026, 7, 31), place=YUEQING).met is False


# ---- whom the time does not bind ----


@pytest.mark.row("S4-06")
@pytest.mark.parametrize(
    ("item", "rule"), [(FIRST, "is_registered_long_enough"), (REGISTRATIONS, "registrations_add_up")]
)
@pytest.mark.parametrize("group", ["named_investor", "named_talent"])
def test_named_investors_and_talent_need_no_time_once_a_list_or_an_officer_says_so(
    item: str, rule: str, group: str
) -> None:
    new = facts_of_conversion(stays=(stay(TODAY, region=QINGYUAN),), is_exempt=group)
    assert found(rule, new, item).met is False
    paper = replace(new, evidence={**new.evidence, "exemption_proof": ("exemption_proof",)})
    assert found(rule, paper, item).met is None
    seen = replace(paper, judged_documents={"exemption_proof": Judged(True)})
    assert found(rule, seen, item).met is True
    rejected = replace(paper, judged_documents={"exemption_proof": Judged(False, "unreadable")})
    assert found(rule, rejected, item).met is False
    listed = replace(new, confirmed={"exemption_proof": Confirmed("talent_list", TODAY)})
    assert found(rule, listed, item).met is True
    other = replace(new, confirmed={"exemption_proof": Confirmed("talent_list", TODAY, lacks=(group,))})
    assert found(rule, other, item).met is False


@pytest.mark.row("S4-06")
def test_who_lived_here_long_enough_needs_no_exemption_and_no_officer() -> None:
    facts = facts_of_first_issue(is_exempt="named_talent", evidence={"exemption_proof": ("exemption_proof",)})
    finding = found("is_registered_long_enough", facts)
    assert (finding.met, finding.code) == (True, "residence.long_enough_days")


@pytest.mark.row("S4-06")
def test_a_group_that_no_law_names_is_bound_by_the_time() -> None:
    facts = facts_of_first_issue(
        stays=(stay(TODAY),), is_exempt="mayors_cousin", confirmed={"exemption_proof": Confirmed("list", TODAY)}
    )
    assert found("is_registered_long_enough", facts).met is False


@pytest.mark.row("S4-06")
def test_the_paper_of_the_exempt_is_asked_of_those_who_say_they_are() -> None:
    law = law_in(RUIAN)
    asked = [
        [each.facts["document_code"] for each in look_at_documents(facts, law, law.items[FIRST], TODAY)]
        for facts in (facts_of_first_issue(), facts_of_first_issue(is_exempt="named_talent"))
    ]
    assert ["exemption_proof" in codes for codes in asked] == [False, True]


# ---- endorsement ----


@pytest.mark.row("S3-25", "S3-26")
@pytest.mark.parametrize(
    ("issued", "first", "last"),
    [
        (date(2016, 12, 22), date(2017, 11, 22), date(2017, 12, 21)),
        (date(2024, 2, 29), date(2025, 1, 28), date(2025, 2, 27)),
        (date(2026, 3, 31), date(2027, 2, 28), date(2027, 3, 30)),
    ],
)
def test_a_permit_is_endorsed_from_the_first_day_of_its_window_and_later_too(
    issued: date, first: date, last: date
) -> None:
    def asked(day: date) -> Finding:
        facts = facts_of_endorsement(permits=(card(issued_on=issued, endorsed_until=last),), asked_on=day)
        return found("endorsement_window_is_open", facts, ENDORSE)

    early = asked(first - DAY)
    assert (early.met, early.met_on) == (False, first)
    assert early.facts["problem"] == "applications.window_not_open"
    assert [(asked(day).met, asked(day).facts["is_late"]) for day in (first, last, last + DAY)] == [
        (True, False),
        (True, False),
        (True, True),
    ]
    assert (asked(first).facts["window_from"], asked(first).facts["window_until"]) == (first, last)


@pytest.mark.row("S3-26")
def test_who_asks_in_time_is_not_late_when_it_is_decided_later() -> None:
    facts = facts_of_endorsement(asked_on=date(2026, 9, 30))
    finding = found("endorsement_window_is_open", facts, ENDORSE, on=date(2026, 10, 9))
    assert (finding.met, finding.facts["is_late"]) == (True, False)


@pytest.mark.row("S3-26")
def test_the_second_years_window_follows_the_second_year() -> None:
    held = card(issued_on=date(2016, 12, 22), endorsed_until=date(2018, 12, 21))
    facts = facts_of_endorsement(permits=(held,), asked_on=date(2018, 11, 21))
    assert found("endorsement_window_is_open", facts, ENDORSE).met_on == date(2018, 11, 22)


@pytest.mark.row("S3-25")
def test_only_a_living_permit_that_is_not_lost_is_endorsed() -> None:
    assert found("holds_permit_to_endorse", facts_of_endorsement(permits=()), ENDORSE).met is False
    lost = found("holds_permit_to_endorse", facts_of_endorsement(permits=(card(state="lost"),)), ENDORSE)
    assert (lost.met, lost.facts["problem"]) == (False, "applications.permit_is_lost")
    suspended = facts_of_endorsement(permits=(card(state="suspended", suspended=True),))
    assert found("holds_permit_to_endorse", suspended, ENDORSE).met is True


@pytest.mark.row("S3-25")
def test_who_no_longer_proves_one_of_three_is_not_endorsed() -> None:
    assert found("proves_one_of_three", facts_of_endorsement(evidence={}, proof_details={}), ENDORSE).met is False


@pytest.mark.row("S3-27", "D12")
def test_after_a_move_the_same_card_is_endorsed_at_the_new_place_without_waiting_half_a_year() -> None:
    moved = facts_of_endorsement(stays=(stay(TODAY - DAY),), permits=(card(region=YUEQING),))
    assert found("is_registered_here", moved, ENDORSE).met is True
    assert found("is_registered_here", facts_of_endorsement(stays=(stay(TODAY),)), ENDORSE).met is True
    elsewhere = facts_of_endorsement(stays=(stay(date(2026, 1, 1), region=YUEQING),))
    assert found("is_registered_here", elsewhere, ENDORSE).met is False
    left = facts_of_endorsement(stays=(stay(date(2026, 1, 1), TODAY),))
    assert found("is_registered_here", left, ENDORSE).met is False
    tomorrow = facts_of_endorsement(stays=(stay(TODAY + DAY),))
    assert found("is_registered_here", tomorrow, ENDORSE).met is False


# ---- conversions ----


@pytest.mark.row("S4-04")
@pytest.mark.parametrize("kind", ["zhejiang_paper", "zhejiang_card", "zhejiang_digital"])
def test_a_valid_permit_of_any_form_is_recognised(kind: str) -> None:
    assert found("holds_valid_zhejiang_permit", facts_of_conversion(permits=(card(kind=kind),)), PERMIT).met is True


@pytest.mark.row("S4-04")
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"state": "lost"}, "permit_is_lost"),
        ({"state": "suspended", "suspended": True}, "permit_is_suspended"),
        ({"endorsed_until": TODAY - DAY}, "permit_is_suspended"),
        ({"last_valid_day": TODAY - DAY, "endorsed_until": None}, "permit_has_expired"),
    ],
)
def test_a_permit_that_is_not_valid_is_not_recognised(changes: dict[str, object], problem: str) -> None:
    finding = found("holds_valid_zhejiang_permit", facts_of_conversion(permits=(card(**changes),)), PERMIT)
    assert (finding.met, finding.facts["problem"]) == (False, f"applications.{problem}")


@pytest.mark.row("S4-04")
def test_the_last_endorsed_day_is_a_valid_one_and_one_valid_permit_of_several_is_enough() -> None:
    held = (card(state="lost"), card(kind="zhejiang_paper", endorsed_until=TODAY))
    assert found("holds_valid_zhejiang_permit", facts_of_conversion(permits=held), PERMIT).met is True
    legacy = card(kind="zhejiang_paper", endorsed_until=None, last_valid_day=TODAY)
    assert found("holds_valid_zhejiang_permit", facts_of_conversion(permits=(legacy,)), PERMIT).met is True
    none = found("holds_valid_zhejiang_permit", facts_of_conversion(permits=()), PERMIT)
    assert (none.met, none.facts["problem"]) == (False, "applications.no_permit_held")


@pytest.mark.row("S4-11")
@pytest.mark.parametrize(
    ("promises", "channel", "met"),
    [(True, "online", True), (False, "online", False), (False, "", False), (False, "window", True)],
)
def test_the_promise_is_the_first_step_online_and_not_asked_at_the_window(
    promises: bool, channel: str, met: bool
) -> None:
    facts = facts_of_conversion(promises=promises, channel=channel)
    assert found("makes_the_promise", facts, PERMIT).met is met


@pytest.mark.row("S4-24")
@pytest.mark.parametrize("item", [PERMIT, REGISTRATIONS])
def test_that_earlier_permits_are_cancelled_is_acknowledged_first(item: str) -> None:
    several = (card(), card(kind="zhejiang_paper"))
    finding = found(
        "acknowledges_cancellation", facts_of_conversion(acknowledges_cancellation=False, permits=several), item
    )
    assert (finding.met, finding.facts["count"]) == (False, 2)
    assert found("acknowledges_cancellation", facts_of_conversion(), item).met is True


@pytest.mark.row("S4-25")
def test_the_declaration_is_asked_of_each_conversion() -> None:
    for item in (PERMIT, REGISTRATIONS):
        assert found("declares_truth", facts_of_conversion(declares_true=False), item).met is False


def test_who_holds_a_permit_of_any_form_is_not_issued_a_first_one() -> None:
    for kind in ("zhejiang_paper", "zhejiang_card", "zhejiang_digital"):
        facts = facts_of_first_issue(permits=(card(kind=kind),))
        assert found("holds_no_permit_of_the_family", facts).met is False


# ---- who may act ----


@pytest.mark.row("D3", "S3-29")
@pytest.mark.parametrize(
    ("birth", "relation", "met"),
    [
        (date(2010, 9, 19), "", False),  # fifteen until tomorrow
        (date(2010, 9, 18), "", True),  # sixteen today
        (date(2010, 9, 19), "guardian", True),
        (date(2010, 9, 19), "near_relative", True),
        (date(2010, 9, 19), "friend", False),
        (date(1950, 1, 1), "near_relative", None),
        (date(1950, 1, 1), "guardian", None),
        (date(1950, 1, 1), "friend", False),
    ],
)
def test_minors_are_represented_and_the_old_or_disabled_may_be(birth: date, relation: str, met: bool | None) -> None:
    facts = facts_of_first_issue(birth_date=birth, relation=relation)
    assert found("representative_may_act", facts).met is met


@pytest.mark.row("S3-29", "D3")
def test_the_newspapers_in_person_is_kept_as_a_deviation_and_takes_nothing_away() -> None:
    parameter = law_in(RUIAN)["application.in_person"]
    assert parameter.value is False
    assert parameter.deviation
    assert [(reading.value, bool(reading.deviation)) for reading in parameter.readings] == [
        (False, False),
        (True, True),
    ]


@pytest.mark.row("S3-12")
def test_the_permit_is_voluntary_where_the_registration_is_a_duty() -> None:
    law = law_in(RUIAN)
    assert (law.value("application.voluntary"), law.value("residence.registration_required")) == (True, True)
    assert found("applies_of_own_will", facts_of_first_issue(applies_of_own_will=False)).met is False
