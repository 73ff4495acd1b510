"""What the chip holds: three groups, the bank's with a consent of its own alone (S3-13…18)."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from tests.support.events import deliver_everything
from tests.support.people import Resident, a_resident
from tests.support.web_role import as_web
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.postgresql.readers import Reader
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from yizhengtong.law.queries import law_of_personal_data
from yizhengtong.permitting.permits.banking import CONSENT, record_bank_account
from yizhengtong.permitting.permits.cards import CardData, card_data_groups
from yizhengtong.permitting.permits.models import BankAccount, Endorsement, Permit
from yizhengtong.permitting.permits.services import end_functions
from yizhengtong.permitting.permits.tests.zhejiang import (
    CARD,
    ISSUED,
    QINGYUAN,
    RUIAN,
    County,
    a_county,
    a_held_permit,
    endorsed,
    floating_law,
)
from yizhengtong.registry.consents.services import answer_use

ACCOUNT = "6217 9955 5500 0012 345"


@pytest.fixture
def ruian(town: Any) -> County:
    return a_county(RUIAN)


@pytest.fixture
def yao(town: Any) -> Resident:
    return a_resident(since=None)


def answer(who: Resident, word: str) -> None:
    law = law_of_personal_data(ISSUED.replace(year=2026))
    assert law is not None
    answer_use(
        person=who.person, acting=who.person, use=CONSENT, answer=word, apart=("provision", "sensitive"), law=law,
        on=ISSUED, by=who.principal,
    )  # fmt: skip


def record(permit: Permit, who: Resident, *, acting: Resident | None = None, number: str = ACCOUNT) -> BankAccount:
    person = (acting or who).person
    return record_bank_account(
        permit_id=permit.pk, bank="中国邮政储蓄银行", number=number, acting=person, on=ISSUED, by=who.principal
    )


def data(permit: Permit, place: str = RUIAN) -> CardData:
    return card_data_groups(Permit.objects.get(pk=permit.pk), floating_law(place))


@pytest.mark.row("S3-05", "S3-13", "S3-14", "S3-15", "S3-16")
def test_the_card_has_the_groups_and_sides_of_the_pack(ruian: County, yao: Resident) -> None:
    permit = a_held_permit(ruian, yao)
    found = data(permit)
    assert found.identity == {name: CARD[name] for name in CARD if name not in {"residence_address", "authority"}}
    assert found.service == {
        "number": permit.number, "residence_address": CARD["residence_address"], "authority": CARD["authority"],
        "issued_on": "2021-01-01", "endorsed_until": "2021-12-31", "region": RUIAN,
    }  # fmt: skip
    assert found.back == {
        "permit_name": "浙江省居住证", "fluorescent_map": "", "barcode": permit.number, "permit_number": permit.number,
    }  # fmt: skip
    assert (found.bank_account, found.front) == ({}, ("photo", "identity"))
    assert floating_law(RUIAN).value("card.size") == "citizen_card"


@pytest.mark.row("S3-18", "S3-16", "S3-13")
def test_the_banks_group_is_there_with_its_own_consent_and_gone_without(ruian: County, yao: Resident) -> None:
    permit = a_held_permit(ruian, yao)
    with pytest.raises(Forbidden, match=r"permits\.bank_card_needs_consent"):
        record(permit, yao)
    answer(yao, "given")
    record(permit, yao)
    found = data(permit)
    assert found.bank_account == {"bank": "中国邮政储蓄银行", "number": ACCOUNT.replace(" ", "")}
    assert found.front == ("photo", "identity", "bank_account", "unionpay_mark")
    answer(yao, "withdrawn")
    assert data(permit).bank_account == {}, "before anything is deleted"
    assert data(permit).identity == found.identity, "the permit does not depend on it"


@pytest.mark.django_db(transaction=True)
@pytest.mark.row("S3-18")
def test_an_account_is_deleted_when_its_consent_is_withdrawn(town: Any) -> None:
    county, who, other = a_county(RUIAN), a_resident(since=None), a_resident(since=None)
    for each in (who, other):
        answer(each, "given")
        record(a_held_permit(county, each), each)
    answer(who, "withdrawn")
    deliver_everything("permits.bank_accounts")
    assert list(BankAccount.objects.values_list("person_id", flat=True)) == [other.person.pk]
    assert Entry.objects.filter(action="permits.forget_bank_account", person_id=who.person.pk).count() == 1


def test_an_account_lies_sealed_and_in_no_history(ruian: County, yao: Resident) -> None:
    answer(yao, "given")
    record(a_held_permit(ruian, yao), yao)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM permits_bankaccount")
        assert ACCOUNT.replace(" ", "").encode() not in bytes(cursor.fetchone()[0])
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'permits_bankaccountevent'")
        assert cursor.fetchone()[0] == 0


def test_the_web_shows_an_account_and_an_endorsement_to_their_holder_alone(ruian: County, roles: None) -> None:
    accounts = [Account.objects.create(username=name) for name in ("resident-yao", "stranger")]
    who = a_resident(since=None, account=accounts[0])
    permit = a_held_permit(ruian, who)
    endorsed(permit, ruian, on=date(2021, 12, 10))
    answer(who, "given")
    record(permit, who)
    for account, seen in zip(accounts, (1, 0), strict=True):
        with as_web(Reader("resident", str(account.pk), "")):
            assert (BankAccount.objects.count(), Endorsement.objects.count()) == (seen, seen)


def test_a_second_account_takes_the_place_of_the_first(ruian: County, yao: Resident) -> None:
    permit = a_held_permit(ruian, yao)
    answer(yao, "given")
    record(permit, yao)
    record(permit, yao, number="12345678")
    assert data(permit).bank_account["number"] == "12345678"
    assert BankAccount.objects.count() == 1


@pytest.mark.parametrize("number", ["1234567", "1" * 33, "1234567a", "１２３４５６７８"])
def test_what_is_no_account_number_is_refused_without_being_repeated(ruian: County, yao: Resident, number: str) -> None:
    permit = a_held_permit(ruian, yao)
    answer(yao, "given")
    with pytest.raises(Invalid, match=r"permits\.bank_account_wrong") as caught:
        record(permit, yao, number=number)
    assert number not in repr(caught.value)


def test_nobody_else_gives_an_account_and_an_ended_permit_takes_none(ruian: County, yao: Resident) -> None:
    permit = a_held_permit(ruian, yao)
    answer(yao, "given")
    with pytest.raises(NotFound):
        record(permit, yao, acting=a_resident(since=None))
    end_functions(permit_id=permit.pk, ground="death", allowed=("death",), on=ISSUED, by=ruian.approver)
    with pytest.raises(Conflict, match=r"permits\.not_now"):
        record(permit, yao)


def test_a_place_whose_pack_knows_no_such_card_holds_nothing_ready(town: Any, yao: Resident) -> None:
    permit = a_held_permit(a_county(QINGYUAN), yao)
    assert data(permit, QINGYUAN) == CardData()
