"""Applying for the permit of Hong Kong, Macao and Taiwan residents by pages alone; nothing typed is lost."""

import io
from collections.abc import Iterator
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.support.cases import case_at, permit_of
from tests.support.city import POINTS, City, a_city
from tests.support.law import LIXIA, SHIZHONG, TODAY, law_of
from tests.support.people import Resident
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.documents.limits import DEFAULT_LIMITS
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.applications.models import Application, ApplicationState, Evidence
from yizhengtong.permitting.casework.models import Case
from yizhengtong.registry.people.representations import appoint_representative
from yizhengtong.sites.resident.tests.applying import (
    HMT_STEPS,
    begun,
    filled_in,
    handed_in,
    on_the_day,
    picture,
    ready,
    somebody,
    submitted,
)
from yizhengtong.sites.resident.tests.browsing import browser_of, fields_of, links_of, sent, words_of

pytestmark = pytest.mark.django_db
OWN_WILL = "declares_own_will"


@pytest.fixture
def town(db: None) -> Iterator[City]:
    with on_the_day():
        yield a_city()


def holder(town: City) -> tuple[Resident, Client, Case]:
    """Return somebody with a permit in the hand."""
    who, client = somebody()
    case, _ = case_at(town, "completed", resident=who)
    return who, client, case


def state_of(address: str) -> str:
    return Application.objects.get(pk=parse_public_id("apl", address.rpartition("/")[2])).state


@pytest.mark.row("S1-036", "S1-037", "S1-040", "S1-044", "S1-045")
def test_a_first_issue_goes_from_the_question_where_to_the_number_and_the_promised_day(town: City, roles: None) -> None:
    _, client = somebody()
    with requests_as_web():
        where = client.get("/apply")
        assert fields_of(where)["place"] == LIXIA  # where one lives is chosen already
        items = client.get("/apply", {"place": LIXIA}, follow=True)
        assert f"/apply/begin?place={LIXIA}&item=hmt.first_issue" in links_of(items)
        address = ready(client)
        assert links_of(client.get(address)).count(f"{address}/check") == 1
        check = client.get(f"{address}/check")
        assert f"{address}/phone?from=check" in links_of(check)
        assert "+852 5550 0100" in words_of(check)
        answer = submitted(client, address, OWN_WILL)
    case = Case.objects.get()
    page = words_of(answer)
    assert answer.redirect_chain[-1][0] == f"/cases/{public_id('cas', case.pk)}/done"
    assert public_id("cas", case.pk) in page
    assert "15个工作日" in page or "20个工作日" in page
    assert "预约" in page
    assert state_of(address) == ApplicationState.SUBMITTED


@pytest.mark.row("S1-031")
def test_the_permit_is_called_as_it_is_where_its_holder_is_from(town: City) -> None:
    for region, name in (("HK", "港澳居民居住证申领"), ("TW", "台湾居民居住证申领")):
        _, client = somebody(region=region)
        assert name in words_of(client.get(f"/apply/items?place={LIXIA}"))


def test_what_cannot_be_applied_for_says_why_by_article_and_where_to_mend_it(town: City) -> None:
    _, client = somebody()
    page = client.get(f"/apply/items?place={LIXIA}")
    assert "没有可以换领或补领的居住证" in words_of(page)
    assert "国办发〔2018〕81号 第9条" in words_of(page)
    assert f"/apply/begin?place={LIXIA}&item=hmt.replacement" not in links_of(page)
    refused = client.get(f"/apply/begin?place={LIXIA}&item=hmt.replacement")
    assert "开始填写" not in words_of(refused)


def test_a_draft_is_left_and_taken_up_again(town: City) -> None:
    _, client = somebody()
    address = begun(client)
    filled_in(client, address, "facts", "address")
    assert address in links_of(client.get("/cases"))
    again = sent(client, f"/apply/begin?place={LIXIA}&item=hmt.first_issue")
    assert again.redirect_chain[-1][0] == address
    assert "和平路47号" in fields_of(client.get(f"{address}/address"))["residence_address"]
    assert sent(client, f"{address}/discard").status_code == 200
    assert client.post(f"{address}/discard", follow=True).status_code == 200  # the button, pressed twice
    assert address not in links_of(client.get("/cases"))
    assert client.get(address).status_code == 404


