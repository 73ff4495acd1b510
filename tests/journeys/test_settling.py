"""Settling over HTTP: the exit–entry office, both papers, the household register (seed 000)."""

from typing import Any

import pytest

from yizhengtong.project.demonstration.journeys import Journeys


@pytest.fixture(scope="session")
def lines(journeys: Journeys) -> list[str]:
    """What the journey told, from its title on."""
    said: list[str] = []
    say = journeys.tell._tell
    journeys.tell._tell = said.append
    try:
        journeys.tell_settling()
    finally:
        journeys.tell._tell = say
    return said


def _told(lines: list[str], words: str) -> list[str]:
    return [line for line in lines if words in line]


@pytest.mark.row("S0-T14", "S0-T18")
def test_a_police_station_does_not_take_it_in(lines: list[str]) -> None:
    assert _told(lines, "chose a police station: 定居申请由拟定居地县级以上公安机关出入境管理机构受理")


@pytest.mark.row("S0-T24", "S0-T25", "S0-T26")
def test_the_exit_entry_office_issues_both_papers(lines: list[str]) -> None:
    assert _told(lines, "出入境管理大队")
    assert _told(lines, "holds approval notice 370102-")


@pytest.mark.row("S0-T31")
def test_the_household_register_names_just_the_paper_that_is_missing(lines: list[str]) -> None:
    missing = _told(lines, "one paper is shown")
    assert ["批准定居通知书" in line.partition("，")[0] for line in missing] == [True, False]
    assert ["台湾居民定居证" in line.partition("，")[0] for line in missing] == [False, True]


@pytest.mark.row("S0-T30")
def test_the_duty_to_apply_for_the_identity_card_is_told_and_sent(lines: list[str], journeys: Any) -> None:
    assert _told(lines, "→ 办理常住户口登记时应当申领居民身份证")
    assert _told(lines, "请申领居民身份证")
