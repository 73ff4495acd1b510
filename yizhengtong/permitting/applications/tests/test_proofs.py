"""What each kind of proof must show in Rui'an, Hangzhou and Qingyuan: on the day, the day before, and when unknown."""

from datetime import date, timedelta

import pytest

from tests.support.law import TODAY
from tests.support.zhejiang import QINGYUAN, RUIAN, XIHU, facts_of_conversion, facts_of_first_issue, law_in
from yizhengtong.kernel.findings import Finding
from yizhengtong.permitting.applications.facts import Confirmed, Facts, Judged, ProofDetails
from yizhengtong.permitting.applications.rules import look_at_conditions, look_at_documents, proven_claims

DAY = timedelta(days=1)
FIRST, PERMIT = "floating.first_issue", "floating.conversion_permit"


def with_proof(claim: str, kind: str, details: ProofDetails | None = None, *, place: str = RUIAN) -> Facts:
    return facts_of_first_issue(
        place=place,
        claims=(claim,),
        evidence={"identity": ("identity_card",), f"{claim}_proof": (kind,)},
        proof_details={} if details is None else {kind: details},
    )


def proof(facts: Facts, item: str = FIRST, on: date = TODAY) -> Finding:
    law = law_in(facts.place)
    service = law.items[item]
    findings = look_at_conditions(facts, law, service, on)
    return dict(zip((each.rule for each in service.conditions), findings, strict=True))["proves_one_of_three"]


@pytest.mark.row("S3-36")
@pytest.mark.parametrize(("months", "met"), [(2, False), (3, True), (4, True)])
def test_social_insurance_is_three_months_or_more(months: int, met: bool) -> None:
    finding = proof(with_proof("employment", "social_insurance", ProofDetails(months=months)))
    assert finding.met is met
    assert finding.met_on == (None if met else date(2026, 10, 18))


@pytest.mark.row("S3-36")
def test_a_register_counts_the_months_up_to_its_own_day_and_its_word_goes_before_an_officers() -> None:
    facts = facts_of_first_issue(
        evidence={},
        confirmed={"social_insurance": Confirmed("social_insurance", date(2026, 9, 1), months=1)},
        proof_details={"social_insurance": ProofDetails(months=9)},
    )
    finding = proof(facts)
    assert (finding.met, finding.met_on, finding.facts["needed"]) == (False, date(2026, 11, 1), 3)
    assert proof(facts, on=date(2026, 12, 1)).met_on == date(2026, 12, 1)


@pytest.mark.row("S3-37")
@pytest.mark.parametrize("kind", ["business_licence", "social_insurance"])
def test_since_when_it_is_held_is_three_months_before_or_more(kind: str) -> None:
    on_the_day = proof(with_proof("employment", kind, ProofDetails(since=date(2026, 6, 18))))
    the_day_after = proof(with_proof("employment", kind, ProofDetails(since=date(2026, 6, 19))))
    assert (on_the_day.met, the_day_after.met, the_day_after.met_on) == (True, False, TODAY + DAY)
    assert the_day_after.code == "applications.proof_too_short"
    ended = proof(with_proof("employment", kind, ProofDetails(since=date(2026, 1, 1), until=date(2026, 3, 1))))
    assert (ended.met, ended.code) == (False, "applications.proof_ended")


@pytest.mark.row("S3-38", "S3-39")
@pytest.mark.parametrize("kind", ["labour_contract", "farming_contract"])
def test_the_term_of_a_contract_is_half_a_year_or_more_and_still_runs(kind: str) -> None:
    def term(since: date, until: date | None) -> Finding:
        return proof(with_proof("employment", kind, ProofDetails(since=since, until=until)))

    assert term(date(2026, 9, 1), date(2027, 3, 1)).met is True
    short = term(date(2026, 9, 1), date(2027, 2, 28))
    assert (short.met, short.code, short.met_on) == (False, "applications.proof_term_too_short", None)
    assert term(date(2026, 9, 1), None).met is True
    assert term(date(2025, 9, 1), TODAY + DAY).met is True
    assert term(date(2025, 9, 1), TODAY).code == "applications.proof_ended"