def test_a_replacement_asks_for_its_ground_and_for_the_paper_of_that_ground(town: City) -> None:
    _, client, _ = holder(town)
    begin = client.post(f"/apply/begin?place={SHIZHONG}&item=hmt.replacement", {})
    assert begin.status_code == 422
    assert "请选择申请的原因" in words_of(begin)
    address = begun(client, "hmt.replacement", SHIZHONG, ground="moved")
    filled_in(
        client, address, "facts", "address", "phone", "point", "delivery", point={"service_point": POINTS[SHIZHONG]}
    )
    assert f"{address}/papers/new_dwelling_proof" in links_of(client.get(address))
    assert client.get(f"{address}/claims").status_code == 404  # a replacement has no such step
    handed_in(client, address, travel_document="hrp", old_permit="old_permit", new_dwelling_proof="lease")
    answer = submitted(client, address, OWN_WILL)
    assert answer.redirect_chain[-1][0].endswith("/done"), words_of(answer)


def test_a_reissue_begins_with_reporting_the_loss_and_reports_it_once(town: City) -> None:
    _, client, case = holder(town)
    address = begun(client, "hmt.reissue", ground="lost")
    assert "还没有挂失" in words_of(client.get(f"{address}/ahead"))
    assert f"{address}/loss" in links_of(client.get(f"{address}/ahead"))
    for _ in range(2):
        assert sent(client, f"{address}/loss").status_code == 200
    assert permit_of(case).state == "lost"
    assert f"{address}/loss" not in links_of(client.get(f"{address}/ahead"))
    filled_in(client, address, "facts", "address", "phone", "point", "delivery")
    handed_in(client, address, travel_document="hrp")
    assert submitted(client, address, OWN_WILL).redirect_chain[-1][0].endswith("/done")


@pytest.mark.row("S1-038")
def test_looking_ahead_names_everything_with_article_and_the_page_that_mends_it(town: City) -> None:
    _, client = somebody(valid_until=date(2026, 9, 17))
    page = client.get("/apply/items", {"place": LIXIA})
    assert "出入境证件已过有效期" in words_of(page)
    assert "/me/documents/new" in links_of(page)
    _, client = somebody(since=date(2026, 9, 1))
    address = begun(client)
    page = client.get(f"{address}/ahead")
    links = links_of(page)
    assert {"/residence", f"{address}/claims", f"{address}/papers/travel_document"} <= set(links)
    assert "2027年3月1日" in words_of(page)  # the first day on which half a year is full
    for link in links:
        if link.startswith("/"):
            assert client.get(link).status_code in {200, 302}, link


