"""Checking by hand and trying: what is answered, what the holder reads of it, what a try never touches."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings as settings_of_project
from django.test import Client
from django.utils import timezone

from tests.support.people import Resident
from tests.support.privacy import agreed
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.dates import CHINA
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.sites.partner.tests.conftest import BORN, NAME, Member, words
from yizhengtong.verification.checks.models import Block, Check
from yizhengtong.verification.relying_parties.figures import used_of
from yizhengtong.verification.relying_parties.keeping import make_secret
from yizhengtong.verification.relying_parties.models import Minute, RelyingParty
from yizhengtong.verification.relying_parties.sandbox import sandbox_people

pytestmark = pytest.mark.django_db
NOBODYS = "810000199408230072"
_SAMPLE = re.compile(r'<pre class="sample"[^>]*>(.*?)</pre>', re.DOTALL)


def sent(permit: Permit, **changes: str) -> dict[str, str]:
    return {"purpose": "bank", "kind": "hmt_permit", "number": permit.number, "name": NAME, "birth_date": str(BORN),
            **changes}  # fmt: skip


@pytest.fixture
def bank(member: Member, holder: Resident) -> Member:
    agreed(holder, "check_bank", "check_platform")
    member.of.approve("bank", "platform")
    return member


def test_a_member_checks_by_hand_and_the_holder_reads_which_organisation_did(
    bank: Member, permit: Permit, holder: Resident
) -> None:
    page = words(bank.post("/check", **sent(permit)))
    assert "居住证有效" in page
    assert page.count("<dd>一致</dd>") == 3
    check = Check.objects.get()
    assert (check.relying_party_id, check.person_id, check.purpose, check.ended, check.way) == (
        bank.of.party.pk, holder.person.pk, "bank", "match", "match",
    )  # fmt: skip
    read = Entry.objects.get(action="checks.match")
    assert (read.actor_id, read.person_id) == (bank.of.party.pk, holder.person.pk)
    acted = Entry.objects.get(action="checks.by_hand")  # who of the organisation it was
    assert (acted.actor_id, acted.object_id, acted.person_id) == (bank.of.by.id, bank.of.party.pk, None)
    assert permit.number not in str(Entry.objects.values_list("fields", "purpose"))


@pytest.mark.parametrize(
    "changes",
    [{"number": NOBODYS}, {"name": "葉大明"}, {"number": NOBODYS, "name": "無名氏"}],
    ids=lambda each: str(len(each)),
)
def test_what_does_not_agree_and_a_number_of_nobody_look_alike(
    bank: Member, permit: Permit, changes: dict[str, str]
) -> None:
    page = words(bank.post("/check", **sent(permit, **changes)))
    assert page.count("<dd>不一致，或者不能告诉</dd>") == 3
    assert "居住证有效" not in page


def test_who_did_not_agree_or_has_shut_the_organisation_out_answers_as_nobody(
    bank: Member, permit: Permit, holder: Resident
) -> None:
    nobody = _answer(bank.post("/check", **sent(permit, number=NOBODYS)))
    Block.objects.create(person_id=holder.person.pk, relying_party=bank.of.party)
    assert _answer(bank.post("/check", **sent(permit))) == nobody
    assert Check.objects.filter(person_id=holder.person.pk).get().ended == "refused"


def test_a_check_counts_against_quota_and_figures(bank: Member, permit: Permit) -> None:
    bank.post("/check", **sent(permit))
    assert words(bank.post("/check", **sent(permit, number="810000199408230073")), 422)
    today = timezone.localdate(timezone=CHINA)
    assert used_of(bank.of.party, "production", today) == 2
    outcomes = Minute.objects.order_by("outcome").values_list("way", "outcome", "code")
    assert list(outcomes) == [("by_hand", "answered", ""), ("by_hand", "refused", "numbers.wrong_check_digit")]
    RelyingParty.objects.filter(pk=bank.of.party.pk).update(quota_a_day=2)
    assert words(bank.post("/check", **sent(permit)), 429)
    assert Check.objects.count() == 1


def test_a_member_types_no_more_than_the_limit_and_a_failure_counts(
    bank: Member, permit: Permit, settings: Any
) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "checks_by_hand": (2, 3600)}
    assert bank.post("/check", **sent(permit, number="x")).status_code == 422
    assert bank.post("/check", **sent(permit, number="x")).status_code == 422
    assert words(bank.post("/check", **sent(permit)), 429)
    assert not Check.objects.exists()


def test_page_and_key_share_one_limit(bank: Member, permit: Permit, settings: Any) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "checks": (1, 3600)}
    assert bank.post("/check", **sent(permit)).status_code == 200
    assert bank.post("/check", **sent(permit)).status_code == 429


def test_a_birth_date_that_the_purpose_does_not_compare_is_refused_at_its_field(bank: Member, permit: Permit) -> None:
    page = words(bank.post("/check", **sent(permit, purpose="platform")), 422)
    assert 'href="#id_birth_date"' in page
    assert not Check.objects.exists()
    assert "居住证有效" in words(bank.post("/check", **sent(permit, purpose="platform", birth_date="")))


@pytest.mark.parametrize("state", ["test", "applied", "suspended"])
def test_an_organisation_that_is_not_approved_checks_nobody(bank: Member, permit: Permit, state: str) -> None:
    RelyingParty.objects.filter(pk=bank.of.party.pk).update(state=state, is_active=state != "suspended")
    assert '<form method="post" novalidate' not in words(bank.get("/check"))
    assert bank.post("/check", **sent(permit)).status_code == 422
    assert not Check.objects.exists()


def test_a_purpose_that_is_not_granted_is_not_served(bank: Member, permit: Permit) -> None:
    assert bank.post("/check", **sent(permit, purpose="school")).status_code == 422
    assert not Check.objects.exists()


def test_what_was_typed_stands_in_no_address(bank: Member, permit: Permit) -> None:
    answer = bank.post("/check", **sent(permit))
    assert "Location" not in answer
    assert answer["Cache-Control"] == "no-store"
    fetched = words(bank.get("/check", number=permit.number, name=NAME))
    assert f'value="{permit.number}"' not in fetched  # nobody is sent here with a form filled in by another


def test_a_try_touches_no_real_person(member: Member, permit: Permit, holder: Resident) -> None:
    agreed(holder, "check_bank")
    before = Entry.objects.filter(person_id__isnull=False).count()
    page = words(member.post("/try", **sent(permit)))
    assert _shown(page)[1]["is_match"] is False
    assert not Check.objects.exists()
    assert Entry.objects.filter(person_id__isnull=False).count() == before
    assert not Minute.objects.exists()


@pytest.mark.parametrize("code", [*sandbox_people()])
def test_a_try_shows_the_very_answer_that_a_test_key_gets(member: Member, code: str) -> None:
    person = sandbox_people()[code]
    form = {"purpose": "bank", "kind": "hmt_permit", "number": person.permit, "name": person.name,
            "birth_date": person.birth_date.isoformat()}  # fmt: skip
    request, answer = _shown(words(member.post("/try", **form)))
    got = _as_program(member, request)
    assert got.status_code == 201
    assert {**got.json(), "as_of": "", "id": ""} == {**answer, "as_of": "", "id": ""}
    assert re.fullmatch(r"[\d-]+T[\d:]+\.\d{3}Z", answer["as_of"])
    assert answer["state"] == (person.state if person.has_agreed else None)


def test_a_refusal_is_shown_as_a_program_gets_it(member: Member) -> None:
    form = {"purpose": "bank", "kind": "hmt_permit", "number": "810000199408230073", "name": "x", "birth_date": ""}
    request, answer = _shown(words(member.post("/try", **form)))
    got = _as_program(member, request)
    assert got.status_code == answer["status"] == 422
    assert {**got.json(), "request_id": ""} == {**answer, "request_id": ""}


def test_the_form_begins_with_the_person_chosen(member: Member) -> None:
    assert sandbox_people()["rare"].permit in words(member.get("/try", person="rare"))
    assert words(member.get("/try", person="nobody"))


def _answer(answer: Any) -> list[str]:
    """Return what a page says of a check, without what was typed."""
    return re.findall(r"<d[dt]>[^<]*</d[dt]>", words(answer))


def _shown(page: str) -> tuple[str, dict[str, Any]]:
    request, answer = (unescape(each) for each in _SAMPLE.findall(page))
    return request, json.loads(answer)


def _as_program(member: Member, request: str) -> Any:
    """Send the request that a page shows, with a test key of the organisation."""
    _, secret = make_secret(environment="test", label="", by=member.of.by, at=timezone.now())
    body = re.search(r"-d '(.*)'$", request, re.DOTALL)
    assert body
    assert request.startswith(f"curl {settings_of_project.YZT_ADDRESS}/api/partner/checks ")
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "portal-try-0001", "Accept-Language": "zh-Hans"}
    return Client().generic("POST", "/api/partner/checks", body[1], content_type="application/json", headers=headers)