@pytest.mark.row("S3-36", "S3-37", "S3-38", "S3-39")
@pytest.mark.parametrize("kind", ["social_insurance", "business_licence", "labour_contract", "farming_contract"])
def test_a_time_that_nobody_established_is_for_an_officer(kind: str) -> None:
    finding = proof(with_proof("employment", kind))
    assert (finding.met, finding.code) == (None, "applications.proof_open")
    assert finding.facts["requirement"] == "applications.requires_unknown"


@pytest.mark.row("S3-40", "S3-44")
@pytest.mark.parametrize("claim", ["employment", "dwelling"])
def test_other_cases_are_for_an_officer_to_find_fitting(claim: str) -> None:
    kind = f"other_{claim}_proof"
    assert proof(with_proof(claim, kind)).met is None
    assert proof(with_proof(claim, kind, ProofDetails(shows=("found_fitting",)))).met is True
    unfit = proof(with_proof(claim, kind, ProofDetails(lacks=("found_fitting",))))
    assert (unfit.met, unfit.code) == (False, "applications.proof_lacks")


@pytest.mark.row("S3-41")
@pytest.mark.parametrize("kind", ["own_home", "property_title"])
def test_an_own_home_is_enough_by_itself(kind: str) -> None:
    assert proof(with_proof("dwelling", kind)).met is True


@pytest.mark.row("S3-42", "S3-43")
@pytest.mark.parametrize("kind", ["dormitory", "lease"])
def test_a_dormitory_or_rented_home_must_be_safe(kind: str) -> None:
    unknown = proof(with_proof("dwelling", kind))
    assert (unknown.met, unknown.facts["requirement"]) == (None, "applications.requires_safe")
    assert proof(with_proof("dwelling", kind, ProofDetails(shows=("safe",)))).met is True
    assert proof(with_proof("dwelling", kind, ProofDetails(lacks=("safe",)))).met is False


@pytest.mark.row("S3-43")
def test_a_landlords_letter_without_a_lease_is_not_enough_in_ruian() -> None:
    assert proof(with_proof("dwelling", "landlord_lodging_proof", ProofDetails(shows=("safe",)))).met is False


@pytest.mark.row("S3-45")
def test_study_is_shown_by_enrolment_in_ruian_and_a_student_card_alone_is_not() -> None:
    assert proof(with_proof("study", "school_enrolment")).met is True
    assert proof(with_proof("study", "student_card")).met is False


@pytest.mark.row("S3-34", "S3-40", "S3-44")
def test_any_one_proof_of_one_claim_is_enough_and_the_best_decides() -> None:
    facts = facts_of_first_issue(
        claims=("employment", "dwelling"),
        evidence={"employment_proof": ("social_insurance", "labour_contract"), "dwelling_proof": ("own_home",)},
        proof_details={"social_insurance": ProofDetails(months=1)},
    )
    assert proof(facts).met is True
    open_one = facts_of_first_issue(
        evidence={"employment_proof": ("social_insurance", "labour_contract")},
        proof_details={"social_insurance": ProofDetails(months=1)},
    )
    assert proof(open_one).met is None
    assert proof(facts_of_first_issue(evidence={}, proof_details={})).code == "applications.proves_one_of_three"


@pytest.mark.row("S3-34")
def test_the_soonest_of_several_that_are_too_short_says_when() -> None:
    facts = facts_of_first_issue(
        evidence={"employment_proof": ("social_insurance", "business_licence")},
        proof_details={
            "social_insurance": ProofDetails(months=1),
            "business_licence": ProofDetails(since=date(2026, 7, 1)),
        },
    )
    finding = proof(facts)
    assert (finding.met_on, finding.facts["proof"]) == (
        date(2026, 10, 1),
        {"zh-Hans": "工商营业执照", "zh-Hant": "工商營業執照", "en": "Business licence"},
    )


