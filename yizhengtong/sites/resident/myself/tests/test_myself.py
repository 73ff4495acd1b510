"""Saying who one is, one's documents, one's family: in pages."""

import base64
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.support.people import a_resident, travel_number
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.sessions import stored_key
from yizhengtong.kernel.ids import public_id
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.registry.people.models import Person, Representation

pytestmark = pytest.mark.django_db
DETAILS = {"name": "𠮷田㐱䶮", "latin_name": "JI TIAN", "birth_date": "1990-05-01", "sex": "M"}


@pytest.fixture
def client(law_in_force: None) -> Client:
    client = Client()
    client.force_login(Account.objects.create_user("ming", "x"))
    return client


def answered(client: Client, whom: str = "me/register", region: str = "HK", **more: str) -> Any:
    """Answer every page about a resident of Hong Kong, and send the check page. Returns its answer."""
    kind = DocumentKind.HRP
    details = {**DETAILS, **{name: value for name, value in more.items() if name in DETAILS}}
    if "relation" in more:
        assert client.post(f"/{whom}/relation", {"relation": more["relation"]}).status_code == 302
    client.post(f"/{whom}/region", {"region": region})
    client.post(f"/{whom}/details", details)
    number = more.get("number") or travel_number(kind, "HK")
    answer = client.post(f"/{whom}/document", {"kind": str(kind), "number": number, "valid_until": "2099-01-01"})
    assert answer["Location"] == f"/{whom}/check", answer.content.decode()
    assert details["name"] in client.get(f"/{whom}/check").content.decode()
    return client.post(f"/{whom}/check")


def test_whoever_is_not_registered_is_asked_who_they_are_and_comes_back_to_the_page(client: Client) -> None:
    answer = client.get("/me/documents")
    assert answer["Location"] == "/me/register?next=%2Fme%2Fdocuments"
    assert client.get(answer["Location"]).status_code == 200
    assert answered(client)["Location"] == "/me/documents"
    assert "𠮷田㐱䶮" in client.get("/me/documents").content.decode()


def test_a_name_is_kept_exactly_as_printed(client: Client) -> None:
    answered(client)
    assert Person.objects.get().name == "𠮷田㐱䶮"


@pytest.mark.parametrize("step", ["details", "document"])
def test_no_page_is_reached_before_the_one_it_follows(client: Client, step: str) -> None:
    assert client.get(f"/me/register/{step}")["Location"] == "/me/register/region"
    assert client.post("/me/register/check")["Location"] == "/me/register/region"
    assert client.get("/me/register/wonder").status_code == 404


def test_a_number_of_another_sex_or_day_is_told_at_the_end_and_nothing_is_kept(client: Client) -> None:
    answer = answered(client, number="H1")
    assert answer.status_code == 422
    assert not Person.objects.exists()


def test_somebody_elses_number_is_refused_without_saying_whose(client: Client) -> None:
    other = a_resident(name="李四")
    answer = answered(client, number=other.number)
    assert answer.status_code == 422
    assert "李四" not in answer.content.decode()


def test_nobody_registers_twice(client: Client) -> None:
    answered(client)
    assert client.get("/me/register")["Location"] == "/me/documents"
    assert client.post("/me/register/check")["Location"] == "/me/documents"


def test_a_mainland_person_names_the_household_register(client: Client) -> None:
    client.post("/me/register/region", {"region": "CN"})
    client.post("/me/register/details", DETAILS)
    number = "11010119900501001" + _check("11010119900501001")
    client.post("/me/register/document", {"kind": "resident_id", "number": number})
    assert client.post("/me/register/province", {"province": "330000"})["Location"].endswith("household")
    household = {"hukou_region": "331126", "hukou_address": "庆元县某路1号", "nation": "汉"}
    assert client.post("/me/register/household", household)["Location"] == "/me/register/check"
    assert client.post("/me/register/check").status_code == 302
    assert Person.objects.get().hukou_region == "331126"


def _check(digits: str) -> str:
    weights = [pow(2, 17 - place, 11) for place in range(17)]
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11]


def test_a_parent_acts_for_a_child_and_every_page_says_so(client: Client) -> None:
    answered(client)
    child = {"name": "小宝", "birth_date": "2020-02-02"}
    assert answered(client, "family/new", relation="guardian", **child)["Location"] == "/family"
    ward = Representation.objects.get().represented
    client.post("/family/act-for", {"person": public_id("per", ward.pk)})
    shown = client.get("/me/documents").content.decode()
    assert "正在为家人办理" in shown
    assert "2020年2月2日" in shown
    client.post("/family/act-for", {"person": ""})
    assert "1990年5月1日" in client.get("/me/documents").content.decode()


def test_a_grown_up_is_nobodys_ward_by_a_word(client: Client) -> None:
    answered(client)
    answer = answered(client, "family/new", relation="guardian", name="大人", birth_date="1980-01-01")
    assert answer.status_code == 422
    assert Person.objects.count() == 1


