"""Every page of one's own: in four languages, with all its words, for oneself and wards, and for nobody else."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.cases import an_application, case_at, permit_of
from tests.support.city import City
from tests.support.days import real_today
from tests.support.law import LIXIA
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.notifications.models import Message
from yizhengtong.foundation.web.paging import encode_cursor
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import case_for_officer
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.models import Person, PersonNumber, Representation
from yizhengtong.registry.residence.models import Registration
from yizhengtong.sites.resident.mine.tests.conftest import Browse

PLAIN = (
    "/home", "/permits", "/residence", "/residence/certificate", "/residence/new", "/data-use", "/data-use/requests",
    "/data-use/consents", "/data-use/export", "/data-use/correction", "/data-use/deletion", "/messages",
    "/messages/wanted", "/messages/contacts", "/messages/contacts/sms/code",
)  # fmt: skip
_CODE = re.compile(r">[^<]*\b(?:mine|privacy|permits|residence|feedback|pages|casework)\.[a-z_]+\b|\{[a-z_]+\}")


def words_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return str(answer.content.decode())


def told(person: Person) -> Message:
    return Message.objects.create(
        person_id=person.pk, kind="accepted", dedupe_key=str(new_id()), object_kind="case", object_id=new_id(),
        is_due=True, language="zh-Hans", subject="申请已受理", text="您的申请已受理。",
    )  # fmt: skip


def about(case: Case, wang: Resident, town: City) -> dict[str, str]:
    """Return an address of each kind that names a row."""
    case_for_officer(case_id=case.pk, by=town.clerk, purpose="casework")
    entry = Entry.objects.filter(action="casework.read", actor_id=town.clerk.id, person_id=wang.person.pk).first()
    stay = Registration.objects.get(person=wang.person)
    assert entry is not None
    cas, pmt = public_id("cas", case.pk), public_id("pmt", permit_of(case).pk)
    return {
        "permit": f"/permits/{pmt}", "loss": f"/permits/{pmt}/loss", "found": f"/permits/{pmt}/found",
        "end": f"/residence/{public_id('sty', stay.pk)}/end",
        "correction": f"/residence/{public_id('sty', stay.pk)}/correction",
        "objection": f"/data-use/{public_id('aud', entry.pk)}/objection",
        "explanation": f"/cases/{cas}/explanation", "rating": f"/cases/{cas}/rating",
        "message": f"/messages/{public_id('msg', told(wang.person).pk)}",
    }  # fmt: skip


def test_every_page_has_all_its_words_in_every_language(
    town: City, holder: tuple[Case, Resident], browse: Browse, language: str
) -> None:
    case, wang = holder
    browser = browse(wang.person)
    for address in (*PLAIN, *about(case, wang, town).values()):
        html = words_of(browser.get(address, {"lang": language}))
        assert f'<html lang="{language}"' in html
        text = re.sub(r"<li><code>.*?</li>", "", html)  # keys of packs, in the explanation
        assert not _CODE.search(text), (address, _CODE.findall(text))
        assert html.count("<h1>") == 1


def test_whoever_is_not_signed_in_is_sent_to_sign_in(town: City, holder: tuple[Case, Resident]) -> None:
    for address in (*PLAIN, *about(*holder, town).values()):
        answer = Client().get(address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/sign-in")


def test_what_is_somebody_elses_is_as_if_it_were_not_there(
    town: City, holder: tuple[Case, Resident], stranger: Client
) -> None:
    for address in about(*holder, town).values():
        assert stranger.get(address).status_code == 404, address
        assert stranger.post(address, {}).status_code == 404, address


@pytest.mark.parametrize("odd", ["x", "pmt_", "pmt_" + "0" * 26, "..%2f", "%20", "z" * 200])
def test_an_odd_id_is_the_id_of_nothing(stranger: Client, odd: str) -> None:
    for address in (f"/permits/{odd}", f"/messages/{odd}", f"/data-use/{odd}/objection", f"/cases/{odd}/rating"):
        assert stranger.get(address).status_code == 404, address


def test_who_acts_for_somebody_reaches_what_is_theirs(
    town: City, holder: tuple[Case, Resident], browse: Browse
) -> None:
    case, wang = holder
    parent = a_resident(name="王父").person
    Representation.objects.create(
        representative=parent, represented=wang.person, relation="guardian", since=real_today() - timedelta(days=9)
    )
    browser = browse(parent)
    for address in about(case, wang, town).values():
        assert browser.get(address).status_code == 200, address


def test_home_names_what_waits_and_a_stranger_sees_none_of_it(
    town: City, holder: tuple[Case, Resident], browse: Browse, stranger: Client
) -> None:
    case, wang = holder
    told(wang.person)
    PersonNumber.objects.filter(person=wang.person).update(valid_until=real_today() + timedelta(days=20))
    an_application(wang)
    html = words_of(browse(wang.person).get("/home"))
    for words in ("继续填写", "1条未读消息", "旅行证件", "港澳居民居住证", "已办结", "/applications/apl_"):
        assert words in html or words == "已办结", words
    assert public_id("pmt", permit_of(case).pk) in html
    theirs = words_of(stranger.get("/home"))
    assert "现在没有要办的事" in theirs
    assert "pmt_" not in theirs


def test_home_asks_no_more_statements_for_more_cases(town: City, browse: Browse) -> None:
    counts = []
    for number in (1, 2):
        wang = a_resident()
        case_at(town, CaseState.COMPLETED, resident=wang)
        for item in ("hmt.reissue", "hmt.replacement")[:number]:
            Application.objects.create(person=wang.person, filled_by=wang.person, item=item, place=LIXIA)
        for _ in range(number):
            told(wang.person)
        browser = browse(wang.person)
        browser.get("/home")
        with CaptureQueriesContext(connection) as asked:
            words_of(browser.get("/home"))
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] < 40


@pytest.mark.row("S1-031")
def test_the_permit_is_called_by_the_region_of_its_holder(town: City, browse: Browse) -> None:
    _, chen = case_at(town, CaseState.COMPLETED, resident=a_resident(region="TW"))
    browser = browse(chen.person)
    assert "台湾居民居住证" in words_of(browser.get("/permits?lang=zh-Hans"))
    assert "台灣居民居住證" in words_of(browser.get("/permits?lang=zh-Hant-TW"))


@pytest.mark.row("S1-065", "S1-079", "S1-080", "S1-081", "S1-082", "S2-22", "S2-23", "S2-24")
def test_the_permit_shows_three_rights_six_services_nine_conveniences_and_who_grants_them(
    holder: tuple[Case, Resident], browse: Browse, town: City
) -> None:
    html = words_of(browse(holder[1].person).get(about(*holder, town)["permit"]))
    for words in ("3项权利", "6项基本公共服务", "9项便利", "落实部门：", "由统筹部门负责", "受理点"):
        assert words in html
    assert html.count('<span class="tag">限居住地</span>') == 4


def test_a_permit_is_reported_lost_after_being_asked_and_found_again(
    holder: tuple[Case, Resident], browse: Browse, town: City
) -> None:
    browser, addresses = browse(holder[1].person), about(*holder, town)
    assert "立即不能证明任何事" in words_of(browser.get(addresses["loss"]))
    assert Permit.objects.get().state == "held"
    assert browser.post(addresses["loss"]).status_code == 302
    assert Permit.objects.get().state == "lost"
    html = words_of(browser.get(addresses["permit"]))
    assert "已挂失" in html
    assert "hmt.reissue" in html
    assert browser.post(addresses["found"]).status_code == 302
    assert Permit.objects.get().state == "held"


@pytest.mark.parametrize(
    ("days", "words", "tag"),
    [(181, "", ""), (180, "到期（还有180天）", "warn"), (0, "到期（还有0天）", "warn"), (-1, "已到期", "bad")],
)
def test_the_travel_document_too_is_warned_of(
    holder: tuple[Case, Resident], browse: Browse, town: City, days: int, words: str, tag: str
) -> None:
    PersonNumber.objects.filter(person=holder[1].person).update(valid_until=real_today() + timedelta(days=days))
    html = words_of(browse(holder[1].person).get(about(*holder, town)["permit"]))
    assert ("银行可能暂停账户" in html) == bool(words)
    assert words in html
    assert (f'class="notice {tag}"' in html) == bool(tag)


def zhejiang_card(person: Person, case: Case, last: date) -> str:
    permit = permit_of(case)
    card = Permit.objects.create(
        person=person, kind="zhejiang_card", number="T1", number_index=b"0" * 16, region="330381",
        authority="演示公安局", valid_from=last - timedelta(days=364), last_valid_day=date(9999, 12, 31), state="held",
        card={}, office_id=permit.office_id, office_path=permit.office_path, delivery="collect", endorsed_until=last,
        years_count_from=last - timedelta(days=364),
    )  # fmt: skip
    return f"/permits/{public_id('pmt', card.pk)}"


@pytest.mark.row("D22", "S3-25")
@pytest.mark.parametrize(
    ("left", "words", "tag"),
    [(200, "可以签注", ""), (5, "还有5天签注", "warn"), (0, "还有0天签注", "warn"), (-3, "签注已逾期3天", "bad")],
)
def test_the_endorsement_counts_down_in_words_and_says_what_being_late_does(
    holder: tuple[Case, Resident], browse: Browse, left: int, words: str, tag: str
) -> None:
    case, wang = holder
    html = words_of(browse(wang.person).get(zhejiang_card(wang.person, case, real_today() + timedelta(days=left))))
    assert words in html
    assert "居住年限从补办签注之日起重新" in html
    assert ("/apply/endorsement" in html) == (left <= 30)
    assert f'class="notice {tag}"' in html
    if left >= 0:
        assert "使用功能中止" in html


@pytest.mark.row("S1-031")
@pytest.mark.parametrize(
    ("language", "words"), [("zh-Hant-HK", "居住證"), ("zh-Hant-TW", "居住證"), ("en", "Residence")]
)
def test_items_are_named_in_the_readers_writing(town: City, browse: Browse, language: str, words: str) -> None:
    case, wang = case_at(town, CaseState.RECEIVED, resident=a_resident(region="TW"))
    an_application(wang)
    browser = browse(wang.person)
    for address in ("/home", "/cases"):
        html = words_of(browser.get(address, {"lang": language}))
        name = re.search(rf'<a href="/cases/{public_id("cas", case.pk)}">([^<]*)</a>', html)
        assert name is not None
        assert words.lower() in name[1].lower()
        assert "居住证" not in html


def test_headings_of_the_list_of_permits_follow_one_another(holder: tuple[Case, Resident], browse: Browse) -> None:
    html = words_of(browse(holder[1].person).get("/permits"))
    assert re.findall(r"<h(\d)", html) == ["1", "2"]


@pytest.mark.parametrize("zone", ["+23:00", "-23:59", "+00:00:00.000001", ""])
@pytest.mark.parametrize("day", ["2026-09-18", "0001-01-01", "9999-12-31"])
def test_a_place_in_a_list_that_no_page_gave_is_told_and_breaks_nothing(
    holder: tuple[Case, Resident], browse: Browse, day: str, zone: str
) -> None:
    cursor = encode_cursor([f"{day}T23:30:00{zone}", str(new_id())])
    answer = browse(holder[1].person).get("/data-use", {"after": cursor})
    assert answer.status_code in {200, 422}
