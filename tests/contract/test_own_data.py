"""What a resident reads of their own data over the API: in words, in three languages, by pages, and nobody else's."""

from typing import Any

import pytest

from tests.contract.world import OFFICE, World, send
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.project.demonstration.city import OFFICERS

pytestmark = pytest.mark.django_db
MY = "/api/resident/my"


def read(world: World, path: str, caller: str = "holder", language: str = "zh-Hans") -> Any:
    answer = send("GET", path, headers={**world.credentials[caller], "Accept-Language": language})
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.row("S1-097")
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_the_history_is_told_in_words_without_the_name_of_an_officer(world: World, language: str) -> None:
    items = read(world, f"{MY}/access-history?limit=100", language=language)["items"]
    assert {line["who"] for line in items} >= {"you", "staff", "partner"}
    told = [f"{line['who_words']} {line['what_words']} {line['purpose_words']}" for line in items]
    assert not [line for line in told if "privacy." in line or "{" in line]
    usernames = set(Account.objects.filter(staff_member__isnull=False).values_list("username", flat=True))
    for secret in (*usernames, *(officer.name for officer in OFFICERS)):
        assert not [line for line in told if secret in line]
    assert any("泉城演示银行" in line for line in told)
    assert any("派出所" in line for line in told)


def test_the_history_is_read_on_from_page_to_page_without_gap_or_repetition(world: World) -> None:
    whole = read(world, f"{MY}/access-history?limit=100")["items"]
    seen: list[str] = []
    path = f"{MY}/access-history?limit=7"
    cursor = ""
    for _ in range(100):
        page = read(world, f"{path}&cursor={cursor}" if cursor else path)
        seen += [line["id"] for line in page["items"] if line["who"] != "you"]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert (
        seen[: len([line for line in whole if line["who"] != "you"])][-5:]
        == [line["id"] for line in whole if line["who"] != "you"][-5:]
    )


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIiwiYiJd", "WyIyMDI2LTAxLTAxIiwiYiJd"])
def test_a_cursor_of_ones_own_making_is_refused(world: World, cursor: str) -> None:
    answer = send("GET", f"{MY}/access-history?cursor={cursor}", headers=world.credentials["holder"])
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "web.cursor_wrong")


@pytest.mark.row("S1-097")
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_every_use_is_told_with_all_that_the_notice_must_hold(world: World, language: str) -> None:
    uses = read(world, f"{MY}/consents", language=language)
    assert len(uses) == 8
    for use in uses:
        told = [use[name] for name in ("title", "basis_words", "handler", "contact", "method", "retention", "rights")]
        assert all(told), use["code"]
        assert not [word for word in [*told, *use["kinds"], *use["separate_words"]] if word.startswith("privacy.")]
        assert "{" not in "".join(told)
        assert use["source"]["article"]
    bank = next(use for use in uses if use["code"] == "check_bank")
    assert (bank["answer"], bank["may_ask"], bank["recipients"]) == ("given", False, ["泉城演示银行"])
    asked = {use["code"] for use in uses if use["may_ask"]}
    assert asked == {use["code"] for use in uses if use["basis"] == "consent"} - {"check_bank"}


def test_a_file_of_ones_own_is_taken_along_and_nobody_elses(world: World) -> None:
    for caller, status in (("holder", 200), ("stranger", 404)):
        answer = send("GET", f"{MY}/files/{world.ids['file_id']}", headers=world.credentials[caller])
        assert answer.status_code == status


def test_the_copy_of_a_stranger_holds_nothing_of_the_holder(world: World) -> None:
    mine, theirs = (str(read(world, f"{MY}/export", caller)) for caller in ("holder", "stranger"))
    assert world.permit["number"] in mine
    assert world.permit["number"] not in theirs


def test_an_officer_asks_about_what_lies_in_the_area_only(world: World) -> None:
    payload = {"about": world.ids["case_id"], "reason": "casework", "words": "审核"}
    answers = [
        send("POST", "/api/staff/minor-approvals", payload={**payload, "about": about}, headers=world.credentials[who])
        for who, about in (
            ("demo-shizhong", world.ids["case_id"]), (OFFICE, "cas_" + "0" * 26), (OFFICE, "per_x"), (OFFICE, "x"),
        )
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
    held = send("POST", "/api/staff/minor-approvals", payload=payload, headers=world.credentials[OFFICE])
    assert (held.status_code, held.json()["code"]) == (409, "people.approval_held")


def test_no_list_for_a_supervisor_tells_whose_child_it_is(world: World) -> None:
    waiting = read(world, "/api/staff/minor-approvals", "demo-supervisor")
    assert waiting
    assert not [row for row in waiting if {"name", "birth_date", "person_id"} & set(row)]
