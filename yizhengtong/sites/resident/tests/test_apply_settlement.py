"""Settling by pages: the neutral notice is read first, the exit–entry office takes it in, what to do next is told."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.settlement.taipei import EXIT_ENTRY, PAPERS, Jinan, a_jinan
from tests.support.cases import accepted, approved, capture_all, fresh, judged, reviewed
from tests.support.law import LIXIA
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.settlement.models import VoluntaryConfirmation
from yizhengtong.sites.resident.tests.applying import begun, filled_in, handed_in, on_the_day, somebody, submitted
from yizhengtong.sites.resident.tests.browsing import fields_of, links_of, sent, words_of

pytestmark = pytest.mark.django_db
ITEM = "settlement.approval"


@pytest.fixture
def jinan(db: None) -> Iterator[Jinan]:
    with on_the_day():
        yield a_jinan()


def fill(client: Any, address: str) -> None:
    filled_in(client, address, "facts", "address", "phone", "point", "delivery",
              point={"service_point": EXIT_ENTRY})  # fmt: skip
    handed_in(client, address, **PAPERS)


@pytest.mark.row("S0-T03", "S0-T33", "S0-T14", "S0-T18")
def test_settling_begins_with_the_notice_and_is_handed_in_at_the_exit_entry_office_alone(jinan: Jinan) -> None:
    who, client = somebody(region="TW")
    address = begun(client, ITEM, ground="lineal_kin")
    assert client.get(f"{address}/phone")["Location"] == f"{address}/notice"
    notice = client.get(f"{address}/notice")
    assert "自愿" in words_of(notice)
    assert sent(client, f"{address}/notice").status_code == 200
    assert VoluntaryConfirmation.objects.get().language == "zh-Hans"
    point = client.get(f"{address}/point").content.decode()
    assert EXIT_ENTRY in point
    assert 'value="370100-01"' not in point
    fill(client, address)
    answer = submitted(client, address)
    assert answer.redirect_chain[-1][0].endswith("/done"), words_of(answer)
    assert Case.objects.get(person=who.person).office.code == EXIT_ENTRY


def test_a_notice_that_changed_is_read_again(jinan: Jinan) -> None:
    _, client = somebody(region="TW")
    address = begun(client, ITEM, ground="lineal_kin")
    form = fields_of(client.get(f"{address}/notice"))
    assert client.post(f"{address}/notice", {**form, "hash": "0" * 64}).status_code == 422
    assert not VoluntaryConfirmation.objects.exists()


@pytest.mark.row("S0-T30", "S0-T31")
def test_after_the_approval_the_case_says_what_to_do_at_the_household_register(jinan: Jinan) -> None:
    who, client = somebody(region="TW")
    address = begun(client, ITEM, ground="lineal_kin")
    sent(client, f"{address}/notice")
    fill(client, address)
    submitted(client, address)
    case = accepted(capture_all(Case.objects.get(), who), jinan.clerk)
    approved(reviewed(judged(case, jinan.reviewer), jinan.reviewer), jinan.approver)
    page = words_of(client.get(f"/cases/{public_id('cas', fresh(case).pk)}"))
    assert "批准定居通知书" in page
    assert "常住户口" in page


def test_a_resident_of_hong_kong_is_told_that_settling_is_not_for_them(jinan: Jinan) -> None:
    _, client = somebody()
    page = client.get(f"/apply/items?place={LIXIA}")
    assert f"/apply/begin?place={LIXIA}&item={ITEM}" not in links_of(page)
    assert "定居的批准发给台湾居民" in words_of(page)
