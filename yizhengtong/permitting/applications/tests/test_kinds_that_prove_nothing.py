"""A paper of a kind that proves nothing at a place proves nothing there, also when an officer finds it in order."""

import pytest

from tests.support.law import TODAY
from tests.support.zhejiang import RUIAN, XIHU, facts_of_first_issue, law_in
from yizhengtong.permitting.applications.facts import Facts, Judged, ProofDetails
from yizhengtong.permitting.applications.rules import proven_claims
from yizhengtong.permitting.applications.rules.proofs import standings

ITEM = "floating.first_issue"


def shown(place: str, claim: str, kind: str, **changes: object) -> Facts:
    document = f"{claim}_proof"
    facts = {"claims": (claim,), "evidence": {document: (kind,)}, "judged_documents": {document: Judged(True)}}
    return facts_of_first_issue(place=place, **{"proof_details": {}, **facts, **changes})


@pytest.mark.row("S3-36", "S3-43", "S3-45", "D7")
@pytest.mark.parametrize(
    ("place", "claim", "kind"),
    [
        (RUIAN, "study", "student_card"),
        (RUIAN, "study", "school_proof"),
        (RUIAN, "dwelling", "landlord_lodging_proof"),
        (RUIAN, "employment", "employer_proof"),
        (XIHU, "employment", "social_insurance"),
        (XIHU, "study", "student_card"),
    ],
)
def test_it_is_not_a_proof_because_an_officer_found_the_paper_in_order(place: str, claim: str, kind: str) -> None:
    law = law_in(place)
    assert standings(shown(place, claim, kind), law, law.items[ITEM], TODAY) == ()


@pytest.mark.row("S3-45")
def test_the_original_of_an_accepted_kind_that_an_officer_saw_beside_it_is_one() -> None:
    law = law_in(RUIAN)
    beside = shown(RUIAN, "study", "student_card", proof_details={"school_enrolment": ProofDetails()})
    assert proven_claims(beside, law, law.items[ITEM], TODAY) == ["study"]
    counter = shown(RUIAN, "study", "student_card", evidence={})
    assert proven_claims(counter, law, law.items[ITEM], TODAY) == ["study"]
