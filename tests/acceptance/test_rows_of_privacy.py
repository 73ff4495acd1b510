"""An applicant's papers and data at each stage: who touched them stands in the trail, and what they say does not."""

import json

import pytest
from django.forms.models import model_to_dict

from tests.support.cases import case_at
from tests.support.city import a_city
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.permitting.casework.states import CaseState


@pytest.mark.row("S0-T37")
def test_acceptance_review_and_approval_each_leave_who_did_what_to_whom(db: None) -> None:
    town = a_city()
    case, _ = case_at(town, CaseState.COMPLETED)
    stages = {"casework.accept": town.clerk, "casework.review": town.reviewer, "casework.approve": town.approver}
    for action, officer in stages.items():
        entry = Entry.objects.get(action=action, object_id=case.pk)
        assert (entry.actor_id, entry.office_id, entry.person_id) == (officer.id, officer.office_id, case.person_id)


@pytest.mark.row("S0-T37")
def test_the_trail_of_a_whole_case_holds_neither_name_number_nor_address(db: None) -> None:
    town = a_city()
    case, wang = case_at(town, CaseState.COMPLETED)
    entries = Entry.objects.filter(person_id=case.person_id)
    assert entries.count() >= 5
    told = json.dumps([model_to_dict(entry) for entry in entries], default=str, ensure_ascii=False)
    for secret in (wang.person.name, wang.number, case.application.answers["residence_address"]):
        assert secret
        assert secret not in told
