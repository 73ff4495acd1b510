"""An organisation registers itself, asks for purposes, keeps its keys; an officer answers each by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support.city import City, a_city
from tests.support.mainland import a_credit_code
from tests.support.people import a_resident
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Stale
from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.relying_parties import services
from yizhengtong.verification.relying_parties.applying import (
    add_address,
    ask_purpose,
    is_own_address,
    remove_address,
    take_back,
)
from yizhengtong.verification.relying_parties.authenticating import caller_of_secret
from yizhengtong.verification.relying_parties.bounds import INVITATION_LASTS
from yizhengtong.verification.relying_parties.keeping import (
    end_key,
    make_secret,
    revoke_as_caller,
    revoke_key,
    rotate_secret,
)
from yizhengtong.verification.relying_parties.models import PurposeGrant, RelyingPartyKey
from yizhengtong.verification.relying_parties.policies import own_party
from yizhengtong.verification.relying_parties.purposes import purpose_of
from yizhengtong.verification.relying_parties.queries import addresses_of, claims_of, granted, is_registered
from yizhengtong.verification.relying_parties.reviewing import (
    answer_purpose,
    end,
    parties_for,
    party_for,
    resume,
    set_quota,
    suspend,
    withdraw_purpose,
)
from yizhengtong.verification.relying_parties.services import invite_member, join_organisation, register_organisation
from yizhengtong.verification.relying_parties.tests.organisations import (
    HERE,
    Organisation,
    a_key,
    an_account,
    an_organisation,
    assertion,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def org() -> Organisation:
    return an_organisation()


@pytest.fixture
def town() -> City:
    return a_city()


@pytest.fixture
def officer(town: City) -> Principal:
    """The supervisor of the office above all others."""
    return replace(town.approver, roles=frozenset({Role.SUPERVISOR}), office_path="370000", has_second_factor=True)


def asked(org: Organisation, purpose: str = "bank", claims: tuple[str, ...] = ("name", "number")) -> PurposeGrant:
    return ask_purpose(purpose=purpose, legal_basis="反洗钱法", claims=claims, by=org.by, at=timezone.now())


def answered(org: Organisation, grant: PurposeGrant, officer: Principal, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "is_granted": True, "claims": ["name"], "reason": "", "version": org.fresh().version, "at": timezone.now(),
    }  # fmt: skip
    answer_purpose(grant_id=grant.pk, by=officer, **(facts | changes))


def test_an_organisation_begins_in_the_sandbox_and_its_account_opens_no_residents_pages(org: Organisation) -> None:
    assert (org.party.state, org.party.purposes, org.party.is_active) == ("test", [], True)
    assert Account.objects.get(pk=str(org.by.id)).is_reporter
    assert own_party(org.by) == org.party
    assert Entry.objects.get(action="relying_parties.register").actor_id == org.by.id


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        register_organisation(name=" ", code="91370100", contact="", by=an_account("x"))
    assert {error.field for error in refused.value.errors} == {"name", "code", "contact"}
    assert not Account.objects.get(username="x").is_reporter


def test_a_residents_account_becomes_no_organisations_and_none_acts_for_two(org: Organisation) -> None:
    facts, by = {"name": "x", "code": a_credit_code(), "contact": "x"}, an_account("wang")
    Person.objects.filter(pk=a_resident().person.pk).update(account_id=by.id)
    with pytest.raises(Conflict, match=r"account_is_a_residents"):
        register_organisation(**facts, by=by)
    with pytest.raises(Conflict, match=r"already_a_member"):
        register_organisation(**facts, by=org.by)


@pytest.mark.parametrize("kind", [PrincipalKind.STAFF, PrincipalKind.PARTNER, PrincipalKind.SYSTEM])
def test_nobody_registers_an_organisation_but_an_account_of_nobody(kind: PrincipalKind) -> None:
    by = Principal(kind, an_account("x").id)
    with pytest.raises(Forbidden):
        register_organisation(name="x", code=a_credit_code(), contact="x", by=by)


def test_an_invitation_is_good_once_and_for_days(org: Organisation) -> None:
    now = timezone.now()
    code = invite_member(by=org.by, at=now)
    second = an_account("second")
    for wrong, at in ((f"{code}x", now), (code, now + timedelta(days=8))):
        with pytest.raises(NotFound):
            join_organisation(code=wrong, contact="x", by=second, at=at)
    assert join_organisation(code=code, contact="x", by=second, at=now) == org.party
    assert own_party(second) == org.party
    with pytest.raises(NotFound):
        join_organisation(code=code, contact="x", by=an_account("third"), at=now)


def test_only_so_many_invitations_wait(org: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "INVITATIONS_AT_ONCE", 2)
    now = timezone.now()
    for name in ("second", "third"):
        join_organisation(code=invite_member(by=org.by, at=now), contact="x", by=an_account(name), at=now)
    for _ in range(2):
        invite_member(by=org.by, at=now)
    with pytest.raises(Conflict, match=r"too_many_invitations"):
        invite_member(by=org.by, at=now)
    invite_member(by=org.by, at=now + INVITATION_LASTS)  # those that nobody used have ended


def test_a_purpose_that_was_asked_for_is_not_granted_until_an_officer_says_so(
    org: Organisation, officer: Principal
) -> None:
    grant = asked(org)
    assert org.fresh().state == "applied"
    assert not granted(org.fresh(), "bank")
    answered(org, grant, officer)
    party = org.fresh()
    assert (party.state, party.purposes) == ("approved", ["bank"])
    assert claims_of(party, "bank") == ("name",)
    assert Entry.objects.get(action="relying_parties.grant").actor_id == officer.id


def test_a_second_purpose_goes_the_same_way_and_does_not_touch_the_first(org: Organisation, officer: Principal) -> None:
    answered(org, asked(org), officer)
    second = asked(org, "work", ())
    assert (org.fresh().state, granted(org.fresh(), "work"), granted(org.fresh(), "bank")) == ("approved", False, True)
    answered(org, second, officer, is_granted=False, reason="没有用工关系", claims=[])
    assert (org.fresh().purposes, org.fresh().state) == (["bank"], "approved")
    second.refresh_from_db()
    assert (second.state, second.reason) == ("refused", "没有用工关系")
    assert asked(org, "work", ()).state == "applied"  # refused is not for ever


def test_what_is_asked_for_holds_no_more_than_the_purpose(org: Organisation) -> None:
    most = purpose_of("platform").claims
    for claims in (("photo",), ("number",), (*most, "birth_date"), ("name_masked", "name_masked")):
        with pytest.raises(Invalid) as refused:
            asked(org, "platform", claims)
        assert [error.field for error in refused.value.errors] == ["claims"]
    with pytest.raises(Invalid) as refused:
        ask_purpose(purpose="x", legal_basis=" ", claims=[], by=org.by, at=timezone.now())
    assert {error.field for error in refused.value.errors} == {"purpose", "legal_basis"}


def test_an_officer_grants_no_claim_that_was_not_asked_for_and_refuses_with_a_reason(
    org: Organisation, officer: Principal
) -> None:
    grant = asked(org)
    for changes in ({"claims": ["birth_date"]}, {"is_granted": False, "reason": " "}):
        with pytest.raises(Invalid):
            answered(org, grant, officer, **changes)
    with pytest.raises(Stale):
        answered(org, grant, officer, version=7)


def test_a_purpose_waits_once_and_can_be_taken_back(org: Organisation, officer: Principal) -> None:
    grant = asked(org)
    with pytest.raises(Conflict, match=r"purpose_asked"):
        asked(org)
    with pytest.raises(NotFound):
        take_back(grant_id=grant.pk, by=an_organisation("另一家").by)
    take_back(grant_id=grant.pk, by=org.by)
    assert org.fresh().state == "test"
    with pytest.raises(Conflict, match=r"not_open"):
        answered(org, grant, officer)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"roles": frozenset({Role.APPROVER})}, Forbidden), ({"has_second_factor": False}, Forbidden),
        ({"office_path": "370000.370100"}, NotFound), ({"kind": PrincipalKind.REPORTER}, NotFound),
        ({"kind": PrincipalKind.PARTNER}, NotFound), ({"kind": PrincipalKind.RESIDENT}, NotFound),
    ],
    ids=str,
)  # fmt: skip
def test_nobody_answers_but_a_supervisor_of_the_top_office(
    org: Organisation, officer: Principal, changes: dict[str, Any], refused: type[Problem]
) -> None:
    grant, other = asked(org), replace(officer, **changes)
    at, version = timezone.now(), org.fresh().version
    for tried in (
        lambda: answered(org, grant, other),
        lambda: parties_for(other, most=10),
        lambda: party_for(org.party.pk, other),
        lambda: suspend(party_id=org.party.pk, reason="x", version=version, by=other, at=at),
        lambda: set_quota(party_id=org.party.pk, quota_a_day=1, version=version, by=other, at=at),
        lambda: end(party_id=org.party.pk, reason="x", version=version, by=other, at=at),
    ):
        with pytest.raises(refused):
            tried()
    assert org.fresh().version == version


def test_suspended_no_key_opens_and_let_in_again_all_is_as_before(org: Organisation, officer: Principal) -> None:
    answered(org, asked(org), officer)
    _, secret = make_secret(environment="production", label="", by=org.by, at=timezone.now())
    at = timezone.now()
    suspend(party_id=org.party.pk, reason="密钥疑似泄露", version=org.fresh().version, by=officer, at=at)
    assert caller_of_secret(secret) is None
    assert not granted(org.fresh(), "bank")
    with pytest.raises(Conflict):
        suspend(party_id=org.party.pk, reason="x", version=org.fresh().version, by=officer, at=at)
    resume(party_id=org.party.pk, version=org.fresh().version, by=officer, at=at)
    assert caller_of_secret(secret) is not None
    assert granted(org.fresh(), "bank")


def test_ended_is_ended(org: Organisation, officer: Principal) -> None:
    answered(org, asked(org), officer)
    _, secret = make_secret(environment="production", label="", by=org.by, at=timezone.now())
    end(party_id=org.party.pk, reason="不再营业", version=org.fresh().version, by=officer, at=timezone.now())
    assert caller_of_secret(secret) is None
    assert org.fresh().purposes == []
    assert RelyingPartyKey.objects.get().revoked_because == "ended"
    with pytest.raises(Conflict):
        resume(party_id=org.party.pk, version=org.fresh().version, by=officer, at=timezone.now())
    with pytest.raises(Forbidden, match=r"relying_parties\.ended"):
        asked(org, "work", ())


def test_a_purpose_that_is_withdrawn_is_gone_at_once_and_so_are_production_keys_of_the_last(
    org: Organisation, officer: Principal
) -> None:
    grant = asked(org)
    answered(org, grant, officer)
    _, secret = make_secret(environment="production", label="", by=org.by, at=timezone.now())
    withdraw_purpose(grant_id=grant.pk, reason="依据已失效", version=org.fresh().version, by=officer, at=timezone.now())
    assert caller_of_secret(secret) is None
    assert (org.fresh().state, granted(org.fresh(), "bank")) == ("test", False)


def test_who_waits_is_listed_also_for_a_further_purpose(org: Organisation, officer: Principal) -> None:
    an_organisation("另一家")
    answered(org, asked(org), officer)
    asked(org, "work", ())
    assert parties_for(officer, state="applied", most=10) == [org.party]
    assert len(parties_for(officer, most=10)) == 2
    assert party_for(org.party.pk, officer)[1] == ["0531-0000000"]
    assert Entry.objects.get(action="relying_parties.read").fields == ["contact"]


def test_production_keys_follow_the_first_grant(org: Organisation) -> None:
    with pytest.raises(Conflict, match=r"not_approved"):
        make_secret(environment="production", label="", by=org.by, at=timezone.now())
    assert make_secret(environment="test", label="", by=org.by, at=timezone.now())[0].environment == "test"


def test_an_old_secret_goes_on_beside_the_new_one_until_it_ends(org: Organisation) -> None:
    now = timezone.now()
    old, secret = make_secret(environment="test", label="a", by=org.by, at=now)
    _, following = rotate_secret(key_id=old.pk, ends_at=now + timedelta(days=1), by=org.by, at=now)
    for moved, opens in ((0, True), (23, True), (24, False)):
        at = now + timedelta(hours=moved)
        assert (caller_of_secret(secret, at=at) is not None) is opens
        assert caller_of_secret(following, at=at) is not None
    for wrong in (now, now + timedelta(days=31)):
        with pytest.raises(Invalid):
            end_key(key_id=old.pk, ends_at=wrong, by=org.by, at=now)
    end_key(key_id=old.pk, ends_at=now + timedelta(days=9), by=org.by, at=now)
    old.refresh_from_db()
    assert old.not_after == now + timedelta(days=1)  # never later than it was


def test_nothing_but_a_secret_is_replaced_by_a_secret(org: Organisation) -> None:
    now = timezone.now()
    for kept in (org.with_jwk(a_key()), org.with_certificate()[0]):
        with pytest.raises(Conflict, match=r"key_is_no_secret"):
            rotate_secret(key_id=kept.pk, ends_at=now + timedelta(days=1), by=org.by, at=now)
    assert not RelyingPartyKey.objects.filter(kind="secret").exists()


def test_there_are_no_more_keys_than_a_rotation_needs(org: Organisation) -> None:
    made = [make_secret(environment="test", label="", by=org.by, at=timezone.now())[0] for _ in range(5)]
    with pytest.raises(Conflict, match=r"too_many_keys"):
        make_secret(environment="test", label="", by=org.by, at=timezone.now())
    revoke_key(key_id=made[0].pk, because="replaced", by=org.by, at=timezone.now())
    make_secret(environment="test", label="", by=org.by, at=timezone.now())


def test_nobody_registers_a_key_without_holding_it_nor_one_twice(org: Organisation) -> None:
    key, other = a_key(), an_organisation("另一家")
    for proof in ("", assertion(org.client_id, a_key()), assertion(other.client_id, key)):
        with pytest.raises(Invalid) as refused:
            org.with_jwk(key, proof=proof)
        assert [error.code for error in refused.value.errors] == ["relying_parties.proof_wrong"]
    kept = org.with_jwk(key)
    revoke_key(key_id=kept.pk, because="leaked", by=org.by, at=timezone.now())
    for each in (org, other):  # one that leaked never comes back, under no name and at nobody's
        with pytest.raises(Conflict, match=r"key_there"):
            each.with_jwk(key, kid="another")


@pytest.mark.parametrize(
    "changes", [{"d": "x"}, {"crv": "P-521"}, {"kty": "RSA"}, {"x": "AA"}, {"x": 7}, {"kid": "x" * 65}], ids=str
)
def test_a_key_that_is_private_or_of_another_kind_is_refused(org: Organisation, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        org.with_jwk(a_key(), **changes)
    assert not RelyingPartyKey.objects.exists()


def test_a_certificate_ends_when_it_ends_and_one_that_is_over_is_refused(org: Organisation) -> None:
    kept, _ = org.with_certificate(days=30)
    assert timedelta(days=29) < kept.not_after - timezone.now() <= timedelta(days=30)
    with pytest.raises(Invalid):
        org.with_certificate(days=-1)


def test_another_organisations_keys_and_addresses_are_none(org: Organisation) -> None:
    other, now = an_organisation("另一家"), timezone.now()
    theirs, _ = make_secret(environment="test", label="", by=other.by, at=now)
    address = add_address(kind="redirect", uri="https://app.example/back", by=other.by)
    for tried in (
        lambda: revoke_key(key_id=theirs.pk, because="leaked", by=org.by, at=now),
        lambda: end_key(key_id=theirs.pk, ends_at=now + timedelta(days=1), by=org.by, at=now),
        lambda: rotate_secret(key_id=theirs.pk, ends_at=now + timedelta(days=1), by=org.by, at=now),
        lambda: remove_address(address_id=address.pk, by=org.by),
        lambda: revoke_key(key_id=new_id(), because="leaked", by=org.by, at=now),
    ):
        with pytest.raises(NotFound):
            tried()
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_a_key_stops_keys_of_its_own_environment_and_of_its_own_party_alone(org: Organisation) -> None:
    org.approve("bank")
    now = timezone.now()
    test, secret = make_secret(environment="test", label="", by=org.by, at=now)
    production, _ = make_secret(environment="production", label="", by=org.by, at=now)
    theirs, _ = make_secret(environment="test", label="", by=an_organisation("另一家").by, at=now)
    caller = caller_of_secret(secret)
    assert caller is not None
    for key in (production, theirs):
        with pytest.raises(NotFound):
            revoke_as_caller(key_id=key.pk, because="leaked", caller=caller, at=now)
    with pytest.raises(Invalid):
        revoke_as_caller(key_id=test.pk, because="x", caller=caller, at=now)
    revoke_as_caller(key_id=test.pk, because="leaked", caller=caller, at=now)
    assert caller_of_secret(secret) is None


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example/x", "https://app.example/#x", "https://*.example/x", "https://a@app.example/", "https://x/",
        "https://127.0.0.1/x", "https://[::1]/x", "https://app.example:99999/", "https://app.example/\\x", "",
        "https://app.example/" + "x" * 300, "javascript:alert(1)", "https://例.example/", "https://127.1/x",
        "HTTPS://app.example/x", "https://app.example/ x",
    ],
)  # fmt: skip
def test_an_address_that_can_be_read_in_two_ways_is_refused(org: Organisation, uri: str) -> None:
    assert not is_own_address(uri)
    with pytest.raises(Invalid):
        add_address(kind="redirect", uri=uri, by=org.by)


def test_an_address_is_compared_letter_by_letter_and_by_kind(org: Organisation) -> None:
    uri = "https://app.example/back?x=1"
    add_address(kind="redirect", uri=uri, by=org.by)
    assert addresses_of(org.party, "redirect") == [uri]
    assert is_registered(org.party, "redirect", uri)
    for other in (f"{uri}&y=2", uri.upper(), f"{uri}/", "https://app.example/back"):
        assert not is_registered(org.party, "redirect", other)
    assert not is_registered(org.party, "webhook", uri)
    assert not is_registered(an_organisation("另一家").party, "redirect", uri)
    with pytest.raises(Conflict, match=r"address_there"):
        add_address(kind="redirect", uri=uri, by=org.by)
    with pytest.raises(Invalid):
        add_address(kind="elsewhere", uri=uri, by=org.by)


def test_proofs_are_for_this_place(org: Organisation) -> None:
    key = a_key()
    with pytest.raises(Invalid):
        org.with_jwk(key, proof=assertion(org.client_id, key, aud=f"{HERE}/x"))
