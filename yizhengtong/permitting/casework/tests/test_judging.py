"""The checklist: every line judged, a reason where the word differs from what the rule found."""

import pytest

from tests.support.cases import accepted, an_application, capture_all, case_at, fresh, judged, received, words_for
from tests.support.city import City
from tests.support.law import TODAY
from tests.support.people import a_resident
from yizhengtong.kernel.errors import Conflict, Invalid
from yizhengtong.permitting.casework.examination import examine
from yizhengtong.permitting.casework.models import Case, Decision, Judgement
from yizhengtong.permitting.casework.services.deciding import approve_case, refuse_case, review_case
from yizhengtong.permitting.casework.services.judging import Word, judge, request_supplement
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit

LINES = {
    "condition.is_hong_kong_macao_or_taiwan_resident", "condition.holds_accepted_travel_document",
    "condition.has_lived_here_long_enough", "condition.has_one_of_three", "condition.applies_of_own_will",
    "condition.minor_is_represented", "condition.photo_is_available", "condition.fingerprints_are_captured",
    "condition.form_is_signed", "condition.holds_no_living_permit", "document.travel_document",
    "document.dwelling_proof",
}  # fmt: skip
WILL = Word("condition", "applies_of_own_will", met=True)


def say(case: Case, town: City, *words: Word) -> Case:
    return judge(case_id=case.pk, words=words, version=fresh(case).version, on=TODAY, by=town.reviewer)


def wrong(refused: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {error.field: error.code for error in refused.value.errors}


def test_the_checklist_holds_every_condition_and_every_paper_asked_for(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    lines = examine(case, TODAY).lines
    assert {f"{line.target}.{line.code}" for line in lines} == LINES
    assert all(line.found and line.judged is None for line in lines)


@pytest.mark.row("S4-17", "S3-33")
def test_until_every_line_is_judged_nothing_is_reviewed_granted_or_asked_for(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    case = say(case, town, *words_for(case)[1:])
    for act in (
        lambda: review_case(
            case_id=case.pk, version=case.version, recommends="grant", words="", on=TODAY, by=town.reviewer
        ),
        lambda: request_supplement(case_id=case.pk, version=case.version, on=TODAY, by=town.reviewer),
    ):
        with pytest.raises(Invalid, match=r"casework\.not_all_judged") as refused:
            act()
        assert wrong(refused) == {"condition.is_hong_kong_macao_or_taiwan_resident": "casework.line_not_judged"}


@pytest.mark.row("S4-17", "S3-33")
def test_until_every_line_is_judged_nothing_is_decided(town: City) -> None:
    case, _ = case_at(town, CaseState.REVIEWED)
    Judgement.objects.filter(case=case, code="dwelling_proof").delete()
    for service in (approve_case, refuse_case):
        with pytest.raises(Invalid, match=r"casework\.not_all_judged") as refused:
            service(case_id=case.pk, version=case.version, words="", on=TODAY, by=town.approver)
        assert wrong(refused) == {"document.dwelling_proof": "casework.line_not_judged"}
    assert not Decision.objects.exists()
    assert not Permit.objects.exists()


def test_a_word_against_the_rule_needs_a_reason_and_one_with_it_does_not(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    with pytest.raises(Invalid) as refused:
        say(case, town, WILL, Word("condition", "form_is_signed", met=False))
    assert wrong(refused) == {"words.1.reason": "casework.reason_needed"}
    assert not Judgement.objects.exists()
    say(case, town, WILL, Word("condition", "form_is_signed", met=False, reason="签名不符"))
    assert set(Judgement.objects.values_list("code", "met", "reason", "by")) == {
        ("applies_of_own_will", True, "", town.reviewer.id), ("form_is_signed", False, "签名不符", town.reviewer.id),
    }  # fmt: skip


def test_a_line_that_is_not_on_the_checklist_is_told_with_all_others_that_are_wrong(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    with pytest.raises(Invalid) as refused:
        say(case, town, Word("document", "guardianship", met=True), Word("condition", "form_is_signed", met=False))
    assert wrong(refused) == {
        "words.0.code": "casework.line_unknown", "words.1.reason": "casework.reason_needed",
    }  # fmt: skip


def test_a_later_word_takes_the_place_of_an_earlier_one(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    say(case, town, Word("condition", "form_is_signed", met=False, reason="签名不符"))
    case = say(case, town, Word("condition", "form_is_signed", met=True))
    assert Judgement.objects.get(case=case).met
    assert case.version == fresh(case).version


def test_a_rejected_paper_is_still_found_handed_in(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    case = say(case, town, Word("document", "dwelling_proof", met=False, reason="租期已满"))
    line = next(each for each in examine(case, TODAY).lines if each.code == "dwelling_proof")
    assert (line.found, line.judged) == (True, False)


@pytest.mark.row("S2-17", "S1-040")
def test_an_original_shown_at_the_counter_counts_with_a_reason(town: City) -> None:
    wang = a_resident()
    case = received(wang, an_application(wang, claims=("dwelling",), papers={"travel_document": "hrp"}))
    case = accepted(capture_all(case, wang), town.clerk)
    with pytest.raises(Invalid):
        say(case, town, Word("document", "dwelling_proof", met=True))
    case = say(case, town, Word("document", "dwelling_proof", met=True, reason="看到租赁合同原件"))
    assert examine(case, TODAY).outcome.granted


def test_a_case_with_anything_unmet_is_not_granted_and_one_with_nothing_is_not_refused(town: City) -> None:
    sound, _ = case_at(town, CaseState.REVIEWED)
    with pytest.raises(Conflict, match=r"casework\.findings_met"):
        refuse_case(case_id=sound.pk, version=sound.version, words="", on=TODAY, by=town.approver)
    case, _ = case_at(town, CaseState.ACCEPTED)
    case = judged(case, town.reviewer, Word("document", "dwelling_proof", met=False, reason="租期已满"))
    case = review_case(case_id=case.pk, version=case.version, recommends="grant", words="", on=TODAY, by=town.reviewer)
    with pytest.raises(Conflict, match=r"casework\.findings_unmet"):
        approve_case(case_id=case.pk, version=case.version, words="", on=TODAY, by=town.approver)
    assert not Decision.objects.exists()
    assert not Permit.objects.exists()
