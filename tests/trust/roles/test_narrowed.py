"""What officers' pages may write, and no more: each right of this kind has a refusal here."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.world import World
from tests.support.web_role import as_web
from tests.trust.roles.looking import is_refused, run
from yizhengtong.foundation.accounts.models import Account, AccountPhone, AccountRecovery, Office, StaffMember
from yizhengtong.foundation.accounts.models import StaffRequest as Request
from yizhengtong.foundation.accounts.phones import keep_phone
from yizhengtong.foundation.postgresql.readers import Reader
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.law.models import Edition
from yizhengtong.registry.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def area(people: dict[str, Any]) -> Office:
    return StaffMember.objects.select_related("office").get(account_id=people["officer"].actor).office


def officer_of(office: Office, name: str, *roles: str) -> Reader:
    account = Account.objects.create_user(f"narrow-{name}", "x")
    StaffMember.objects.create(account=account, office=office, name="演示", roles=list(roles))
    return Reader("staff", str(account.pk), office.path)


@pytest.fixture
def administrator(area: Office) -> Reader:
    return officer_of(area, "administrator", "administrator")


@pytest.fixture
def clerk(area: Office) -> Reader:
    return officer_of(area, "clerk", "clerk")


def member_of(reader: Reader) -> UUID:
    return StaffMember.objects.get(account_id=reader.actor).pk


def a_request(reader: Reader, by: str, **what: Any) -> None:
    office = Office.objects.get(path=reader.office)
    Request.objects.create(office=office, office_path=office.path, proposed_by=by, **what)


# Officers


_ROLES = "UPDATE accounts_staffmember SET roles = %s WHERE id = %s"


def test_nobody_makes_themselves_an_administrator(clerk: Reader) -> None:
    own = member_of(clerk)
    with as_web(clerk):
        assert run(_ROLES, ["administrator"], own) == 0
    assert StaffMember.objects.get(pk=own).roles == ["clerk"]


def test_an_administrator_gives_only_the_roles_that_another_one_proposed(administrator: Reader, clerk: Reader) -> None:
    member = member_of(clerk)
    with as_web(administrator):
        assert is_refused(_ROLES, ["approver"], member)
    a_request(clerk, administrator.actor, kind="roles", member_id=member, roles=["approver"])
    with as_web(administrator):
        assert is_refused(_ROLES, ["approver"], member), "one's own proposal is nobody else's"
    Request.objects.update(proposed_by=uuid4())
    with as_web(administrator):
        assert is_refused(_ROLES, ["supervisor"], member)
        assert run(_ROLES, ["approver"], member) == 1


def test_a_service_is_ended_alone_and_not_taken_up_again(administrator: Reader, clerk: Reader) -> None:
    member = member_of(clerk)
    with as_web(administrator):
        assert run("UPDATE accounts_staffmember SET is_serving = false WHERE id = %s", member) == 1
        assert is_refused("UPDATE accounts_staffmember SET is_serving = true WHERE id = %s", member)


def test_nobody_is_appointed_without_a_proposal_of_another(administrator: Reader, area: Office) -> None:
    account = Account.objects.create_user("narrow-new", "x")
    insert = (
        "INSERT INTO accounts_staffmember (id, account_id, office_id, name, roles, is_serving)"
        " VALUES (%s, %s, %s, '', %s, true)"
    )
    with as_web(administrator):
        assert is_refused(insert, uuid4(), account.pk, area.pk, ["clerk"])
    a_request(administrator, str(uuid4()), kind="appoint", roles=["clerk"])
    with as_web(administrator):
        assert is_refused(insert, uuid4(), account.pk, area.pk, ["clerk", "approver"])
        assert run(insert, uuid4(), account.pk, area.pk, ["clerk"]) == 1


def test_a_proposal_is_made_and_decided_in_ones_own_name_by_administrators(
    administrator: Reader, clerk: Reader, area: Office
) -> None:
    insert = (
        "INSERT INTO accounts_staffrequest (id, kind, state, office_id, office_path, username, roles, proposed_by,"
        " proposed_at) VALUES (%s, 'roles', %s, %s, %s, '', '{}', %s, now())"
    )
    with as_web(clerk):
        assert is_refused(insert, uuid4(), "open", area.pk, area.path, clerk.actor)
    with as_web(administrator):
        assert is_refused(insert, uuid4(), "open", area.pk, area.path, uuid4())
        assert is_refused(insert, uuid4(), "confirmed", area.pk, area.path, administrator.actor)
        assert run(insert, uuid4(), "open", area.pk, area.path, administrator.actor) == 1
        decide = "UPDATE accounts_staffrequest SET state = 'declined', decided_by = %s WHERE proposed_by = %s"
        assert is_refused(decide, uuid4(), administrator.actor)
        assert run(decide, administrator.actor, administrator.actor) == 1
    with as_web(clerk):
        assert is_refused("UPDATE accounts_staffrequest SET decided_by = %s", clerk.actor)


def test_offices_are_made_and_named_by_administrators_of_the_area_alone(
    administrator: Reader, clerk: Reader, area: Office
) -> None:
    insert = (
        "INSERT INTO accounts_office (id, code, name, region, parent_id, path, kind)"
        " VALUES (%s, %s, 'x', '370102', %s, %s, 'police')"
    )
    for reader, is_let in ((clerk, False), (administrator, True)):
        code = f"n-{reader.actor[:8]}"
        with as_web(reader):
            below = (uuid4(), code, area.pk, f"{area.path}.{code}")
            assert is_refused(insert, *below) != is_let
            assert is_refused("UPDATE accounts_office SET name = 'y' WHERE id = %s", area.pk) != is_let
            assert is_refused(insert, uuid4(), f"{code}e", area.pk, f"elsewhere.{code}")
            assert is_refused("UPDATE accounts_office SET path = 'z' WHERE id = %s", area.pk)


# The law


@pytest.fixture
def top(area: Office) -> Office:
    return Office.objects.get(path=area.path.partition(".")[0])


@pytest.fixture
def head(top: Office) -> Reader:
    return officer_of(top, "head", "supervisor")


_EDITION = (
    "INSERT INTO law_edition (id, hash, members, state, proposed_by, proposed_at, confirmed_by)"
    " VALUES (%s, %s, '{}', %s, %s, now(), %s)"
)
_TEXT = "INSERT INTO law_packtext (hash, path, text, archived_at) VALUES (%s, 'x.yaml', 'x', now())"


def test_drafts_of_the_law_are_kept_by_who_may_change_it_in_their_own_name(
    people: dict[str, Any], clerk: Reader, top: Office, head: Reader
) -> None:
    top_clerk = officer_of(top, "top-clerk", "clerk")
    for reader in (people["holder"], people["partner"], people["nobody"], people["officer"], clerk, top_clerk):
        with as_web(reader):
            assert is_refused(_EDITION, uuid4(), "d" * 64, "draft", head.actor, None), reader
            assert is_refused(_TEXT, uuid4().hex * 2), reader
    with as_web(head):
        assert is_refused(_EDITION, uuid4(), "d" * 64, "draft", uuid4(), None)
        assert is_refused(_EDITION, uuid4(), "d" * 64, "in_force", head.actor, None)
        assert is_refused(_EDITION, uuid4(), "d" * 64, "draft", head.actor, uuid4())
        assert run(_EDITION, uuid4(), "d" * 64, "draft", head.actor, None) == 1
        assert run(_TEXT, uuid4().hex * 2) == 1
        assert is_refused("UPDATE law_packtext SET text = ''")
        assert is_refused("DELETE FROM law_edition")


def test_no_edition_comes_into_force_but_by_a_second_person_in_their_own_name(head: Reader, clerk: Reader) -> None:
    Edition.objects.filter(state="in_force").update(state="retired")
    confirm = "UPDATE law_edition SET state = 'in_force', confirmed_by = %s WHERE id = %s"
    own, others = (
        Edition.objects.create(hash=hash_, members={}, state="proposed", proposed_by=by).pk
        for hash_, by in (("e" * 64, head.actor), ("f" * 64, uuid4()))
    )
    nobodys = Edition.objects.create(hash="a" * 64, members={}, state="proposed").pk
    with as_web(clerk):
        assert is_refused(confirm, clerk.actor, others)
        assert is_refused("UPDATE law_edition SET state = 'withdrawn' WHERE id = %s", others)
    with as_web(head):
        assert is_refused("UPDATE law_edition SET state = 'in_force' WHERE id = %s", others)
        assert is_refused(confirm, uuid4(), others)
        assert is_refused(confirm, head.actor, own)
        assert is_refused(confirm, head.actor, nobodys)
        assert is_refused("UPDATE law_edition SET members = '{}' WHERE id = %s", others)
        assert run(confirm, head.actor, others) == 1


# Walk-ins


@pytest.fixture
def stranger(people: dict[str, Any]) -> UUID:
    found: set[UUID] = people["persons"]["stranger"]
    return next(iter(found))


def test_an_officer_begins_no_application_for_whom_nothing_was_shown(people: dict[str, Any], stranger: UUID) -> None:
    insert = (
        "INSERT INTO applications_application (id, person_id, filled_by_id, relation, item, place, ground, answers,"
        " claims, state, version, created_at) VALUES (%s, %s, %s, '', 'hmt.first_issue', '370102', '', %s, '{}',"
        " 'draft', 1, now())"
    )
    with as_web(people["officer"]):
        assert is_refused(insert, uuid4(), stranger, stranger, json.dumps({}))


def test_drafts_of_others_stay_shut_to_officers(world: World, people: dict[str, Any]) -> None:
    drafts = run("SELECT id FROM applications_application WHERE state = 'draft'")
    assert drafts
    with as_web(people["officer"]):
        assert run("SELECT id FROM applications_application WHERE state = 'draft'") == []


def test_an_officer_says_of_nobody_unknown_that_one_acts_for_the_other(
    people: dict[str, Any], clerk: Reader, stranger: UUID
) -> None:
    insert = (
        "INSERT INTO people_representation (id, representative_id, represented_id, relation, since)"
        " VALUES (%s, %s, %s, 'guardian', now())"
    )
    for person in people["persons"]["holder"]:
        with as_web(clerk):
            assert is_refused(insert, uuid4(), stranger, person)
            assert is_refused(insert, uuid4(), person, stranger)


# Accounts


_CLAIM = "SELECT people_claim(%s, %s, NULL, %s)"


@pytest.fixture
def unclaimed(world: World) -> tuple[str, bytes, UUID]:
    """A document of somebody without an account."""
    person = parse_public_id("per", world.ids["person_id"])
    Person.objects.filter(pk=person).update(account=None)
    ((kind, index),) = run("SELECT kind, number_index FROM people_personnumber WHERE person_id = %s LIMIT 1", person)
    return kind, bytes(index), person


def test_a_person_is_claimed_for_the_account_that_reads_and_for_no_other(
    people: dict[str, Any], unclaimed: tuple[str, bytes, UUID]
) -> None:
    kind, index, person = unclaimed
    account = Account.objects.create_user("narrow-claims", "x").pk
    for reader in (people["stranger"], people["officer"], people["partner"], people["nobody"]):
        with as_web(reader):
            assert is_refused(_CLAIM, kind, index, account), reader
    assert Person.objects.get(pk=person).account_id is None
    with as_web(Reader("resident", str(account))):
        assert run(_CLAIM, kind, index, account) == [("free",)]
    assert Person.objects.get(pk=person).account_id == account


def test_ways_in_are_taken_away_by_the_second_officer_alone_and_never_given(
    administrator: Reader, clerk: Reader, area: Office
) -> None:
    lost = Account.objects.create_user("narrow-lost", "x")
    keep_phone(lost, "+8613800000009", is_verified=True)
    second = officer_of(area, "second", "clerk")
    take = "DELETE FROM accounts_accountphone WHERE account_id = %s"
    with as_web(second):
        assert run(take, lost.pk) == 0
    AccountRecovery.objects.create(account=lost, office_id=area.pk, office_path=area.path, asked_by=clerk.actor)
    give = "UPDATE accounts_accountphone SET phone = '' WHERE account_id = %s"
    with as_web(clerk):
        assert run(take, lost.pk) == 0, "who asked does not carry it out"
        assert is_refused("UPDATE accounts_accountrecovery SET state = 'done', decided_by = %s", second.actor)
    with as_web(administrator):
        assert is_refused("UPDATE accounts_accountrecovery SET state = 'done', decided_by = %s", administrator.actor)
    with as_web(second):
        assert is_refused(give, lost.pk)
        assert run(take, lost.pk) == 1
        assert run("UPDATE accounts_accountrecovery SET state = 'done', decided_by = %s", second.actor) == 1
    assert not AccountPhone.objects.filter(account=lost).exists()


def test_a_recovery_is_asked_for_by_a_clerk_in_their_own_name(
    administrator: Reader, clerk: Reader, area: Office
) -> None:
    insert = (
        "INSERT INTO accounts_accountrecovery (id, account_id, office_id, office_path, state, asked_by, asked_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, now())"
    )
    lost = Account.objects.create_user("narrow-lost", "x").pk
    with as_web(administrator):
        assert is_refused(insert, uuid4(), lost, area.pk, area.path, "open", administrator.actor)
    with as_web(clerk):
        assert is_refused(insert, uuid4(), lost, area.pk, area.path, "open", uuid4())
        assert is_refused(insert, uuid4(), lost, area.pk, area.path, "done", clerk.actor)
        assert is_refused(insert, uuid4(), lost, area.pk, "elsewhere", "open", clerk.actor)
        assert run(insert, uuid4(), lost, area.pk, area.path, "open", clerk.actor) == 1


def test_the_account_that_opens_a_persons_records_is_given_once_by_a_clerk_and_never_changed(
    people: dict[str, Any], clerk: Reader, area: Office
) -> None:
    holder = Person.objects.get(account_id=people["holder"].actor).pk
    ward = next(iter(people["persons"]["holder"] - {holder}))
    Person.objects.filter(pk=ward).update(account=None)
    account = Account.objects.create_user("narrow-account", "x").pk
    give = "UPDATE people_person SET account_id = %s WHERE id = %s"
    for reader in (clerk, people["holder"]):
        with as_web(reader):
            assert is_refused(give, account, holder)
            assert is_refused(give, None, holder)
    with as_web(people["holder"]):
        assert is_refused(give, account, ward)
    with as_web(officer_of(area, "reviewer", "reviewer")):
        assert is_refused(give, account, ward)
    with as_web(clerk):
        assert run(give, account, ward) == 1


def test_persons_are_registered_by_clerks_and_registrars_alone(area: Office) -> None:
    insert = """INSERT INTO people_person (id, name, latin_name, birth_date, sex, region, phone, name_bigrams, version)
        VALUES (%s, '', '', '', 'F', 'HK', '', '{}', 1)"""
    for role, is_let in (("clerk", True), ("registrar", True), ("approver", False), ("auditor", False)):
        with as_web(officer_of(area, f"registers-{role}", role)):
            assert is_refused(insert, uuid4()) != is_let, role


# Ratings


def test_an_office_adds_to_a_rating_and_changes_nothing_that_was_said(people: dict[str, Any]) -> None:
    with as_web(people["officer"]):
        for column, value in (("grade", "5"), ("words", "''"), ("given_by", "NULL"), ("office_path", "''")):
            assert is_refused(f"UPDATE feedback_rating SET {column} = {value}"), column  # noqa: S608 words of ours
        assert is_refused("DELETE FROM feedback_rating")
