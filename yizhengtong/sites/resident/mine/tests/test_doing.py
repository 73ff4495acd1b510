"""What one does on one's own pages: residence, data, messages; wrong forms keep what was typed."""

import json
from datetime import date, timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests.support.city import City
from tests.support.days import real_today
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.phones import account_by_phone
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.notifications.models import Contact, Preference
from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import case_for_officer
from yizhengtong.registry.consents.models import Consent
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.models import Registration, Report, Reporter
from yizhengtong.rights.privacy.models import CorrectionRequest, DeletionRequest, Objection
from yizhengtong.sites.resident.mine.own_data import SEAL, CorrectionForm
from yizhengtong.sites.resident.mine.residence import where_words
from yizhengtong.sites.resident.mine.tests.conftest import Browse
from yizhengtong.sites.resident.mine.tests.test_pages import told, words_of

WEEK = timedelta(days=7)


@pytest.fixture
def wang(holder: tuple[Case, Resident]) -> Person:
    return holder[1].person


@pytest.fixture
def browser(wang: Person, browse: Browse) -> Client:
    return browse(wang)


def reported(person: Person, **columns: Any) -> Report:
    account = Account.objects.create(username=f"landlord-{uuid4().hex[:8]}", is_reporter=True)
    reporter = Reporter.objects.create(
        account=account, kind="landlord", name="演示房东", code="x", contact="x", region="370102",
        office_path="370100.370102", state="verified", decided_by=uuid4(), decided_at=timezone.now(),
    )  # fmt: skip
    values: dict[str, Any] = {
        "about": "start", "region": "370102", "address": "演示路9号", "happened_on": real_today() - WEEK,
        "known_on": real_today(), "reported_on": real_today(), "state": "received", "waits_for": "overlaps", **columns,
    }  # fmt: skip
    return Report.objects.create(
        reporter=reporter, reporter_kind="landlord", reporter_name="演示房东", name="x", number="x",
        number_index=b"0" * 16, fingerprint=uuid4().bytes * 2, office_path="370100.370102", person=person, **values,
    )  # fmt: skip


@pytest.mark.parametrize("county", ["历下区", "山东省济南市历下区", " 历下区 ", "370102"])
def test_a_stay_is_registered_by_the_name_of_the_county(town: City, browse: Browse, county: str) -> None:
    person = a_resident(since=None).person
    form = {"region": county, "address": "演示路9号", "start": (real_today() - WEEK).isoformat(), "until": ""}
    assert browse(person).post("/residence/new", form).status_code == 302
    stay = Registration.objects.get(person=person)
    assert (stay.region, stay.start, stay.until, stay.reported_by) == ("370102", real_today() - WEEK, None, "self")


@pytest.mark.parametrize(("county", "words"), [("鼓楼区", "有几个同名的地方"), ("没有的区", "没有找到这个地方")])
def test_a_place_that_is_unclear_is_asked_for_again_with_all_that_was_typed(
    town: City, browse: Browse, county: str, words: str
) -> None:
    person = a_resident(since=None).person
    form = {"region": county, "address": "演示路9号", "start": "2026-08-01", "until": ""}
    answer = browse(person).post("/residence/new", form)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert 'value="演示路9号"' in html
    assert 'value="2026-08-01"' in html
    assert not Registration.objects.filter(person=person).exists()


def test_one_moves_out_and_puts_a_period_right(browser: Client, wang: Person) -> None:
    stay = Registration.objects.get(person=wang)
    here = f"/residence/{public_id('sty', stay.pk)}"
    right = {"region": "市中区", "address": "演示路8号", "start": "2026-01-05", "until": "", "reason": "wrong_place"}
    assert "有几个同名的地方" in browser.post(f"{here}/correction", right).content.decode()
    assert browser.post(f"{here}/correction", {**right, "region": "370103"}).status_code == 302
    now = Registration.objects.get(person=wang, is_current=True)
    assert (now.region, now.start, now.corrects_id) == ("370103", date(2026, 1, 5), stay.pk)
    gone = f"/residence/{public_id('sty', now.pk)}/end"
    assert browser.post(gone, {"until": "2025-01-01"}).status_code == 422
    assert browser.post(gone, {"until": real_today().isoformat()}).status_code == 302
    assert Registration.objects.get(person=wang, is_current=True).until == real_today()


