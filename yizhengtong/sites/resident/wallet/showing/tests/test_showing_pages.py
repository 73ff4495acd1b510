"""Showing a permit from a phone: whose, how often, what is told to whom, and what nobody can make of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.support.city import City
from tests.support.people import Resident, a_resident
from yizhengtong.credentials.showing.models import PhoneCode, Showing
from yizhengtong.credentials.showing.purposes import purposes
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.models import Representation
from yizhengtong.sites.resident.mine.asking import today
from yizhengtong.sites.resident.mine.tests.conftest import Browse

pytestmark = pytest.mark.django_db
_CODE = re.compile(r"<code class=\"number big\">([0-9a-z-]{14})</code>")
_RAW = re.compile(r">[^<]*\b(?:wallet_showing|showing|checker|pages)\.[a-z_]+\b|\{[a-z_]+\}")


def at(permit: Permit, rest: str) -> str:
    return f"/permits/{public_id('pmt', permit.pk)}/{rest}"


def words(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def held_out(own: Client, permit: Permit, purpose: str = "age") -> str:
    """Begin to show, and return the first code."""
    answer = own.post(at(permit, f"show/{purpose}"))
    assert (answer.status_code, answer["Location"]) == (302, at(permit, "code"))
    return code_in(own.get(at(permit, "code")))


def code_in(answer: Any) -> str:
    found = _CODE.search(words(answer))
    assert found
    return found[1]


def read(code: str, reader: Client | None = None) -> Any:
    return (reader or Client()).post("/check/code", {"code": code})


def test_every_page_has_all_its_words_in_every_language(own: Client, permit: Permit, language: str) -> None:
    held_out(own, permit)
    for rest in ("show", *(f"show/{code}" for code in purposes()), "show/age/print", "code"):
        html = words(own.get(at(permit, rest), {"lang": language}))
        assert f'<html lang="{language}"' in html
        assert not _RAW.search(html), (rest, _RAW.findall(html))
        assert html.count("<h1>") == 1


def test_what_will_be_shown_is_what_is_shown(own: Client, permit: Permit) -> None:
    before = words(own.get(at(permit, "show/identity")))
    assert permit.number in before
    shown = words(read(held_out(own, permit, "identity")))
    rows = re.compile(r"<dt>(.*?)</dt><dd>\s*(.*?)\s*</dd>", re.DOTALL)
    told = {label: value for label, value in rows.findall(shown) if label not in {"用途", "照片"}}
    assert told.items() <= dict(rows.findall(before)).items()
    # and no Latin name
    assert set(told) == {"证件种类", "姓名", "证件号码", "出生日期", "签发机关", "有效期至（含当日）"}


def test_another_purpose_shows_nothing_of_the_first(own: Client, permit: Permit) -> None:
    shown = words(read(held_out(own, permit, "age")))
    assert "已满18周岁" in shown
    for hidden in (permit.number, permit.person.name, str(permit.person.birth_date.year), permit.authority):
        assert hidden not in shown


def test_no_address_holds_anything_of_the_person(own: Client, permit: Permit) -> None:
    code = held_out(own, permit, "identity")
    assert code not in at(permit, "code")
    html = words(own.get(at(permit, "code")))
    for personal in (permit.number, permit.person.name):
        assert personal not in html  # the page of the code itself says none of it either


def test_whoever_is_not_signed_in_is_sent_to_sign_in(permit: Permit) -> None:
    for rest in ("show", "show/age", "show/age/print", "code", "code/now"):
        answer = Client().get(at(permit, rest))
        assert (answer.status_code, answer["Location"][:8]) == (302, "/sign-in"), rest


def test_somebody_elses_permit_is_as_if_it_were_not_there(own: Client, permit: Permit, stranger: Client) -> None:
    held_out(own, permit)
    for rest in ("show", "show/age", "show/age/print", "code", "code/now", "code/stop"):
        assert stranger.get(at(permit, rest)).status_code == 404, rest
        assert stranger.post(at(permit, rest)).status_code == 404, rest
    assert Showing.objects.count() == 1


def test_an_unknown_purpose_is_none(own: Client, permit: Permit) -> None:
    for rest in ("show/everything", "show/everything/print"):
        assert own.get(at(permit, rest)).status_code == 404
    assert own.post(at(permit, "show/everything")).status_code == 404
    assert not Showing.objects.exists()


def test_who_acts_for_somebody_shows_the_permit_and_the_holder_can_tell(
    permit: Permit, holder: tuple[Case, Resident], browse: Browse
) -> None:
    parent = a_resident(name="王父").person
    Representation.objects.create(
        representative=parent, represented=holder[1].person, relation="guardian", since=today() - timedelta(days=9)
    )
    assert read(held_out(browse(parent), permit)).status_code == 200
    assert Entry.objects.get(action="showing.begin").actor_id == parent.account_id


def test_two_hands_show_one_permit_apart(
    permit: Permit, holder: tuple[Case, Resident], own: Client, browse: Browse
) -> None:
    parent = a_resident(name="王父").person
    Representation.objects.create(
        representative=parent, represented=holder[1].person, relation="guardian", since=today() - timedelta(days=9)
    )
    other = browse(parent)
    first, second = held_out(own, permit), held_out(other, permit, "identity")
    other.post(at(permit, "code/stop"))
    assert read(second).status_code == 404
    assert read(first).status_code == 200


@pytest.mark.parametrize("state", ["lost", "ended", "expired"])
def test_a_permit_that_is_not_good_says_so_and_is_not_shown(own: Client, permit: Permit, state: str) -> None:
    changed: dict[str, Any] = {"state": state}
    if state == "ended":
        changed |= {"ended_on": today(), "end_reason": "void"}
    if state == "expired":
        changed = {"valid_from": today() - timedelta(days=9), "last_valid_day": today() - timedelta(days=1)}
    Permit.objects.filter(pk=permit.pk).update(**changed)
    for rest in ("show", "show/identity"):
        html = words(own.get(at(permit, rest)))
        assert "现在不能出示" in html
        assert permit.number not in html
    assert own.post(at(permit, "show/identity")).status_code == 409
    assert own.get(at(permit, "show/identity/print")).status_code == 409
    assert not Showing.objects.exists()


def test_a_permit_reported_lost_while_it_is_shown_tells_only_that(own: Client, permit: Permit) -> None:
    code = held_out(own, permit, "identity")
    Permit.objects.filter(pk=permit.pk).update(state="lost")
    shown = words(read(code))
    assert "居住证已挂失" in shown
    for hidden in (permit.number, permit.person.name, "data:image"):
        assert hidden not in shown


def test_each_look_at_the_page_draws_another_code_and_the_page_asks_for_itself_without_scripts(
    own: Client, permit: Permit
) -> None:
    first, second = held_out(own, permit), code_in(own.get(at(permit, "code")))
    assert first != second
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in words(own.get(at(permit, "code")))


def test_the_part_with_the_code_is_given_anew_when_somebody_read_it_and_not_before(own: Client, permit: Permit) -> None:
    code = held_out(own, permit)
    drawn = PhoneCode.objects.count()
    assert own.get(at(permit, "code/now"), {"reads": "0"}).status_code == 204
    assert PhoneCode.objects.count() == drawn
    read(code)
    part = own.get(at(permit, "code/now"), {"reads": "0"})
    assert code_in(part) != code
    assert "已有人扫码查看，共1次" in words(part)


def test_stopping_is_sent_and_ends_every_code(own: Client, permit: Permit) -> None:
    code = held_out(own, permit)
    assert own.get(at(permit, "code/stop")).status_code == 405
    assert own.post(at(permit, "code/stop")).status_code == 302
    assert "出示已经结束" in words(own.get(at(permit, "code")))
    assert "持证人已经停止出示" in words(read(code), 404)


def test_nothing_is_shown_before_it_was_begun(own: Client, permit: Permit) -> None:
    own.get(at(permit, "show/identity"))
    html = words(own.get(at(permit, "code")))
    assert "出示已经结束" in html
    assert not PhoneCode.objects.exists()


def test_showing_and_drawing_codes_are_bounded(own: Client, permit: Permit, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {**settings.YZT_LIMITS, "showings": (2, 3600), "showing_codes": (3, 3600)}
    monkeypatch.setattr(settings, "YZT_LIMITS", limits)
    assert [own.post(at(permit, "show/age")).status_code for _ in range(3)] == [302, 302, 429]
    assert [own.get(at(permit, "code")).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_the_holder_sees_in_the_history_that_it_was_read_and_for_what(own: Client, permit: Permit) -> None:
    read(held_out(own, permit))
    history = words(own.get(reverse("resident-data-use")))
    assert "当面扫码核对的人（没有登录）" in history
    assert "扫码查看了您出示的内容" in history
    assert "出示：证明已满18周岁" in history


def test_the_printed_page_shows_what_the_code_holds_and_no_photograph(own: Client, permit: Permit) -> None:
    html = words(own.get(at(permit, "show/identity/print")))
    assert permit.number in html
    assert "data:image" not in html
    assert Entry.objects.filter(action="showing.preview", person_id=permit.person_id).exists()


def test_ones_permit_leads_to_showing_it(own: Client, permit: Permit) -> None:
    assert f'href="{at(permit, "show")}"' in words(own.get(f"/permits/{public_id('pmt', permit.pk)}"))
    assert f'href="{at(permit, "show/age/print")}"' in words(own.get(at(permit, "show/age")))


def test_only_the_pages_with_a_photograph_may_show_one(own: Client, permit: Permit, town: City) -> None:
    code = held_out(own, permit)
    assert "data:" in own.get(at(permit, "show/age"))["Content-Security-Policy"]
    assert "data:" in read(code)["Content-Security-Policy"]
    assert "data:" not in own.get(at(permit, "code"))["Content-Security-Policy"]
    assert "unsafe" not in own.get(at(permit, "show/age"))["Content-Security-Policy"]
