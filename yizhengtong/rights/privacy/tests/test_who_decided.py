"""Who decided is told as it was: people, or the system's rules for which an office answers (art. 24, D24)."""

import pytest

from tests.settlement.taipei import a_jinan
from yizhengtong.credentials.papers.tests.world import conversion
from yizhengtong.foundation.texts import LANGUAGES, knows, say
from yizhengtong.permitting.casework.tests.qingyuan import RUIAN, a_county
from yizhengtong.rights.privacy.explanation import explain
from yizhengtong.rights.privacy.tests.conftest import Decided

pytestmark = pytest.mark.row("S1-097")


def test_what_three_officers_decided_is_told_as_decided_by_people(decided: Decided) -> None:
    why = explain(decided.case)
    assert (why.by_rules, why.who_decided) == (False, "privacy.a_human_decided")


@pytest.mark.django_db
def test_what_rules_approved_is_never_told_as_decided_by_people() -> None:
    a_jinan()
    case = conversion(a_county(), a_county(RUIAN, "瑞安市", answering=False))
    assert case.journal.filter(action="approve").exclude(rule="").exists()
    why = explain(case)
    assert (why.granted, why.by_rules, why.who_decided) == (True, True, "privacy.rules_decided")
    assert [each.rule for each in why.opinions] == [
        "form_is_complete_and_declared", "every_fact_is_confirmed", "every_condition_is_met",
    ]  # fmt: skip


def test_both_have_words_that_tell_them_apart() -> None:
    codes = ("privacy.a_human_decided", "privacy.rules_decided")
    assert all(knows(code) for code in codes)
    for language in LANGUAGES:
        assert len({say(code, language) for code in codes}) == 2