def test_a_period_that_somebody_else_reported_is_disputed_with_an_owner_and_answered(
    browser: Client, wang: Person, stranger: Client
) -> None:
    stay = Registration.objects.get(person=wang)
    Registration.objects.filter(pk=stay.pk).update(reported_by="landlord")
    report = reported(wang, state="matched", waits_for="", registration=stay)
    here = f"/residence/reports/{public_id('rep', report.pk)}/dispute"
    assert here in words_of(browser.get("/residence"))
    assert stranger.post(here, {"text": "x"}).status_code == 404
    assert browser.post(here, {"text": " "}).status_code == 422
    assert browser.post(here, {"text": "我没有住在那里"}).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.dispute_words, report.office_path) == ("disputed", "我没有住在那里", "370100.370102")
    html = words_of(browser.get("/residence"))
    assert "您已提出异议" in html
    assert "机关核实后答复" in html or "前答复" in html
    Report.objects.filter(pk=report.pk).update(answer_due_on=date(2026, 12, 1))
    assert "2026年12月1日前答复" in words_of(browser.get("/residence"))


def test_what_waits_for_ones_word_is_confirmed(browser: Client, wang: Person) -> None:
    report = reported(wang, region="370103")
    here = f"/residence/reports/{public_id('rep', report.pk)}/confirm"
    assert "演示房东" in words_of(browser.get(here))
    assert browser.post(here).status_code == 302
    report.refresh_from_db()
    assert report.state == "merged"
    assert "出租人报送" in words_of(browser.get("/residence"))


def test_the_certificate_names_the_source_of_each_period_and_the_measure(browser: Client, wang: Person) -> None:
    html = words_of(browser.get("/residence/certificate"))
    for words in (wang.name, "山东省济南市历下区", "本人申报", "国办发〔2018〕81号", "data-prints", "满6个月"):
        assert words in html, words


def doubted(holder: tuple[Case, Resident], town: City) -> Entry:
    case_for_officer(case_id=holder[0].pk, by=town.clerk, purpose="casework")
    found = Entry.objects.filter(action="casework.read", actor_id=town.clerk.id).first()
    assert found is not None
    return found


def test_a_look_that_was_not_for_one_is_doubted_once(
    browser: Client, holder: tuple[Case, Resident], town: City, wang: Person
) -> None:
    here = f"/data-use/{public_id('aud', doubted(holder, town).pk)}/objection"
    html = words_of(browser.get("/data-use"))
    assert here in html
    assert "这不是为我办的" in html
    assert browser.post(here, {"text": ""}).status_code == 422
    assert browser.post(here, {"text": "那天我没有办事"}).status_code == 302
    assert Objection.objects.get(person=wang).words == "那天我没有办事"
    assert browser.post(here, {"text": "那天我没有办事"}).status_code == 422
    assert "前答复" in words_of(browser.get("/data-use/requests"))


def test_the_history_is_read_on_and_a_made_up_place_in_it_is_refused(browser: Client, wang: Person) -> None:
    for _ in range(40):
        Entry.objects.create(
            kind="read", action="casework.read", actor_kind="staff", actor_id=uuid4(), person_id=wang.pk,
            object_kind="case", purpose="casework", fields=[], retention="work",
        )  # fmt: skip
    first = words_of(browser.get("/data-use"))
    assert "?after=" in first
    following = first.partition('href="?after=')[2].partition('"')[0]
    assert words_of(browser.get(f"/data-use?after={following}")).count("<li>")
    assert browser.get("/data-use?after=x").status_code == 422