@pytest.mark.parametrize(
    ("step", "typed"),
    [
        ("address", {"residence_address": ""}),
        ("address", {"residence_address": "和平路\u202e47号"}),
        ("phone", {"phone": "call me"}),
        ("claims", {}),
        ("point", {"service_point": "370100-99"}),
        ("delivery", {"delivery": "post", "delivery_address": ""}),
        ("delivery", {"delivery": "by_drone"}),
    ],
)
def test_wrong_input_is_told_at_its_field_and_kept(town: City, step: str, typed: dict[str, str]) -> None:
    _, client = somebody()
    address = begun(client)
    answer = client.post(f"{address}/{step}", {"version": "1", **typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'class="errors"' in page
    assert 'class="error"' in page
    if typed.get("phone"):
        assert 'value="call me"' in page
    assert Application.objects.get().answers.keys() <= {"facts_checked"}


def test_a_draft_changed_elsewhere_says_so_and_keeps_what_was_typed(town: City) -> None:
    _, client = somebody()
    address = begun(client)
    shown = fields_of(client.get(f"{address}/phone"))
    filled_in(client, address, "phone", phone={"phone": "+853 6660 0000"})
    answer = client.post(f"{address}/phone", {**shown, "phone": "+852 5550 0111"})
    assert answer.status_code == 422
    assert "+853 6660 0000" in words_of(answer)
    again = fields_of(answer)
    assert again["phone"] == "+852 5550 0111"
    assert client.post(f"{address}/phone", again).status_code == 302
    assert Application.objects.get().answers["phone"] == "+852 5550 0111"


def test_the_same_form_sent_twice_is_no_error(town: City) -> None:
    _, client = somebody()
    address = begun(client)
    form = {**fields_of(client.get(f"{address}/phone")), "phone": "+852 5550 0100"}
    assert [client.post(f"{address}/phone", form).status_code for _ in range(2)] == [302, 302]


def test_submitting_twice_ends_on_the_same_page_with_one_case(town: City) -> None:
    _, client = somebody()
    address = ready(client)
    form = {**fields_of(client.get(f"{address}/confirm")), OWN_WILL: "on", "declares_true": "on"}
    answers = [client.post(f"{address}/confirm", form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len({answer["Location"] for answer in answers}) == 1
    assert Case.objects.count() == 1


def test_the_button_to_begin_pressed_twice_begins_one_draft(town: City) -> None:
    _, client = somebody()
    form = f"/apply/begin?place={LIXIA}&item=hmt.first_issue"
    assert len({client.post(form)["Location"] for _ in range(2)}) == 1
    assert Application.objects.count() == 1


def test_without_the_declarations_nothing_is_submitted(town: City) -> None:
    _, client = somebody()
    address = ready(client)
    answer = client.post(f"{address}/confirm", fields_of(client.get(f"{address}/confirm")))
    assert answer.status_code == 422
    assert answer.content.decode().count('class="error"') == 2
    assert not Case.objects.exists()


def test_what_is_missing_is_listed_at_once_each_with_its_page(town: City) -> None:
    _, client = somebody()
    address = begun(client)
    answer = submitted(client, address, OWN_WILL)
    assert answer.status_code == 422
    links = set(links_of(answer))
    assert {f"{address}/{step}?from=check" for step in ("address", "claims", "phone", "point", "delivery")} <= links
    after = sent(client, f"{address}/phone?from=check", phone="+852 5550 0100")
    assert after.redirect_chain[-1][0] == f"{address}/check"


def oversized() -> bytes:
    """Return a small file that opens to more pixels than are taken."""
    side = int(DEFAULT_LIMITS.max_pixels**0.5) + 100
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type", "words"),
    [
        ("a.txt", b"hello", "text/plain", "只接受以下格式"),
        ("a.jpg", b"\xff\xd8\xff not a picture", "image/jpeg", "请"),
        ("a.pdf", b"MZ hello", "application/pdf", "请"),
        ("a.jpg", b"", "image/jpeg", "空的"),
        ("a.jpg", b"\xff\xd8\xff" + b"0" * DEFAULT_LIMITS.max_bytes, "image/jpeg", "超过 10 MB"),
        ("a.png", oversized(), "image/png", "百万像素"),
    ],
)
def test_a_bad_file_is_told_at_its_field_and_all_else_is_kept(
    town: City, name: str, content: bytes, media_type: str, words: str
) -> None:
    _, client = somebody()
    address = begun(client)
    file = SimpleUploadedFile(name, content, media_type)
    answer = client.post(f"{address}/papers/dwelling_proof", {"kind": "property_title", "file": file})
    assert answer.status_code == 422
    assert words in words_of(answer)
    assert 'href="#id_file"' in answer.content.decode()
    assert fields_of(answer)["kind"] == "property_title"
    assert not Evidence.objects.exists()


def test_papers_are_several_are_taken_back_and_the_same_one_sent_twice_is_one(town: City) -> None:
    _, client = somebody()
    address = begun(client)
    paper = f"{address}/papers/dwelling_proof"
    for title in ("one", "one", "two"):
        answer = client.post(paper, {"kind": "lease", "photograph": picture(title)}, follow=True)
        assert answer.status_code == 200
    kept = Evidence.objects.filter(is_withdrawn=False)
    assert kept.count() == 2
    back = f"{paper}/{public_id('evi', kept.order_by('id')[0].pk)}/back"
    for _ in range(2):
        assert client.post(back, follow=True).status_code == 200
    assert kept.count() == 1
    assert "capture" in client.get(paper).content.decode()


def test_nobody_else_finds_any_page_of_an_application_or_a_case(town: City) -> None:
    _, client = somebody()
    _, stranger = somebody()
    address = ready(client)
    evidence = public_id("evi", Evidence.objects.order_by("id")[0].pk)
    pages = ["", *(f"/{step}" for step in HMT_STEPS), "/ahead", "/check", "/confirm", "/discard", "/promise", "/notice",
             "/loss", "/papers/dwelling_proof", "/papers/dwelling_proof/registers",
             f"/papers/dwelling_proof/{evidence}/back"]  # fmt: skip
    for more in pages:
        assert stranger.get(f"{address}{more}").status_code == 404, more
        assert stranger.post(f"{address}{more}", {"version": "8"}).status_code == 404, more
    submitted(client, address, OWN_WILL)
    case = f"/cases/{public_id('cas', Case.objects.get().pk)}"
    for more in ("", "/done", "/supplement", "/withdraw", "/officer", "/appointment", "/appointment/cancel"):
        assert stranger.get(f"{case}{more}").status_code == 404, more
        assert stranger.post(f"{case}{more}").status_code == 404, more
    assert Case.objects.get().state == "received"


@pytest.mark.parametrize(
    "address", ["/applications/apl_xx", "/applications/cas_00000000000000000000000000", "/cases/1"]
)
def test_an_odd_id_is_a_page_that_is_not_there(town: City, address: str) -> None:
    _, client = somebody()
    assert client.get(address).status_code == 404


def test_a_session_that_ended_leads_to_sign_in_and_back_to_the_draft(town: City) -> None:
    _, client = somebody()
    address = begun(client)
    client.cookies.clear()
    answer = client.get(f"{address}/phone")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?next=")
    assert address.replace("/", "%2F") in answer["Location"] or address in answer["Location"]
    assert client.post(f"{address}/phone", {"phone": "+852 5550 0100"}).status_code == 302
    assert "phone" not in Application.objects.get().answers


def test_a_guardian_applies_for_a_child_and_finds_its_case_among_their_own(town: City) -> None:
    parent, client = somebody()
    child, _ = somebody(name="王小宝", birth_date=date(2018, 5, 1))
    appoint_representative(
        representative=parent.person, represented=child.person, relation="guardian", law=law_of(), on=TODAY,
        confirmed_by=None, by=parent.principal,
    )  # fmt: skip
    session = client.session
    session["acting_for"] = {"person": str(child.person.pk), "name": "王小宝", "account": str(parent.person.account_id)}
    session.save()
    address = begun(client)
    assert "王小宝" in words_of(client.get(address))
    assert f"{address}/papers/guardianship" in links_of(client.get(address))
    filled_in(client, address, *HMT_STEPS)
    handed_in(
        client, address, travel_document="hrp", dwelling_proof="lease", guardian_identity="guardian_identity",
        guardianship="guardianship_proof",
    )  # fmt: skip
    assert submitted(client, address, OWN_WILL).redirect_chain[-1][0].endswith("/done")
    case = Case.objects.get()
    assert case.person_id == child.person.pk
    account = parent.person.account
    assert account is not None
    page = browser_of(account).get("/cases")
    assert f"/cases/{public_id('cas', case.pk)}" in links_of(page)
    assert "王小宝" in words_of(page)


def test_the_question_where_goes_before_an_item_that_was_chosen_elsewhere(town: City) -> None:
    _, client = somebody()
    answer = client.get("/apply/items?item=hmt.first_issue", follow=True)
    assert fields_of(answer)["item"] == "hmt.first_issue"
    answer = client.get("/apply", {"place": LIXIA, "item": "hmt.first_issue"}, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/apply/begin?")
    assert client.get("/apply/items?place=110101").status_code == 404
