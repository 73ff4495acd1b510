"""Relying parties: registered with purposes, known by a key that is kept only as a hash."""

import pytest

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.queries import relying_party_of
from yizhengtong.verification.relying_parties.services import register_relying_party

pytestmark = pytest.mark.django_db


def register() -> tuple[RelyingParty, str]:
    return register_relying_party(name="泉城演示银行", legal_basis="反洗钱法", purposes=["bank"], by=SYSTEM)


def test_a_relying_party_is_known_by_its_key_and_by_no_other() -> None:
    party, key = register()
    assert relying_party_of(key) == party
    assert relying_party_of(key + "x") is None
    assert relying_party_of("") is None


def test_keys_are_long_differ_and_are_not_kept() -> None:
    (party, key), (_, other) = register(), register()
    assert key != other
    assert len(key) >= 43
    assert key.encode() not in bytes(party.key_hash)


def test_one_that_is_no_longer_active_is_not_known() -> None:
    party, key = register()
    party.is_active = False
    party.save()
    assert relying_party_of(key) is None


def test_a_registration_is_in_the_audit_trail() -> None:
    party, _ = register()
    assert Entry.objects.get(action="relying_parties.register").object_id == party.pk
