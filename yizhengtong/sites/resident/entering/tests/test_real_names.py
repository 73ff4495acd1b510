"""Real-name sign-in through pages: who comes in, as whom, and what if they lie."""

import time
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from tests.identity.stand_ins import MING, SECRET, TicketHouse, answer_of, ticket_house
from tests.support.people import a_principal
from yizhengtong.foundation.accounts.identity.choosing import forget_services
from yizhengtong.foundation.accounts.models import Account, IdentityLink
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.services import add_number, register_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(settings: Any, law_in_force: None) -> Iterator[TicketHouse]:
    with ticket_house() as found:
        settings.YZT_IDENTITY_SERVICES = {
            "province": {
                "kind": "ticket",
                "name": {"zh-Hans": "浙里办"},
                "address": found.address,
                "client_id": "client-es",
                "client_secret": SECRET,
                "scope": "",
                "levels": ["L3"],
            }
        }
        forget_services()
        yield found
        forget_services()


def browser_of(account: Account) -> Client:
    """Return a browser in which an account has just signed in."""
    client = Client()
    assert client.post("/sign-in", {"username": account.username, "password": "x"}).status_code == 302
    return client


def there_and_back(client: Client, query: str = "") -> Any:
    away = client.get(f"/sign-in/real-name/province{query}")
    return client.get("/sign-in/real-name/province/back", answer_of(away["Location"]))


def on_file(account: Account | None = None, birth_date: date = date(1990, 5, 1)) -> Person:
    by = a_principal()
    person = register_person(name="王小明", birth_date=birth_date, sex="M", region="HK", account=account, by=by)
    add_number(person=person, kind="hrp", number=MING["document_number"], by=by)
    return person


@pytest.mark.row("S4-11")
def test_who_is_new_gets_an_account_and_registers_with_what_was_proved(house: TicketHouse) -> None:
    client = Client()
    assert "浙里办" in client.get("/sign-in").content.decode()
    assert there_and_back(client, "?next=/me/documents")["Location"] == "/me/documents"
    client.post("/me/register/region", {"region": "HK"})
    client.post("/me/register/details", {"name": "别人", "birth_date": "2001-01-01", "sex": "M"})
    client.post("/me/register/document", {"kind": "hrp", "number": "M11111111"})
    assert client.post("/me/register/check").status_code == 302
    person = Person.objects.get()
    assert (person.name, person.birth_date) == ("王小明", date(1990, 5, 1))
    assert person.numbers.get().number == "H12345678"


def test_who_comes_again_enters_the_same_account(house: TicketHouse) -> None:
    before = Account.objects.count()
    for _ in range(2):
        assert there_and_back(Client())["Location"] == "/home"
    assert Account.objects.count() == before + 1


def test_a_person_on_file_without_an_account_is_taken_over_by_who_is_proved(house: TicketHouse) -> None:
    person = on_file()
    client = Client()
    there_and_back(client)
    assert "H12345678" in client.get("/me/documents").content.decode()
    person.refresh_from_db()
    assert person.account_id is not None


def test_a_person_of_another_birth_date_is_not(house: TicketHouse) -> None:
    on_file(birth_date=date(1991, 5, 1))
    assert there_and_back(Client()).status_code == 409
    assert not IdentityLink.objects.exists()


def test_an_account_that_only_typed_the_number_is_not_entered_and_its_owner_not_told(house: TicketHouse) -> None:
    on_file(Account.objects.create_user("first-come", "x"))
    client = Client()
    answer = there_and_back(client)
    assert answer.status_code == 409
    assert "first-come" not in answer.content.decode()
    assert client.get("/security").status_code == 302


def test_who_is_signed_in_links_the_service_when_it_proves_the_person_on_file(house: TicketHouse) -> None:
    account = Account.objects.create_user("ming", "x")
    on_file(account)
    client = browser_of(account)
    assert there_and_back(client)["Location"] == "/security"
    assert there_and_back(Client())["Location"] == "/home"
    assert IdentityLink.objects.get().account == account


def test_somebody_else_is_not_linked(house: TicketHouse) -> None:
    account = Account.objects.create_user("ming", "x")
    on_file(account)
    house.person |= {"document_number": "H87654321", "user": "other"}
    client = browser_of(account)
    assert there_and_back(client).status_code == 409
    assert not IdentityLink.objects.exists()


def test_an_answer_begun_by_one_is_not_taken_by_another(house: TicketHouse) -> None:
    mine = Client()
    answer = answer_of(mine.get("/sign-in/real-name/province")["Location"])
    assert Client().get("/sign-in/real-name/province/back", answer).status_code == 403
    assert mine.get("/sign-in/real-name/province/back", answer).status_code == 302
    assert mine.get("/sign-in/real-name/province/back", answer).status_code == 403


def test_an_answer_that_comes_after_signing_in_as_somebody_else_links_nobody(house: TicketHouse) -> None:
    client = browser_of(Account.objects.create_user("ming", "x"))
    answer = answer_of(client.get("/sign-in/real-name/province")["Location"])
    asked = client.session["entering_identity"]
    client.force_login(Account.objects.create_user("hua", "x"))
    session = client.session
    session["entering_identity"] = asked
    session.save()
    assert client.get("/sign-in/real-name/province/back", answer).status_code == 403
    assert not IdentityLink.objects.exists()


def test_nobody_is_sent_elsewhere_afterwards(house: TicketHouse) -> None:
    assert there_and_back(Client(), "?next=https://evil.example")["Location"] == "/home"


def test_a_service_that_is_not_configured_is_not_offered_and_not_there() -> None:
    client = Client()
    assert "real-name" not in client.get("/sign-in").content.decode()
    assert client.get("/sign-in/real-name/province").status_code == 404


def test_nothing_personal_stands_in_an_address(house: TicketHouse) -> None:
    client = Client()
    away = client.get("/sign-in/real-name/province")["Location"]
    assert urlsplit(away).hostname == "127.0.0.1"
    answer = answer_of(away)
    assert not {MING["name"], MING["document_number"]} & set(answer.values())


def test_a_session_that_was_left_open_links_nobody_until_it_is_proved_anew(
    house: TicketHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser_of(Account.objects.create_user("ming", "x"))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 901)
    assert client.get("/sign-in/real-name/province")["Location"] == "/sign-in?next=%2Fsecurity&again=1"
    assert "entering_identity" not in client.session
    assert not IdentityLink.objects.exists()


def test_what_was_proved_before_a_second_factor_is_shown_to_nobody_else_at_this_browser(house: TicketHouse) -> None:
    """Ming's province vouches for him, but he leaves at the second factor; Hua signs in after him at the same table."""
    there_and_back(Client())
    TOTP.activate(IdentityLink.objects.get().account, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    shared = Client()
    assert there_and_back(shared)["Location"] == "/sign-in/second-factor"
    Account.objects.create_user("hua", "correct horse battery 7")
    shared.post("/sign-in", {"username": "hua", "password": "correct horse battery 7"})
    shared.post("/me/register/region", {"region": "HK"})
    shown = "".join(shared.get(f"/me/register/{step}").content.decode() for step in ("details", "document"))
    assert "王小明" not in shown
    assert "H12345678" not in shown