def test_a_stranger_is_not_acted_for(client: Client) -> None:
    answered(client)
    stranger = a_resident(name="李四").person
    assert client.post("/family/act-for", {"person": public_id("per", stranger.pk)}).status_code == 404
    assert "李四" not in client.get("/me/documents").content.decode()
    assert client.get(f"/family/{public_id('per', stranger.pk)}/end").status_code == 404


def test_who_acts_no_longer_is_told_so_once_and_acts_for_oneself_from_then_on(client: Client) -> None:
    answered(client)
    answered(client, "family/new", relation="guardian", name="小宝", birth_date="2020-02-02")
    held = Representation.objects.get()
    client.post("/family/act-for", {"person": public_id("per", held.represented_id)})
    held.until = held.since
    held.save()
    answer = client.get("/me/documents")
    assert answer.status_code == 404
    assert "不能替这位家人办理" in answer.content.decode()
    assert "1990年5月1日" in client.get("/me/documents").content.decode()


def test_a_representation_is_ended_by_who_holds_it(client: Client) -> None:
    answered(client)
    answered(client, "family/new", relation="guardian", name="小宝", birth_date="2020-02-02")
    ward = public_id("per", Representation.objects.get().represented_id)
    assert client.get(f"/family/{ward}/end").status_code == 200
    client.post(f"/family/{ward}/end")
    assert "小宝" not in client.get("/family").content.decode()


def test_a_new_document_takes_the_place_of_the_old_one(client: Client) -> None:
    answered(client)
    number = travel_number(DocumentKind.HRP, "HK")
    form = {"kind": "hrp", "number": number, "valid_until": "2099-01-01"}
    assert client.post("/me/documents/new", form)["Location"] == "/me/documents"
    assert [each.is_current for each in Person.objects.get().numbers.order_by("pk")] == [False, True]
    assert client.post("/me/documents/new", {**form, "number": "X"}).status_code == 422


def test_what_cannot_be_printed_is_no_name(client: Client) -> None:
    client.post("/me/register/region", {"region": "HK"})
    assert client.post("/me/register/details", {**DETAILS, "name": "王\u202e明"}).status_code == 422


PASSWORD = "correct horse 7 battery"


def sent_too_late() -> tuple[Client, str]:
    """Send a page's form after the session's end. Returns the browser and where it was sent to."""
    Account.objects.create_user("hua", PASSWORD)
    browser = Client()
    browser.post("/sign-in", {"username": "hua", "password": PASSWORD})
    browser.post("/me/register/region", {"region": "HK"})
    del browser.cookies["sessionid"]
    form = {**DETAILS, "password": "a secret"}
    sent = browser.post("/me/register/details", form, headers={"referer": "http://testserver/me/register/details"})
    return browser, sent["Location"]


def test_what_was_typed_after_the_session_ended_is_there_again_after_signing_in_and_not_sent_by_itself() -> None:
    browser, sign_in = sent_too_late()
    assert sign_in == "/sign-in?next=%2Fme%2Fregister%2Fdetails&ended=kept"
    assert "已经保留" in browser.get(sign_in).content.decode()
    assert browser.post(sign_in, {"username": "hua", "password": PASSWORD})["Location"] == "/me/register/details"
    browser.post("/me/register/region", {"region": "HK"})
    shown = browser.get("/me/register/details").content.decode()
    assert "𠮷田㐱䶮" in shown
    assert "已填回" in shown
    assert "a secret" not in shown
    assert "𠮷田㐱䶮" not in browser.get("/me/register/region").content.decode()
    browser.post("/me/register/details", DETAILS)
    assert "已填回" not in browser.get("/me/register/details").content.decode()
    assert not Person.objects.exists()


def test_what_was_typed_is_not_shown_to_somebody_else_who_signs_in_here() -> None:
    browser, sign_in = sent_too_late()
    Account.objects.create_user("stranger", PASSWORD)
    browser.post(sign_in, {"username": "stranger", "password": PASSWORD})
    browser.post("/me/register/region", {"region": "HK"})
    assert "𠮷田㐱䶮" not in browser.get("/me/register/details").content.decode()


def test_what_is_kept_lies_sealed() -> None:
    browser, _ = sent_too_late()
    stored = Session.objects.get(pk=stored_key(browser.cookies["sessionid"].value)).session_data
    assert "𠮷田㐱䶮" not in base64.b64decode(stored).decode(errors="ignore")


def test_who_was_never_signed_in_here_leaves_nothing() -> None:
    sent = Client().post("/me/register/details", DETAILS)
    assert sent["Location"] == "/sign-in?next=%2Fme%2Fregister%2Fdetails"
    assert not Session.objects.exists()


def test_an_address_does_not_fill_the_disk_with_forms_that_are_kept(settings: Any) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "uploads": (2, 3600)}
    Account.objects.create_user("hua", PASSWORD)
    browser = Client()
    browser.post("/sign-in", {"username": "hua", "password": PASSWORD})
    before, ends = Session.objects.count(), []
    for _ in range(4):
        browser.cookies.pop("sessionid", None)
        answer = browser.post("/me/register/details", {**DETAILS, "more": "x" * 90_000})
        ends.append(answer["Location"].rpartition("=")[2])
    assert ends == ["kept", "kept", "yes", "yes"]
    assert Session.objects.count() == before + 2
