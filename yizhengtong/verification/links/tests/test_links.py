"""Linking two numbers: with proof, with consent, once; and nobody learns whose a number is by trying."""

from typing import Any

import pytest

from tests.support.city import City
from tests.support.law import TODAY
from tests.support.people import a_resident, travel_number
from tests.support.privacy import agreed
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentNumber
from yizhengtong.permitting.permits.services import report_loss
from yizhengtong.registry.consents.models import Consent
from yizhengtong.registry.people.models import PersonNumber
from yizhengtong.registry.people.services import add_number
from yizhengtong.verification.links.forgetting import forget_links
from yizhengtong.verification.links.models import Link, Ticket
from yizhengtong.verification.links.pairwise import pairwise_id
from yizhengtong.verification.links.queries import LINK_USE, links_of, travel_number_of
from yizhengtong.verification.links.services import end_without_consent, unlink, unlink_at_window
from yizhengtong.verification.links.tests.conftest import HRP, MTP, Holder, a_holder, at_window, permit_behind

pytestmark = pytest.mark.django_db


def refusal(does: Any) -> str:
    with pytest.raises(Problem) as refused:
        does()
    return refused.value.errors[0].code if refused.value.errors else refused.value.code


@pytest.mark.row("S1-094", "S1-095")
def test_a_holder_links_the_number_that_is_printed_on_the_permit(wang: Holder) -> None:
    link = wang.links().link
    assert link is not None
    assert (link.proof, link.office_path, link.agreed_on_paper) == ("card", "", False)
    assert permit_behind(wang.resident.number) == wang.permit.pk
    assert travel_number_of(link) == wang.resident.number
    assert Consent.objects.filter(person=wang.resident.person, use=LINK_USE, answer="given").count() == 1
    assert Entry.objects.filter(action="links.link", person_id=wang.resident.person.pk).count() == 1


@pytest.mark.row("S1-094")
@pytest.mark.parametrize("count", ["01", "02", "17"])
def test_a_document_that_was_replaced_keeps_the_link(wang: Holder, count: str) -> None:
    wang.links()
    renewed = wang.resident.number[:9] + count
    add_number(person=wang.resident.person, kind=HRP, number=renewed, by=wang.resident.principal)
    assert permit_behind(renewed) == permit_behind(wang.resident.number) == wang.permit.pk
    assert travel_number_of(wang.living[0]) == renewed


def test_a_number_with_its_issue_count_links_as_the_one_on_the_card(wang: Holder) -> None:
    assert wang.links(wang.resident.number[:9] + "03").link is not None


def test_a_permit_for_taiwan_residents_links_by_its_eight_digits(town: City) -> None:
    lin = a_holder(town, region="TW", name="林志明")
    assert lin.links(f"{lin.resident.number}01", MTP).link is not None
    assert permit_behind(f"{lin.resident.number}02(B)", MTP) == lin.permit.pk


def test_without_consent_nothing_is_linked(wang: Holder) -> None:
    assert refusal(lambda: wang.links(agreed=False)) == "links.consent_needed"
    assert refusal(lambda: wang.links(apart=())) == "consents.apart_provision"
    assert not wang.living


def test_consent_given_before_is_not_asked_again(wang: Holder) -> None:
    agreed(wang.resident, LINK_USE)
    assert wang.links(agreed=False).link is not None
    assert Consent.objects.filter(use=LINK_USE).count() == 1


@pytest.mark.row("S1-094")
def test_somebody_elses_number_and_nobodys_are_refused_alike(wang: Holder, chan: Holder) -> None:
    agreed(wang.resident, LINK_USE)
    others = refusal(lambda: wang.links(chan.resident.number))
    nobodys = refusal(lambda: wang.links(travel_number(HRP, "HK")))
    assert others == nobodys == "links.not_confirmed"
    assert not Link.objects.exists()
    assert not Ticket.objects.exists()


def test_a_number_that_the_holder_typed_in_proves_nothing(wang: Holder) -> None:
    fresh = travel_number(HRP, "HK")
    add_number(person=wang.resident.person, kind=HRP, number=fresh, by=wang.resident.principal)
    assert refusal(lambda: wang.links(fresh)) == "links.not_confirmed"


@pytest.mark.parametrize(("says", "linked"), [(True, True), (False, False), (None, False)])
def test_the_register_proves_a_document_that_came_after_the_permit(
    wang: Holder, says: bool | None, linked: bool
) -> None:
    fresh, asked = travel_number(HRP, "HK"), []

    def register(number: DocumentNumber, *, name: str, birth_date: Any) -> bool | None:
        asked.append((number.text, name, birth_date))
        return says

    if linked:
        link = wang.links(fresh, register=register).link
        assert link is not None
        assert link.proof == "register"
    else:
        assert refusal(lambda: wang.links(fresh, register=register)) == "links.not_confirmed"
    assert asked == [(fresh, "王小明", wang.resident.person.birth_date)]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"kind": "hmt_permit"}, "links.not_a_travel_document"),
        ({"kind": "passport"}, "links.not_a_travel_document"),
        ({"number": "H1234"}, "numbers.wrong_shape"),
    ],
    ids=["a permit", "unknown", "shape"],
)
def test_what_is_no_travel_document_is_refused(wang: Holder, facts: dict[str, Any], code: str) -> None:
    assert refusal(lambda: wang.links(**facts)) == code


