"""Asking once for everything, and refusing with all reasons at once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.support.cases import (
    accepted,
    add_paper,
    an_application,
    approved,
    capture_all,
    case_at,
    fresh,
    judged,
    received,
    reviewed,
)
from tests.support.city import City
from tests.support.law import TODAY, put_in_force, with_value
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.texts import LANGUAGES, knows, say
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.permitting.casework.examination import examine
from yizhengtong.permitting.casework.models import Case, Decision, JournalEntry, Notice
from yizhengtong.permitting.casework.services.deciding import accept_case, refuse_case
from yizhengtong.permitting.casework.services.judging import answer_supplement, request_supplement
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.registry.residence.models import Registration

ASKED, ANSWERED = date(2026, 9, 21), date(2026, 9, 28)


def incomplete_case(town: City, *, is_accepted: bool = True) -> tuple[Case, Resident]:
    """A case of two months' residence, an expired travel document, no lease and no fingerprints."""
    chen = a_resident(name="陈嘉欣", valid_until=TODAY - timedelta(days=3), since=date(2026, 7, 18))
    draft = an_application(chen, claims=("dwelling",), papers={"travel_document": "hrp"})
    case = capture_all(received(chen, draft), chen, without=("fingerprints",))
    return (accepted(case, town.clerk) if is_accepted else case), chen


def ask(case: Case, town: City, on: date = ASKED) -> Notice:
    return request_supplement(case_id=case.pk, version=fresh(case).version, on=on, by=town.reviewer)


def answer(case: Case, who: Resident, on: date = ANSWERED) -> Case:
    return answer_supplement(case_id=case.pk, acting=who.person, on=on, by=who.principal)


def refused(case: Case, town: City) -> Notice:
    case = reviewed(judged(case, town.reviewer), town.reviewer, recommends="refuse")
    return refuse_case(case_id=case.pk, version=case.version, words="条件不符", on=TODAY, by=town.approver)


UNMET = [
    "applications.holds_accepted_travel_document", "residence.too_short_months", "applications.has_one_of_three",
    "applications.fingerprints_are_captured", "applications.document_missing",
]  # fmt: skip


@pytest.mark.row("S3-33", "S4-17")
def test_a_refusal_holds_every_unmet_condition_and_missing_paper_with_article_and_day(town: City) -> None:
    case, _ = incomplete_case(town)
    notice = refused(case, town)
    assert (notice.kind, notice.issued_on) == ("refusal", TODAY)
    assert [each["code"] for each in notice.findings] == UNMET
    assert all(each["met"] is False and each["source"]["text"] for each in notice.findings)
    assert [each["source"]["article"] for each in notice.findings] == ["8", "2", "2", "二", "8"]
    days = {each["code"]: each["met_on"] for each in notice.findings}
    assert days["residence.too_short_months"] == "2027-01-18"
    assert fresh(case).state == CaseState.REFUSED


@pytest.mark.row("S3-33", "S4-17")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_says_in_each_language_what_is_wrong_and_how_to_mend_it(town: City, language: str) -> None:
    case, _ = incomplete_case(town)
    for finding in refused(case, town).findings:
        code = finding["code"]
        wrong = f"{code}.unmet" if knows(f"{code}.unmet") else code
        facts = {name: _thawed(value) for name, value in finding["facts"].items()}
        for words in (say(wrong, language, facts, region="HK"), say(f"{code}.fix", language, facts, region="HK")):
            assert words not in {code, wrong, f"{code}.fix"}, code
            assert "{" not in words, code


@pytest.mark.row("S3-33")
def test_a_refusal_names_both_remedies_and_their_last_days(town: City) -> None:
    case, _ = incomplete_case(town)
    assert refused(case, town).remedies == [
        {"code": "remedy.reconsideration", "until": "2026-11-17", "source": "行政复议法 art. 20"},
        {"code": "remedy.lawsuit", "until": "2027-03-18", "source": "行政诉讼法 art. 46"},
    ]


def test_a_refusal_is_frozen_and_later_changes_do_not_reach_it(town: City) -> None:
    case, chen = incomplete_case(town)
    notice = refused(case, town)
    stay = Registration.objects.get(person=chen.person)
    stay.start = date(2020, 1, 1)
    stay.save()
    decision = Decision.objects.get(case=case)
    assert (decision.granted, decision.facts["stays"][0]["start"]) == (False, "2026-07-18")
    assert [each for each in decision.findings if each["met"] is False] == notice.findings
    assert decision.by == town.approver.id


def test_after_a_refusal_one_may_apply_again(town: City) -> None:
    case, chen = incomplete_case(town)
    refused(case, town)
    assert received(chen, an_application(chen)).state == CaseState.RECEIVED


# ---- supplements ----


@pytest.mark.row("S4-17", "D20")
@pytest.mark.parametrize("is_accepted", [True, False])
def test_everything_that_is_missing_is_asked_for_once_before_or_after_acceptance(town: City, is_accepted: bool) -> None:
    case, _ = incomplete_case(town, is_accepted=is_accepted)
    by = town.reviewer if is_accepted else town.clerk
    case = judged(case, by)
    notice = request_supplement(case_id=case.pk, version=case.version, on=ASKED, by=by)
    assert (notice.kind, notice.issued_on, notice.remedies) == ("supplement", ASKED, [])
    assert [each["code"] for each in notice.findings] == UNMET
    case = fresh(case)
    assert (case.awaits_supplement, case.state) == (True, "accepted" if is_accepted else "received")
    with pytest.raises(Conflict, match=r"casework\.supplement_open"):
        request_supplement(case_id=case.pk, version=case.version, on=ASKED, by=by)