@pytest.mark.row("S3-34")
def test_a_claim_that_was_not_made_is_proven_by_nothing() -> None:
    assert proof(facts_of_first_issue(claims=("study",))).met is False


@pytest.mark.row("S3-34")
def test_a_rejected_paper_proves_nothing_and_one_seen_at_the_counter_leaves_its_kind_open() -> None:
    rejected = facts_of_first_issue(judged_documents={"employment_proof": Judged(False, "unreadable")})
    assert proof(rejected).met is False
    seen = facts_of_first_issue(evidence={}, proof_details={}, judged_documents={"employment_proof": Judged(True)})
    assert proof(seen).met is None
    said = facts_of_first_issue(evidence={}, judged_documents={"employment_proof": Judged(True)})
    assert proof(said).met is True


@pytest.mark.row("S4-12")
def test_what_a_register_confirmed_is_not_asked_for_as_a_paper() -> None:
    facts = facts_of_conversion(
        evidence={},
        confirmed={
            "identity_card": Confirmed("household", TODAY),
            "social_insurance": Confirmed("social_insurance", TODAY, months=12),
        },
        proof_details={},
    )
    law = law_in(QINGYUAN)
    assert [each.met for each in look_at_documents(facts, law, law.items[PERMIT], TODAY)] == [True, True]
    assert proven_claims(facts, law, law.items[PERMIT], TODAY) == ["employment"]
    assert proof(facts, PERMIT).met is True


@pytest.mark.row("D7")
def test_in_hangzhou_who_works_must_also_be_insured_without_a_break() -> None:
    unknown = proof(with_proof("employment", "labour_contract", place=XIHU))
    assert (unknown.met, unknown.facts["requirement"]) == (None, "applications.requires_continuous_social_insurance")
    insured = ProofDetails(shows=("continuous_social_insurance",))
    assert proof(with_proof("employment", "labour_contract", insured, place=XIHU)).met is True


@pytest.mark.row("D7")
def test_in_hangzhou_a_rented_home_must_be_lived_in_without_a_break_and_an_own_one_not() -> None:
    assert proof(with_proof("dwelling", "lease", place=XIHU)).met is None
    assert proof(with_proof("dwelling", "own_home", place=XIHU)).met is True


_EMPLOYMENT = ["labour_contract", "farming_contract", "social_insurance", "business_licence"]
_DWELLING = ["own_home", "dormitory", "rental_registration", "lease_filing", "lease", "safety_proof", "rental_tax"]
_STUDY = [f"{school}_enrolment" for school in ("primary_school", "secondary_school", "vocational_school", "university")]


@pytest.mark.row("S4-21", "S4-22", "S4-23", "D7")
@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        *(("employment", kind) for kind in _EMPLOYMENT),
        *(("dwelling", kind) for kind in _DWELLING),
        *(("study", kind) for kind in _STUDY),
    ],
)
def test_in_qingyuan_each_box_of_the_form_is_enough_without_a_number(claim: str, kind: str) -> None:
    facts = facts_of_conversion(claims=(claim,), evidence={f"{claim}_proof": (kind,)}, proof_details={})
    assert proof(facts, PERMIT).met is True


@pytest.mark.row("S4-21", "S4-22")
@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("employment", "other_employment_proof"),
        ("dwelling", "other_rental_proof"),
        ("dwelling", "other_dwelling_proof"),
    ],
)
def test_in_qingyuan_the_boxes_for_others_are_for_an_officer(claim: str, kind: str) -> None:
    facts = facts_of_conversion(claims=(claim,), evidence={f"{claim}_proof": (kind,)}, proof_details={})
    assert proof(facts, PERMIT).met is None


@pytest.mark.row("S4-21", "D7")
def test_the_boxes_of_the_conversion_form_hold_for_conversions_only() -> None:
    law = law_in(QINGYUAN)
    assert law["employment.proofs"].pack == "cn/330000/floating.yaml"
    facts = with_proof("employment", "social_insurance", place=QINGYUAN)
    assert proof(facts).met is None
