"""A copy of everything of oneself and nobody else; why it was decided so; what is deleted and what stays."""

import json
from typing import Any

import pytest

from tests.support.cases import an_application, case_at, fresh, judged, reviewed
from tests.support.city import City
from tests.support.law import TODAY, law_of
from tests.support.people import a_resident
from yizhengtong.foundation.documents.models import Document
from yizhengtong.kernel.errors import NotFound, Problem
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.services import discard_application
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services.deciding import refuse_case
from yizhengtong.permitting.casework.services.judging import Word
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.registry.people.representations import appoint_representative
from yizhengtong.rights.privacy.deletion import ask_deletion, carry_out_deletions
from yizhengtong.rights.privacy.explanation import Explained, explain
from yizhengtong.rights.privacy.export import export_of
from yizhengtong.rights.privacy.models import DeletionRequest
from yizhengtong.rights.privacy.tests.conftest import Decided

pytestmark = pytest.mark.row("S1-097")


def plain(decided: Decided) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(export_of(decided.wang.person).model_dump_json())
    return found


def test_the_copy_holds_everything_of_oneself(decided: Decided) -> None:
    copy = plain(decided)
    assert copy["schema_version"] == "4"
    assert copy["person"]["name"] == "王小明"
    assert copy["numbers"][0]["number"] == decided.wang.number
    assert [each["address"] for each in copy["stays"]] == ["和平路47号1单元101"]
    (case,) = copy["cases"]
    assert case["decision"]["granted"] is True
    assert case["journal"][-1]["action"] == "hand_over"
    assert copy["permits"][0]["card"]["name"] == "王小明"
    assert len(copy["files"]) == len(copy["applications"][0]["papers"]) + 3
    assert any(each["action"] == "casework.approve" and each["who"] == "staff" for each in copy["history"])


def test_the_copy_holds_nothing_of_anybody_else(town: City, decided: Decided) -> None:
    other, chan = case_at(town, CaseState.COMPLETED, resident=a_resident(name="陈大文"))
    child = a_resident(name="林小彤", region="MO", birth_date=TODAY.replace(year=2017))
    for represented in (child, chan):
        try:
            appoint_representative(
                representative=decided.wang.person, represented=represented.person, relation="guardian", law=law_of(),
                on=TODAY, confirmed_by=None, by=decided.wang.principal,
            )  # fmt: skip
        except Problem:
            assert represented is chan
    text = json.dumps(plain(decided), ensure_ascii=False)
    for secret in ("陈大文", chan.number, "林小彤", child.number, str(town.clerk.id), other.receipt_number):
        assert secret
        assert secret not in text
    assert plain(decided)["representations"][0]["direction"] == "acts_for_somebody"
    own = Document.objects.filter(person_id=decided.wang.person.pk).values_list("pk", flat=True)
    assert Document.objects.count() > len(own)
    assert {each["id"] for each in plain(decided)["files"]} == {public_id("doc", key) for key in own}


def by_code(case: Case) -> dict[str, Explained]:
    return {each.stored["facts"].get("document_code", each.stored["code"]): each for each in explain(case).findings}


def test_every_finding_is_explained_by_its_article_its_values_and_whose_word_it_was(town: City) -> None:
    case, _ = case_at(town, CaseState.COMPLETED)
    found = by_code(case)
    lived = next(each for code, each in found.items() if code.startswith("residence."))
    assert [part.key for part in lived.parameters] == ["residence.requirement", "residence.gap_tolerance_days"]
    assert '"n": 6' in lived.parameters[0].value
    assert lived.stored["source"]["article"]
    assert {each.word_of for each in found.values()} == {"both"}
    why = explain(case)
    assert [each.role for each in why.opinions] == ["clerk", "reviewer", "approver"]
    assert [each.code for each in why.remedies] == ["remedy.reconsideration", "remedy.lawsuit"]
    assert why.granted


def test_an_officers_own_word_is_told_as_such(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    word = Word("condition", "applies_of_own_will", met=False, reason="seen_otherwise")
    case = reviewed(judged(case, town.reviewer, word), town.reviewer, recommends="refuse")
    refuse_case(case_id=case.pk, version=case.version, words="不符", on=TODAY, by=town.approver)
    told = by_code(fresh(case))["applications.applies_of_own_will"]
    assert (told.word_of, told.reason, told.stored["met"]) == ("officer", "seen_otherwise", False)


def test_what_is_not_decided_has_no_explanation(town: City) -> None:
    case, _ = case_at(town, CaseState.REVIEWED)
    with pytest.raises(NotFound) as refused:
        explain(case)
    assert refused.value.code == "privacy.not_decided"


def test_a_deletion_takes_the_drafts_given_up_and_leaves_the_archive(decided: Decided) -> None:
    wang = decided.wang
    draft = an_application(wang, "hmt.replacement", ground="damaged", papers={"old_permit": "old_permit"})
    discard_application(application_id=draft.pk, acting=wang.person, on=TODAY, by=wang.principal)
    ask_deletion(person=wang.person, acting=wang.person, by=wang.principal)
    with pytest.raises(Problem) as twice:
        ask_deletion(person=wang.person, acting=wang.person, by=wang.principal)
    assert twice.value.code == "privacy.deletion_open"
    assert carry_out_deletions() == 1
    request = DeletionRequest.objects.get()
    assert request.done_at is not None
    nothing = dict.fromkeys(("words", "traces", "showings", "copies", "phones"), 0)
    assert request.deleted == {"drafts": 1, "papers": 1, **nothing}
    assert not Application.objects.filter(pk=draft.pk).exists()
    assert Case.objects.filter(pk=decided.case.pk).exists()
    assert carry_out_deletions() == 0


def test_a_stranger_has_nothing_of_anybody_deleted(decided: Decided) -> None:
    stranger = a_resident(name="陈大文")
    with pytest.raises(NotFound):
        ask_deletion(person=decided.wang.person, acting=stranger.person, by=stranger.principal)