def test_the_database_keeps_one_open_notice_a_case(town: City) -> None:
    case, _ = incomplete_case(town)
    ask(judged(case, town.reviewer), town)
    with pytest.raises(IntegrityError, match="casework_one_open_supplement"), transaction.atomic():
        Notice.objects.create(case=case, kind="supplement", issued_on=ASKED, findings=[])


def test_nothing_is_asked_for_where_nothing_is_missing(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    with pytest.raises(Invalid, match=r"casework\.nothing_to_ask"):
        ask(judged(case, town.reviewer), town)
    assert not Notice.objects.exists()


@pytest.mark.row("S4-17")
def test_what_was_asked_for_is_handed_in_and_judged_again(town: City) -> None:
    case, chen = incomplete_case(town)
    notice = ask(judged(case, town.reviewer), town)
    add_paper(case.application, chen, "dwelling_proof", "lease")
    number = chen.person.numbers.get()
    number.valid_until = date(2030, 1, 1)
    number.save()
    Registration.objects.filter(person=chen.person).update(start=date(2026, 1, 1))
    capture_all(fresh(case), chen)
    case = answer(case, chen)
    notice.refresh_from_db()
    assert (notice.answered_on, case.awaits_supplement) == (ANSWERED, False)
    unjudged = {line.code for line in examine(fresh(case), ANSWERED).lines if line.judged is None}
    assert unjudged == {
        "holds_accepted_travel_document", "has_lived_here_long_enough", "has_one_of_three", "fingerprints_are_captured",
        "dwelling_proof",
    }  # fmt: skip
    case = reviewed(judged(fresh(case), town.reviewer, on=ANSWERED), town.reviewer, on=ANSWERED)
    assert approved(case, town.approver, on=ANSWERED).valid_from == ANSWERED


def test_only_an_open_notice_is_answered_and_only_by_the_applicant(town: City) -> None:
    case, chen = incomplete_case(town)
    with pytest.raises(Conflict, match=r"casework\.no_supplement_open"):
        answer(case, chen)
    ask(judged(case, town.reviewer), town)
    with pytest.raises(NotFound):
        answer(case, a_resident())
    answer(case, chen)
    with pytest.raises(Conflict, match=r"casework\.no_supplement_open"):
        answer(case, chen)


def test_a_second_notice_may_follow_once_the_first_is_answered(town: City) -> None:
    case, chen = incomplete_case(town)
    ask(judged(case, town.reviewer), town)
    case = answer(case, chen)
    ask(judged(case, town.reviewer, on=ANSWERED), town, on=ANSWERED)
    assert Notice.objects.filter(case=case).count() == 2


@pytest.mark.row("D23")
def test_by_default_the_clock_runs_on_while_papers_are_awaited(town: City) -> None:
    case, chen = incomplete_case(town)
    due = case.due_on
    ask(judged(case, town.reviewer), town)
    assert answer(case, chen).due_on == due == date(2026, 10, 22)


@pytest.mark.row("D23")
def test_under_a_pack_that_pauses_the_clock_stands_for_the_working_days_in_between(town: City) -> None:
    put_in_force(with_value("issue.supplement_pauses", "false", "true"))
    case, chen = incomplete_case(town)
    ask(judged(case, town.reviewer), town)
    case = answer(case, chen)
    assert (case.due_on, case.urgent_on) == (date(2026, 10, 28), date(2026, 10, 28))  # 22, 23, 24 and 28 September


def test_before_acceptance_there_is_no_clock_to_pause(town: City) -> None:
    put_in_force(with_value("issue.supplement_pauses", "false", "true"))
    case, chen = incomplete_case(town, is_accepted=False)
    case = judged(case, town.clerk)
    request_supplement(case_id=case.pk, version=case.version, on=ASKED, by=town.clerk)
    assert answer(case, chen).due_on is None


def test_a_case_is_not_accepted_while_papers_are_awaited(town: City) -> None:
    case, _ = incomplete_case(town, is_accepted=False)
    case = judged(case, town.clerk)
    request_supplement(case_id=case.pk, version=case.version, on=ASKED, by=town.clerk)
    with pytest.raises(Conflict, match=r"casework\.supplement_open"):
        accept_case(case_id=case.pk, version=fresh(case).version, words="", on=TODAY, by=town.clerk)


def test_asking_and_answering_are_in_the_journal(town: City) -> None:
    case, chen = incomplete_case(town)
    ask(judged(case, town.reviewer), town)
    answer(case, chen)
    last = JournalEntry.objects.filter(case=case).order_by("id")[2:]
    assert [(each.action, each.on, each.by) for each in last] == [
        ("request_supplement", ASKED, town.reviewer.id), ("answer_supplement", ANSWERED, chen.principal.id),
    ]  # fmt: skip


@pytest.mark.row("S1-038")
def test_a_taiwan_resident_with_a_one_time_permit_is_refused_for_that_alone(town: City) -> None:
    lin = a_resident(name="林淑芬", region="TW", kind=DocumentKind.MTP_TAIWAN_ONE_TIME, sex="F")
    draft = an_application(lin, papers={"travel_document": "mtp_five_year", "dwelling_proof": "lease"})
    case = accepted(capture_all(received(lin, draft), lin), town.clerk)
    notice = refused(case, town)
    assert [each["facts"]["problem"] for each in notice.findings] == ["applications.travel_document_mtp_one_time"]


def _thawed(value: Any) -> Any:
    return date.fromisoformat(value["day"]) if isinstance(value, dict) and set(value) == {"day"} else value
