"""Organisations at the desk: reviewed by a head of the top office, and by nobody else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.support.city import City, a_city
from tests.support.desk import at_the_desk
from tests.support.law import LIXIA
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.ids import public_id
from yizhengtong.verification.relying_parties.applying import ask_purpose
from yizhengtong.verification.relying_parties.authenticating import PARTY, caller_of_secret
from yizhengtong.verification.relying_parties.keeping import make_secret
from yizhengtong.verification.relying_parties.models import PurposeGrant
from yizhengtong.verification.relying_parties.shapes import GRANT
from yizhengtong.verification.relying_parties.tests.organisations import Organisation, an_organisation

pytestmark = pytest.mark.django_db
_RAW = re.compile(r">[^<]*\b(?:desk_parties|relying_parties|showing|pages|desk)\.[a-z_]+\b|\{[a-z_]+\}")


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.fixture
def head(town: City) -> Client:
    """The head of the top office."""
    top = Office.objects.get(parent=None).code
    return at_the_desk(town, "top-head", Role.SUPERVISOR, office=top).browser


@pytest.fixture
def asked(town: City) -> tuple[Organisation, PurposeGrant]:
    made = an_organisation()
    grant = ask_purpose(
        purpose="bank", legal_basis="演示条例第一条", claims=["name", "number"], by=made.by, at=timezone.now()
    )  # fmt: skip
    return made, grant


@pytest.fixture(autouse=True)
def _as_web(roles: None, town: City, head: Client, asked: object) -> Iterator[None]:
    with requests_as_web():
        yield


def at(made: Organisation, rest: str = "") -> str:
    return f"/desk/parties/{public_id(PARTY, made.party.pk)}{rest}"


def of(grant: PurposeGrant, rest: str) -> str:
    return f"/desk/parties/purposes/{public_id(GRANT, grant.pk)}/{rest}"


def words(answer: Any, status: int = 200) -> str:
    text = str(answer.content.decode())
    assert answer.status_code == status, text[:3000]
    return text


def test_who_waits_is_listed_and_a_read_is_recorded(head: Client, asked: tuple[Organisation, PurposeGrant]) -> None:
    made, _ = asked
    assert at(made) in words(head.get("/desk/parties"))
    assert at(made) not in words(head.get("/desk/parties?state=suspended"))
    page = words(head.get(at(made)))
    assert "0531-0000000" in page  # how it is reached
    assert "演示条例第一条" in page
    assert Entry.objects.filter(action="relying_parties.read", object_id=made.party.pk).exists()
    assert "/desk/parties" in words(head.get("/desk/"))


def test_a_purpose_is_granted_with_less_than_was_asked(head: Client, asked: tuple[Organisation, PurposeGrant]) -> None:
    made, grant = asked
    form = {"is_granted": "yes", "claims": ["name"], "reason": "", "version": "0"}
    assert words(head.post(of(grant, "answer"), {**form, "version": "7"}), 422)  # somebody else was quicker
    assert words(head.post(of(grant, "answer"), {**form, "claims": ["photo"]}), 422)  # never asked for
    assert head.post(of(grant, "answer"), form)["Location"] == at(made)
    grant.refresh_from_db()
    assert (grant.state, grant.claims) == ("granted", ["name"])
    assert made.fresh().state == "approved"
    assert head.post(of(grant, "answer"), {**form, "version": "1"}).status_code == 422  # answered already


def test_a_refusal_needs_a_reason(head: Client, asked: tuple[Organisation, PurposeGrant]) -> None:
    _, grant = asked
    assert "请写明理由" in words(
        head.post(of(grant, "answer"), {"is_granted": "no", "reason": "", "version": "0"}), 422
    )
    assert head.post(of(grant, "answer"), {"is_granted": "no", "reason": "依据不足", "version": "0"}).status_code == 302
    grant.refresh_from_db()
    assert (grant.state, grant.reason) == ("refused", "依据不足")


def test_an_organisation_is_suspended_let_in_again_and_ended(
    head: Client, asked: tuple[Organisation, PurposeGrant]
) -> None:
    made, _ = asked
    secret = make_secret(environment="test", label="", by=made.by, at=timezone.now())[1]
    assert words(head.post(at(made, "/suspend"), {"reason": "", "version": "0"}), 422)
    assert head.post(at(made, "/suspend"), {"reason": "密钥泄露", "version": "0"}).status_code == 302
    assert caller_of_secret(secret) is None
    assert "密钥泄露" in words(head.get(at(made)))
    assert head.get(at(made, "/resume")).status_code == 405
    assert head.post(at(made, "/resume"), {"version": str(made.fresh().version)}).status_code == 302
    assert caller_of_secret(secret)
    assert head.post(at(made, "/end"), {"reason": "停业", "version": str(made.fresh().version)}).status_code == 302
    assert (made.fresh().state, caller_of_secret(secret)) == ("ended", None)


def test_a_quota_is_set_and_taken_back_to_everybodys(head: Client, asked: tuple[Organisation, PurposeGrant]) -> None:
    made, _ = asked
    assert head.post(at(made, "/quota"), {"quota_a_day": "50", "version": "0"}).status_code == 302
    assert made.fresh().quota_a_day == 50
    assert words(head.post(at(made, "/quota"), {"quota_a_day": "-1", "version": "1"}), 422)
    assert head.post(at(made, "/quota"), {"quota_a_day": "", "version": "1"}).status_code == 302
    assert made.fresh().quota_a_day is None


def test_a_granted_purpose_is_withdrawn_with_a_reason(head: Client, asked: tuple[Organisation, PurposeGrant]) -> None:
    made, grant = asked
    head.post(of(grant, "answer"), {"is_granted": "yes", "claims": [], "reason": "", "version": "0"})
    assert "收回" in words(head.get(at(made)))
    assert head.post(of(grant, "withdraw"), {"reason": "不再需要", "version": "1"}).status_code == 302
    assert made.fresh().purposes == []


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant-HK", "zh-Hant-TW", "en"])
def test_every_page_has_all_its_words(head: Client, asked: tuple[Organisation, PurposeGrant], language: str) -> None:
    made, grant = asked
    paths = ("/desk/parties", at(made), of(grant, "answer"), of(grant, "withdraw"), at(made, "/suspend"),
             at(made, "/end"), at(made, "/quota"))  # fmt: skip
    for path in paths:
        page = words(head.get(f"{path}?lang={language}"))
        assert not _RAW.search(page), (path, _RAW.findall(page))
        assert page.count("<h1") == 1


@pytest.mark.parametrize("who", ["area-head", "top-clerk", "no-factor"])
def test_who_does_not_review_opens_nothing(town: City, asked: tuple[Organisation, PurposeGrant], who: str) -> None:
    made, grant = asked
    top = Office.objects.get(parent=None).code
    office, role = {"area-head": (LIXIA, Role.SUPERVISOR), "top-clerk": (top, Role.CLERK),
                    "no-factor": (top, Role.SUPERVISOR)}[who]  # fmt: skip
    browser = at_the_desk(town, who, role, office=office, has_second_factor=who != "no-factor").browser
    for path in ("/desk/parties", at(made), at(made, "/suspend"), of(grant, "answer"), of(grant, "withdraw")):
        assert browser.get(path).status_code in {403, 404}, path
    assert browser.post(at(made, "/suspend"), {"reason": "x", "version": "0"}).status_code in {403, 404}
    assert browser.post(of(grant, "answer"), {"is_granted": "yes", "version": "0"}).status_code in {403, 404}
    grant.refresh_from_db()
    assert (grant.state, made.fresh().state) == ("applied", "applied")
    assert "desk/parties" not in browser.get("/desk/").content.decode()