def test_a_stranger_links_and_unlinks_nothing_for_another(wang: Holder, chan: Holder) -> None:
    stranger: dict[str, Any] = {"acting": chan.resident.person, "by": chan.resident.principal}
    with pytest.raises(NotFound):
        wang.links(**stranger)
    wang.links()
    with pytest.raises(NotFound):
        unlink(person=wang.resident.person, on=TODAY, **stranger)
    assert wang.living


def test_without_a_permit_there_is_nothing_to_link(town: City) -> None:
    early = a_resident()
    with pytest.raises(Conflict) as refused:
        Holder(early, None).links()  # type: ignore[arg-type]  # no permit
    assert refused.value.code == "links.no_permit"


def test_a_lost_permit_keeps_its_number_and_its_link(wang: Holder) -> None:
    wang.links()
    report_loss(permit_id=wang.permit.pk, by=wang.resident.principal)
    assert permit_behind(wang.resident.number) == wang.permit.pk


def test_a_person_has_one_link(wang: Holder) -> None:
    wang.links()
    assert refusal(wang.links) == "links.linked_already"


def test_unlinking_ends_it_at_once_and_what_was_stays_told(wang: Holder) -> None:
    wang.links()
    ended = unlink(person=wang.resident.person, acting=wang.resident.person, on=TODAY, by=wang.resident.principal)
    assert permit_behind(wang.resident.number) is None
    assert ended.end_reason == "holder"
    assert Event.objects.get(kind="links.ended").facts == {"reason": "holder"}
    assert refusal(
        lambda: unlink(person=wang.resident.person, acting=wang.resident.person, on=TODAY, by=wang.resident.principal)
    ) == "links.not_linked"  # fmt: skip
    wang.links()
    assert [each.state for each in links_of(wang.resident.person)] == ["linked", "ended"]


def test_consent_taken_back_is_heeded_before_the_link_is_ended(wang: Holder) -> None:
    wang.links()
    Consent.objects.create(
        person=wang.resident.person, use=LINK_USE, answer="withdrawn", account_id=new_id(), law_hash=""
    )
    assert permit_behind(wang.resident.number) is None
    end_without_consent(person_id=wang.resident.person.pk)
    assert links_of(wang.resident.person)[0].end_reason == "consent"


@pytest.mark.row("S1-094")
def test_at_the_window_an_officer_links_what_is_in_hand(wang: Holder, town: City) -> None:
    fresh = travel_number(HRP, "HK")
    link = at_window(wang.permit, fresh, town.clerk).link
    assert link is not None
    assert (link.proof, link.agreed_on_paper, link.office_path) == ("originals", True, town.clerk.office_path)
    assert permit_behind(fresh) == wang.permit.pk
    assert PersonNumber.objects.get(person=wang.resident.person, kind=HRP, is_current=True).number == fresh


def test_at_the_window_it_is_ended_for_a_holder_without_an_account(wang: Holder, town: City) -> None:
    at_window(wang.permit, wang.resident.number, town.clerk)
    with pytest.raises(NotFound):
        unlink_at_window(permit_id=wang.permit.pk, on=TODAY, by=town.officer("x", Role.CLERK, office="370103"))
    link = unlink_at_window(permit_id=wang.permit.pk, on=TODAY, by=town.clerk)
    assert (link.end_reason, link.ended_by) == ("holder", town.clerk.id)
    assert permit_behind(wang.resident.number) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"saw_originals": False}, "links.originals_needed"), ({"consent_signed": False}, "links.signature_needed")],
    ids=["originals", "signature"],
)
def test_at_the_window_both_originals_and_a_signature_are_needed(
    wang: Holder, town: City, changes: dict[str, Any], code: str
) -> None:
    assert refusal(lambda: at_window(wang.permit, wang.resident.number, town.clerk, **changes)) == code


def test_an_officer_of_another_office_knows_of_no_such_permit(wang: Holder, town: City) -> None:
    elsewhere = town.officer("elsewhere", Role.CLERK, office="370103")
    with pytest.raises(NotFound):
        at_window(wang.permit, wang.resident.number, elsewhere)
    with pytest.raises(Forbidden):
        at_window(wang.permit, wang.resident.number, town.reviewer)
    with pytest.raises(NotFound):
        at_window(wang.permit, wang.resident.number, wang.resident.principal)


def test_at_the_window_a_number_of_another_region_is_refused(wang: Holder, town: City) -> None:
    with pytest.raises(Invalid) as refused:
        at_window(wang.permit, travel_number(HRP, "MO"), town.clerk)
    assert refused.value.code == "people.number_contradicts_region"


def test_forgetting_leaves_the_living_link_and_drops_the_ended(wang: Holder) -> None:
    wang.links()
    unlink(person=wang.resident.person, acting=wang.resident.person, on=TODAY, by=wang.resident.principal)
    wang.links()
    assert forget_links(person_id=wang.resident.person.pk) == 1
    assert [each.state for each in links_of(wang.resident.person)] == ["linked"]
    history = Link.history.field.model  # type: ignore[attr-defined]  # made by pghistory
    assert set(history.objects.values_list("pgh_obj_id", flat=True)) == {wang.living[0].pk}


def test_a_subject_is_the_same_for_ever_and_different_everywhere(wang: Holder, chan: Holder) -> None:
    key = wang.resident.person.pk
    subject = pairwise_id(key, "bank")
    assert subject == pairwise_id(key, "bank")
    assert len({subject, pairwise_id(key, "shop"), pairwise_id(chan.resident.person.pk, "bank")}) == 3
    assert len(subject) == 43
    assert key.hex not in subject
