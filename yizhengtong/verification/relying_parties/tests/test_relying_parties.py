"""Relying parties: registered with purposes, known by a key that is kept only as a hash."""

import pytest
from django.utils import timezone

from tests.support.law import TODAY, library
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.verification.relying_parties import sandbox
from yizhengtong.verification.relying_parties.authenticating import caller_of_secret
from yizhengtong.verification.relying_parties.models import RelyingParty, RelyingPartyKey
from yizhengtong.verification.relying_parties.purposes import purpose_of, purposes
from yizhengtong.verification.relying_parties.queries import claims_of, granted, require_purpose
from yizhengtong.verification.relying_parties.services import register_relying_party

pytestmark = pytest.mark.django_db


def register(**changes: str) -> tuple[RelyingParty, str]:
    return register_relying_party(name="泉城演示银行", legal_basis="反洗钱法", purposes=["bank"], by=SYSTEM, **changes)


def test_a_relying_party_is_known_by_its_key_and_by_no_other() -> None:
    party, key = register()
    caller = caller_of_secret(key)
    assert caller is not None
    assert (caller.party, caller.is_test, caller.pk) == (party, False, party.pk)
    assert caller_of_secret(key + "x") is None
    assert caller_of_secret("") is None


def test_keys_are_long_differ_and_are_not_kept() -> None:
    (party, key), (_, other) = register(), register()
    assert key != other
    assert len(key) >= 43
    kept = RelyingPartyKey.objects.get(relying_party=party)
    assert key not in str([vars(kept), vars(party)])
    assert key.encode() not in bytes(kept.fingerprint)


def test_one_that_is_no_longer_active_is_not_known() -> None:
    party, key = register()
    party.is_active = False
    party.save()
    assert caller_of_secret(key) is None


def test_a_registration_is_in_the_audit_trail() -> None:
    party, _ = register()
    assert Entry.objects.get(action="relying_parties.register").object_id == party.pk


def test_when_a_key_was_last_used_is_known() -> None:
    _, key = register()
    before = timezone.now()
    caller_of_secret(key)
    used = RelyingPartyKey.objects.get().last_used_at
    assert used is not None
    assert before <= used <= timezone.now()


def test_a_party_may_what_was_granted_and_nothing_else() -> None:
    party, key = register()
    caller = caller_of_secret(key)
    assert caller is not None
    assert caller.require("bank") == require_purpose(party, "bank") == purpose_of("bank")
    assert set(claims_of(party, "bank")) == set(purpose_of("bank").claims)
    for other in ("work", "", "BANK"):
        assert not granted(party, other)
        with pytest.raises(Forbidden, match=r"relying_parties\.purpose_not_registered"):
            caller.require(other)


def test_in_the_sandbox_every_purpose_can_be_tried_and_none_that_is_not_one() -> None:
    _, key = register(environment="test")
    caller = caller_of_secret(key)
    assert caller is not None
    assert caller.is_test
    assert all(caller.require(code).code == code for code in purposes())
    with pytest.raises(Forbidden):
        caller.require("unheard_of")


@pytest.mark.row("S1-097")
def test_every_purpose_has_a_use_of_the_law_and_asks_for_the_least() -> None:
    uses = {use.code for use in library().law("370100", "privacy", TODAY).value("consent.uses")}
    assert {purpose.use for purpose in purposes().values()} <= uses
    for code, purpose in purposes().items():
        assert not {"name", "name_masked"} <= set(purpose.claims), code
        assert not {"number", "number_masked"} <= set(purpose.claims), code
        assert {"number", "name"} <= set(purpose.match), code


def test_a_purpose_nobody_knows_is_none() -> None:
    with pytest.raises(NotFound):
        purpose_of("unheard_of")


@pytest.mark.row("S1-014")
def test_the_people_of_the_sandbox_have_numbers_that_can_be_right_and_differ() -> None:
    people = sandbox.sandbox_people().values()
    permits = [parse(DocumentKind.HMT_PERMIT, each.permit) for each in people]
    assert {number.text[:2] for number in permits} == {"81", "82", "83"}
    assert [number.birth_date for number in permits] == [each.birth_date for each in people]
    assert len({number.core for number in permits}) == len(permits)
    assert len({parse(each.travel_kind, each.travel).core for each in people}) == len(permits)
    assert {each.state for each in people} == {"valid", "suspended", "lost", "expired", "ended", "not_yet_valid"}


def test_both_numbers_lead_to_a_person_of_the_sandbox_who_linked_them_and_one_to_who_did_not() -> None:
    for each in sandbox.sandbox_people().values():
        assert sandbox.person_behind(parse(DocumentKind.HMT_PERMIT, each.permit)) is each
        assert sandbox.person_behind(parse(each.travel_kind, each.travel)) is (each if each.is_linked else None)