def test_a_consent_is_given_withdrawn_and_never_asked_again(browser: Client, wang: Person) -> None:
    def answers() -> list[str]:
        return list(Consent.objects.filter(person=wang, use="notifications").order_by("id")
                    .values_list("answer", flat=True))  # fmt: skip

    for answer in ("given", "withdrawn"):
        assert browser.post("/data-use/consents", {"use": "notifications", "answer": answer}).status_code == 302
    assert answers() == ["given", "withdrawn"]
    html = words_of(browser.get("/data-use/consents"))
    assert "已撤回" in html
    assert browser.post("/data-use/consents", {"use": "permit", "answer": "given"}).status_code >= 400
    assert browser.post("/data-use/consents", {"use": "", "answer": "x"}).status_code >= 400


def test_the_copy_is_a_file_under_the_platforms_seal(browser: Client, wang: Person) -> None:
    from hashlib import sha256

    from yizhengtong.foundation.vault.indexes import keyed_digest

    answer = browser.post("/data-use/export")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "no-store"
    copy = json.loads(answer.content)
    assert copy["data"]["person"]["name"] == wang.name
    text = json.dumps(copy["data"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert copy["seal"] == f"v1.{keyed_digest(SEAL, sha256(text.encode()).digest()).hex()}"
    assert Entry.objects.filter(action="privacy.export", person_id=wang.pk).exists()


def test_a_correction_is_asked_with_what_is_right(browser: Client, wang: Person) -> None:
    wrong = {"field": "birth_date", "value": "gestern", "text": ""}
    answer = browser.post("/data-use/correction", wrong)
    assert answer.status_code == 422
    assert 'value="gestern"' in answer.content.decode()
    assert browser.post("/data-use/correction", {**wrong, "value": "1990-05-17"}).status_code == 302
    assert CorrectionRequest.objects.get(person=wang).value == "1990-05-17"
    assert "出生日期" in words_of(browser.get("/data-use/requests"))


def test_deletion_is_asked_only_by_who_means_it(browser: Client, wang: Person) -> None:
    assert browser.post("/data-use/deletion").status_code == 422
    assert not DeletionRequest.objects.exists()
    assert browser.post("/data-use/deletion", {"sure": "on"}).status_code == 302
    assert browser.post("/data-use/deletion", {"sure": "on"}).status_code == 422
    assert DeletionRequest.objects.get().person_id == wang.pk


def test_a_message_that_was_opened_is_read(browser: Client, wang: Person, stranger: Client) -> None:
    message = told(wang)
    here = f"/messages/{public_id('msg', message.pk)}"
    assert stranger.get(here).status_code == 404
    message.refresh_from_db()
    assert message.read_at is None
    assert "您的申请已受理。" in words_of(browser.get(here))
    message.refresh_from_db()
    assert message.read_at is not None


@pytest.mark.row("S4-16")
def test_which_messages_come_where_and_when_is_chosen(browser: Client, wang: Person) -> None:
    form = {"language": "en", "quiet_from": "21:30", "quiet_until": "07:30", "received": ["sms"], "accepted": ["email"]}
    html = words_of(browser.get("/messages/wanted"))
    assert "依法要告知您的" in html
    answer = browser.post("/messages/wanted", form)
    assert answer.status_code == 422  # what the law wants told goes by one way at least
    due = {code: ["sms"] for code in _due()}
    assert browser.post("/messages/wanted", {**due, **form}).status_code == 302
    chosen = Preference.objects.get(pk=wang.pk)
    assert (chosen.language, f"{chosen.quiet_from:%H:%M}") == ("en", "21:30")
    assert (chosen.channels["received"], chosen.channels["approved"]) == (["sms"], [])


def _due() -> list[str]:
    from yizhengtong.sites.resident.mine.messages import listed_kinds

    return [kind.code for kind in listed_kinds() if kind.is_due]


def test_a_contact_is_added_by_a_code_and_forgotten(browser: Client, wang: Person) -> None:
    mine = "yizhengtong.sites.resident.mine.messages"
    with mock.patch(f"{mine}.open_channels", return_value=("sms",)), mock.patch(f"{mine}.ask_confirmation") as asked:
        answer = browser.post("/messages/contacts", {"channel": "sms", "address": "+8613800000001"})
    assert answer["Location"] == "/messages/contacts/sms/code"
    assert asked.call_args.kwargs["person_id"] == wang.pk
    wrong = browser.post("/messages/contacts/sms/code", {"code": "000000"})
    assert wrong.status_code == 422
    assert browser.post("/messages/contacts/sms/code", {"code": "12"}).status_code == 422
    Contact.objects.create(person_id=wang.pk, channel="sms", address="+8613800000001")
    html = words_of(browser.get("/messages/contacts"))
    assert "13800000001" not in html
    assert browser.get("/messages/contacts/sms/forgetting").status_code == 302
    assert Contact.objects.exists()
    assert browser.post("/messages/contacts/sms/forgetting").status_code == 302
    assert not Contact.objects.exists()


@pytest.mark.parametrize(("minutes", "is_kept"), [(14, True), (16, False)])
def test_a_number_opens_the_account_only_where_who_confirms_it_has_just_shown_whose_it_is(
    browser: Client, wang: Person, minutes: int, is_kept: bool
) -> None:
    """Else whoever finds a session left open makes a way in that stays, out of an address for messages."""
    contact = Contact(person_id=wang.pk, channel="sms", address="+8613800000001")
    with (
        mock.patch("yizhengtong.sites.resident.mine.messages.confirm", return_value=contact),
        time_machine.travel(timezone.now() + timedelta(minutes=minutes)),
    ):
        answer = browser.post("/messages/contacts/sms/code", {"code": "123456"})
    assert answer.status_code == 302
    found = account_by_phone("+8613800000001")
    assert (found.pk if found else None) == (wang.account_id if is_kept else None)


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("birth_date", "1990年5月7日", "1990-05-07"), ("birth_date", "1990-05-07", "1990-05-07"), ("sex", "女", "F"),
        ("sex", "Male", "M"), ("region", "澳門", "MO"), ("region", "Hong  Kong", "HK"), ("name", "女", "女"),
        ("phone", "香港", "香港"), ("birth_date", "五月", "五月"),
    ],
)  # fmt: skip
def test_what_is_right_is_written_as_people_write_it(field: str, typed: str, kept: str) -> None:
    reader = Reader("zh-Hans", False, None)
    form = CorrectionForm({"field": field, "value": typed}, reader=reader)
    assert form.is_valid()
    assert form.cleaned_data["value"] == kept


def test_an_address_that_names_its_county_is_not_shown_with_it_twice() -> None:
    assert where_words("370102", "山东省济南市历下区演示路1号") == "山东省济南市历下区演示路1号"
    assert where_words("370102", "演示路1号") == "山东省济南市历下区演示路1号"


@pytest.mark.parametrize("typed", ["歷下區", "歷下", "济南市历下区", "370102"])
def test_a_county_is_written_in_either_writing(browser: Client, wang: Person, typed: str) -> None:
    Registration.objects.filter(person=wang).delete()
    form = {"region": typed, "address": "演示路9号", "start": "2026-08-01", "until": ""}
    assert browser.post("/residence/new", form).status_code == 302
    assert Registration.objects.get(person=wang).region == "370102"


def test_a_name_of_several_counties_is_answered_with_them(browser: Client) -> None:
    html = browser.post("/residence/new", {"region": "市中区", "address": "x", "start": "2026-08-01"}).content.decode()
    assert "山东省济南市市中区" in html
    assert "山东省枣庄市市中区" in html
