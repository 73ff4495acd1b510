"""What a resident reads of their own data over the API: in words, in three languages, by pages, and nobody else's."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.contract import objects
from tests.contract.world import OFFICE, World, send
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.notifications.models import Delivery
from yizhengtong.foundation.vault.fields import PersonalField
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
    assert len(uses) == 24
    for use in uses:
        told = [use[name] for name in ("title", "basis_words", "handler", "contact", "method", "retention", "rights")]
        assert all(told), use["code"]
        assert not [word for word in [*told, *use["kinds"], *use["separate_words"]] if word.startswith("privacy.")]
        assert "{" not in "".join(told)
        assert use["source"]["article"]
    card = next(use for use in uses if use["code"] == "bank_card")
    assert (card["basis"], card["may_ask"], len(card["separate_words"])) == ("consent", True, 2)
    assert card["kinds"][-1] in {"银行账号", "銀行帳號", "bank account number"}
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


NOT_IN_THE_COPY = {
    "authorization_grant": "that a wallet may collect, told in the history; by keys and ids of the wallet alone",
    "accounts_staffrequest": "of an officer to be appointed, whom two administrators read at the desk",
    "bulk_bulkpart": "rows as a relying party sent them; each check of them is told in the history",
    "casework_conversionrow": "a keyed hash of a line, without what it said",
    "events_event": "that something happened to a row of the copy, told to other rooms by codes and ids",
    "exchange_push": "told in the history, to whom; its content is made from what is in the copy and goes with it",
    "exchange_sendingkey": "of the platform",
    "importing_proposal": "names rows of a county's list; what was taken over from it is in the copy",
    "importing_row": "the county's list as it came; what was taken over from it is in the copy",
    "issuance_batch": "how many copies a wallet holds, on the page of the permit; not what they say",
    "issuance_deferral": "what a wallet waits for: keys of the wallet alone, gone once it is collected",
    "issuance_issuedcredential": "a keyed place of a copy; the copy is in the wallet",
    "issuance_offer": "gone after ten minutes",
    "issuance_wallet": "told in the history, and on the page of the permit; a key of the wallet",
    "keys_authority": "of the platform",
    "keys_issuerkey": "of the platform",
    "openid_signin": "told in the history, with what was told; by hashes and ids",
    "papers_issuedpaper": "that a paper was printed, told in the history; what it says is in the copy",
    "permits_reminder": "that a message was sent, which is among the messages",
    "presentations_presentation": "what was shown, told in the history; gone within minutes",
    "privacy_breach": "of the platform",
    "privacy_breachnotice": "of the platform; what a person was told is among the messages",
    "relying_parties_relyingpartymember": "of an account that acts for an organisation, which is no resident's",
    "showing_papercode": "that a code was printed, told in the history; what it says is in the copy",
    "showing_showing": "that the permit was shown, told in the history; gone soon after",
    "status_entry": "the place of a copy in a list, by the permit's id alone",
    "residence_reporter": "of who reports, who reads it at GET /api/reporter/reporter",
    "webhooks_secret": "of a relying party",
    "webhooks_subscription": "that a relying party is told how the permit stands, told in the history",
    "web_idempotentanswer": "answers as they were given, kept for a day",
}
"""Tables with something personal that no copy has, and why."""


def personal_tables() -> set[str]:
    """Return every table with a personal field or a column that leads to a person, but row histories."""
    leads = {"person", "person_id", "represented", "case", "application", "permit"}
    return {
        model._meta.db_table
        for model in apps.get_models()
        if not hasattr(model, "pgh_tracked_model")
        and (
            any(isinstance(field, PersonalField) for field in model._meta.get_fields())
            or leads & {field.name for field in model._meta.concrete_fields}
        )
    }


def test_every_table_with_something_of_a_person_is_in_the_copy_or_has_a_reason(world: World) -> None:
    with CaptureQueriesContext(connection) as asked:
        for name in ("person_id", "mainlander_id"):
            read(world, f"{MY}/export?person_id={world.ids[name]}")
        read(world, f"{MY}/export")
    text = " ".join(query["sql"] for query in asked)
    in_it = {table for table in personal_tables() if f'FROM "{table}"' in text}
    left_out = personal_tables() - in_it
    assert left_out == set(NOT_IN_THE_COPY), left_out ^ set(NOT_IN_THE_COPY)


def test_the_copy_holds_what_each_room_keeps(world: World) -> None:
    child, mainlander, holder = (
        read(world, f"{MY}/export{query}")
        for query in (f"?person_id={world.ids['person_id']}", f"?person_id={world.ids['mainlander_id']}", "")
    )
    assert mainlander["permits"][0]["endorsements"][0]["effect"] == "kept"
    assert mainlander["permits"][0]["bank_account"]["number"] == "6217000000000000001"
    assert mainlander["applications"][0]["confirmations"][0]["facts"] == {"hukou_region": "511302"}
    assert mainlander["stays"][0]["voucher_number"]
    assert child["messages"][0]["text"] == "您的申请已受理。"
    assert child["deliveries"][0]["address"] == child["contacts"][0]["address"] == objects.PHONE
    assert [each["confirmed_at"] is None for each in child["contacts"]] == [False, True]
    assert child["preferences"][0]["quiet_from"] == "22:00"
    assert child["minor_approvals"]
    assert child["settlements"][0]["registered_on"]
    assert any(each["voluntary_confirmations"] for each in child["applications"])
    assert holder["settlements"][0]["registered_on"] is None
    assert holder["reports"][0]["reporter_kind"] == "landlord"


def test_no_copy_tells_a_code_that_went_to_an_address(world: World) -> None:
    """Else whoever asks for a code to somebody else's telephone would read it here and have it confirmed."""
    asked = {"channel": "sms", "address": "+8613800000009"}
    holder = world.credentials["holder"]
    answer = send("POST", "/api/resident/messages/contacts", payload=asked, headers=holder)
    assert answer.status_code == 202, answer.content
    sent = Delivery.objects.get(kind="code")
    code = re.search(r"\d{6}", sent.text)
    assert code
    for path in (f"{MY}/export", "/api/resident/messages", f"{MY}/access-history?limit=100"):
        assert code.group() not in re.findall(r"\d+", str(read(world, path)))


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
