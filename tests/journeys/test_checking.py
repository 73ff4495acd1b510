"""A shop checks, over HTTP: registered, reviewed, seen, doubted, shut out; a share code, two numbers, a sign-in."""

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.journeys.main_job import Ended
from tests.support.serving import Running
from yizhengtong.project.demonstration.client import Client, Refused
from yizhengtong.project.demonstration.journeys import RESIDENT, Journeys
from yizhengtong.project.demonstration.journeys.checking import NAME, Shop


@dataclass(slots=True)
class Checked:
    """What the journey ended with."""

    shop: Shop
    seen: dict[str, Any]
    ticket: dict[str, Any]
    shut_out: dict[str, Any]
    shared: str
    same: dict[str, Any]
    signed_in: dict[str, Any]
    checks: list[dict[str, Any]]


@pytest.fixture(scope="module")
def checked(ended: Ended, journeys: Journeys) -> Checked:
    """The journey, gone once in the order of `make up`, by the holder of the main job."""
    holder, permit = ended.holder, ended.reissued
    shop = journeys.register_shop()
    seen = journeys.shop_checks(shop, holder, permit)
    ticket = journeys.not_me(shop, holder, permit)
    shut_out = journeys.match(shop, holder, permit)
    shared, same = journeys.share(holder, permit), journeys.two_numbers(holder, permit)
    signed_in = journeys.sign_in_to_app(holder)
    checks = holder.client.get(f"{RESIDENT}/checks")["items"]
    return Checked(shop, seen, ticket, shut_out, shared, same, signed_in, checks)


@pytest.mark.row("S1-014")
def test_a_shop_registers_itself_and_may_match_once_an_officer_has_granted_its_purpose(checked: Checked) -> None:
    mine = checked.shop.client.get("/api/partner/own/self")
    assert (mine["name"], mine["state"], mine["environment"]) == (NAME, "approved", "production")
    assert [(each["code"], each["claims"]) for each in mine["purposes"]] == [("commerce", [])]


@pytest.mark.row("S1-097")
def test_the_holder_sees_who_checked_for_what_and_with_which_end(checked: Checked) -> None:
    seen = checked.seen
    assert (seen["relying_party"], seen["purpose"], seen["way"], seen["outcome"]) == (
        NAME, "commerce", "match", "match",
    )  # fmt: skip
    assert seen["claims"] == ["number", "name"]


@pytest.mark.row("S1-097")
def test_an_alert_names_the_shop_and_no_number(checked: Checked, ended: Ended) -> None:
    inbox = ended.holder.client.get(f"{RESIDENT}/messages", limit=50)["items"]
    [alert] = [each for each in inbox if each["kind"] == "check_made" and NAME in each["text"]]
    assert ended.reissued["number"] not in alert["text"]


@pytest.mark.row("S1-097")
def test_not_me_has_a_day_and_whoever_is_shut_out_is_told_what_of_a_number_that_nobody_has(checked: Checked) -> None:
    assert (checked.ticket["state"], bool(checked.ticket["due_on"])) == ("open", True)
    assert (checked.shut_out["is_match"], checked.shut_out["state"]) == (False, None)
    assert set(checked.shut_out["fields"].values()) <= {False, None}


def test_a_landlord_sees_the_name_and_neither_number_nor_birth_date(checked: Checked, ended: Ended) -> None:
    who = ended.holder.somebody
    assert who.name in checked.shared
    assert ended.reissued["number"] not in checked.shared
    assert who.number not in checked.shared
    assert who.birth_date.isoformat() not in checked.shared


@pytest.mark.row("S1-094")
def test_two_numbers_are_one_persons_and_neither_comes_back(checked: Checked, ended: Ended) -> None:
    assert (checked.same["is_same"], len(checked.same["subject"]) > 20) == (True, True)
    assert ended.reissued["number"] not in str(checked.same)


@pytest.mark.row("S1-097")
def test_an_app_is_told_what_was_ticked_under_a_name_of_its_own(checked: Checked) -> None:
    assert set(checked.signed_in) == {"sub", "kind", "over_18"}
    assert checked.signed_in["sub"] != checked.same["subject"]


def test_every_way_stands_in_the_history(checked: Checked) -> None:
    ways = [(each["way"], each["outcome"]) for each in checked.checks]
    assert ways[:5] == [
        ("openid", "told"), ("same_person", "match"), ("share_code", "told"), ("match", "refused"),
        ("match", "refused"),
    ]  # fmt: skip


def test_a_test_key_of_the_city_finds_the_people_of_the_sandbox_and_no_holder(ended: Ended, server: Running) -> None:
    client = Client(server.port, {"Authorization": f"Bearer {server.journeys.city.test_key}"})
    made_up = client.get("/api/partner/own/sandbox-people")[0]
    right = {"purpose": "hotel", "number": made_up["permit"], "name": made_up["name"]}
    assert client.post("/api/partner/checks", right)["is_match"] is True
    real = {"purpose": "hotel", "number": ended.reissued["number"], "name": ended.holder.somebody.name}
    assert client.post("/api/partner/checks", real)["is_match"] is False


@pytest.mark.parametrize(
    ("party", "purpose"), [("school_key", "school"), ("hotel_key", "hotel"), ("app_key", "platform")]
)
def test_each_party_of_the_city_may_check_for_its_own_purpose_alone(server: Running, party: str, purpose: str) -> None:
    client = Client(server.port, {"Authorization": f"Bearer {getattr(server.journeys.city, party)}"})
    assert [each["code"] for each in client.get("/api/partner/own/self")["purposes"]] == [purpose]
    with pytest.raises(Refused) as refusal:
        client.post("/api/partner/checks", {"purpose": "bank", "number": "810000199408230072", "name": "x"})
    assert refusal.value.problem["code"] == "relying_parties.purpose_not_registered"


def test_the_trail_of_it_holds_neither_name_nor_number(checked: Checked, ended: Ended, server: Running) -> None:
    assert checked.checks
    with psycopg.connect(server.database) as connection:
        rows = connection.execute("SELECT action, audit_entry::text FROM audit_entry").fetchall()
    assert {"relying_parties.register", "links.link", "sharing.make", "holders.doubt"} & {row[0] for row in rows}
    who = ended.holder.somebody
    assert not [row for row in rows if who.name in row[1] or ended.reissued["number"] in row[1] or who.number in row[1]]
