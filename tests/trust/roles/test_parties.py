"""The web's role finds and changes nothing of a relying party but for that one, when the code forgets to ask."""

# ruff: noqa: S608 the names of tables come from the tables of the tests

from typing import Any
from uuid import UUID

import pytest

from tests.support.web_role import as_web
from tests.trust.roles.looking import KNOWN_OF_PARTIES, OF_PARTIES, is_refused, keys, run
from yizhengtong.project.roles.statements import WEB, rights_of
from yizhengtong.project.roles.tables import TABLES

pytestmark = pytest.mark.django_db
OTHERS = ["other partner", "stranger", "officer", "reporter", "organisation", "nobody"]


def of_party(table: str, party: str) -> set[UUID]:
    return {key for (key,) in run(f"SELECT id FROM {table} WHERE {OF_PARTIES[table]} = %s", party)}


@pytest.mark.parametrize("table", OF_PARTIES)
def test_a_relying_party_finds_its_own_rows_and_nobody_else_does(people: dict[str, Any], table: str) -> None:
    own = of_party(table, people["partner"].actor)
    assert own
    with as_web(people["partner"]):
        assert keys(table) == own
    for who in OTHERS:
        with as_web(people[who]):
            assert not keys(table) & own, who


def test_a_holder_finds_who_is_told_of_the_permit_and_changes_nothing_of_it(people: dict[str, Any]) -> None:
    with as_web(people["holder"]):
        assert keys("webhooks_subscription") == of_party("webhooks_subscription", people["partner"].actor)
        assert run("UPDATE webhooks_subscription SET ended_because = ended_because") == 0


@pytest.mark.parametrize("table", sorted(OF_PARTIES))
@pytest.mark.parametrize("who", OTHERS)
def test_rows_of_another_are_neither_changed_nor_deleted(people: dict[str, Any], table: str, who: str) -> None:
    rights, own = rights_of(WEB, TABLES[table]), list(of_party(table, people["partner"].actor))
    with as_web(people[who]):
        for privilege, statement in (
            ("UPDATE", f"UPDATE {table} SET {{column}} = {{column}} WHERE id = ANY(%s)"),
            ("DELETE", f"DELETE FROM {table} WHERE id = ANY(%s)"),
        ):
            said = statement.format(column=(rights.get("UPDATE") or ("id",))[0])
            if privilege in rights:
                assert run(said, own) == 0, said
            else:
                assert is_refused(said, own), said


@pytest.mark.parametrize("table", sorted(KNOWN_OF_PARTIES))
@pytest.mark.parametrize("who", ["other partner", "stranger", "officer", "reporter", "nobody"])
def test_what_everybody_may_know_of_parties_only_its_own_change(people: dict[str, Any], table: str, who: str) -> None:
    rights = rights_of(WEB, TABLES[table])
    party = "id" if table.endswith("_relyingparty") else "relying_party_id"
    with as_web(people[who]):
        assert keys(table)
        if "UPDATE" in rights:
            column = (rights["UPDATE"] or ("id",))[0]
            assert run(f"UPDATE {table} SET {column} = {column} WHERE {party} = %s", people["partner"].actor) == 0
        if "DELETE" in rights:
            assert run(f"DELETE FROM {table} WHERE {party} = %s", people["partner"].actor) == 0


def test_members_are_known_to_themselves_and_to_who_reviews(people: dict[str, Any]) -> None:
    with as_web(people["organisation"]):
        assert len(keys("relying_parties_relyingpartymember")) == 1
    for who in ("partner", "stranger", "officer", "reporter", "nobody"):
        with as_web(people[who]):
            assert keys("relying_parties_relyingpartymember") == set(), who


def test_an_invitation_is_found_by_who_may_join_and_by_no_relying_party(people: dict[str, Any]) -> None:
    for who, is_found in (("stranger", True), ("organisation", True), ("partner", False), ("officer", False)):
        with as_web(people[who]):
            assert bool(keys("relying_parties_invitation")) == is_found, who
