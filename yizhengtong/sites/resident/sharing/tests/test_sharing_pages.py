"""Making a share code by pages: whose, for what, shown once, ended at once; and by the API."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from tests.support.people import Resident, a_resident
from tests.support.sessions import session
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.web.models import IdempotentAnswer
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.consents.given import given_by
from yizhengtong.registry.people.models import Representation
from yizhengtong.sites.resident.mine.asking import today
from yizhengtong.sites.resident.mine.tests.conftest import Browse
from yizhengtong.verification.relying_parties.purposes import purposes
from yizhengtong.verification.sharing.models import ShareCode

pytestmark = pytest.mark.django_db
API = "/api/resident/share-codes"
_CODE = re.compile(r"<code class=\"number big\">([0-9A-Z]{5}-[0-9A-Z]{5})</code>")
_RAW = re.compile(r">[^<]*\b(?:resident_sharing|sharing|relying_parties|showing|pages)\.[a-z_]+\b|\{[a-z_]+\}")


def at(permit: Permit, rest: str = "") -> str:
    return f"/permits/{public_id('pmt', permit.pk)}/share{rest}"


def words(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def made(own: Client, permit: Permit, purpose: str = "rent", days: object = 7, uses: object = 1) -> str:
    found = _CODE.search(words(own.post(at(permit, f"/new/{purpose}"), {"days": days, "uses": uses})))
    assert found
    return found[1]


def read(code: str, person: Any, **more: Any) -> Any:
    sent = {"code": code, "birth_date": str(person.birth_date), "need": "", **more}
    return Client().post("/check/share", sent)


def end_address(permit: Permit) -> str:
    return at(permit, f"/{public_id('shc', ShareCode.objects.get().pk)}/end")


def test_what_the_holder_saw_is_what_whoever_checks_is_told(own: Client, permit: Permit) -> None:
    before = words(own.get(at(permit, "/new/work")))
    rows = re.compile(r"<dt>(.*?)</dt><dd>\s*(.*?)\s*</dd>", re.DOTALL)
    reader = Client()
    sent = {"code": made(own, permit, "work"), "birth_date": str(permit.person.birth_date), "need": "work"}
    assert reader.post("/check/share", sent).status_code == 302
    told = dict(rows.findall(words(reader.get("/check/share/result"))))
    told = {label: value for label, value in told.items() if label not in {"用途", "照片", "核对编号", "核对网址"}}
    assert told.items() <= dict(rows.findall(before)).items()
    assert "姓名" in told


def test_the_code_is_shown_once_and_stands_in_no_list_and_no_address(own: Client, permit: Permit) -> None:
    code = made(own, permit)
    html = words(own.get(at(permit)))
    assert code not in html
    assert code.replace("-", "") not in html
    assert "租房" in html


def test_the_qr_code_holds_the_address_alone(own: Client, permit: Permit) -> None:
    answers = [words(own.post(at(permit, "/new/rent"), {"days": 7, "uses": 1})) for _ in range(2)]
    drawn = [re.findall(r'<path d="(.*?)"', each)[0] for each in answers]
    assert drawn[0] == drawn[1]


def test_a_use_is_seen_and_a_code_that_was_ended_opens_nothing(own: Client, permit: Permit) -> None:
    code = made(own, permit, uses=3)
    assert read(code, permit.person).status_code == 302
    assert "有授权码的人" in words(own.get(at(permit)))
    assert "作废" in words(own.get(end_address(permit)))
    assert ShareCode.objects.get().ended_at is None
    assert own.post(end_address(permit))["Location"] == at(permit)
    assert read(code, permit.person).status_code == 404
    assert "已由您作废" in words(own.get(at(permit)))


@pytest.mark.parametrize(("days", "uses"), [(999, 1), (7, 999), (0, 1), ("x", 1), ("", "")])
def test_days_and_uses_out_of_bounds_are_asked_for_again(
    own: Client, permit: Permit, days: object, uses: object
) -> None:
    words(own.post(at(permit, "/new/rent"), {"days": days, "uses": uses}), 422)
    assert not ShareCode.objects.exists()


def test_somebody_elses_permit_is_as_if_it_were_not_there(own: Client, permit: Permit, stranger: Client) -> None:
    made(own, permit)
    for address in (at(permit), at(permit, "/new"), at(permit, "/new/rent"), end_address(permit)):
        assert stranger.get(address).status_code == 404, address
        assert stranger.post(address, {"days": 1, "uses": 1}).status_code in {404, 405}, address
    share = ShareCode.objects.get()
    assert share.ended_at is None


def test_a_code_of_another_permit_is_not_ended_by_its_number(
    own: Client, permit: Permit, stranger: Client, browse: Browse
) -> None:
    made(own, permit)
    other = f"/permits/{public_id('pmt', uuid4())}/share/{public_id('shc', ShareCode.objects.get().pk)}/end"
    assert stranger.post(other).status_code == 404
    assert own.post(at(permit, f"/{public_id('shc', uuid4())}/end")).status_code == 404
    assert ShareCode.objects.get().ended_at is None


def test_whoever_is_not_signed_in_is_sent_to_sign_in(permit: Permit) -> None:
    for rest in ("", "/new", "/new/rent"):
        answer = Client().get(at(permit, rest))
        assert (answer.status_code, answer["Location"][:8]) == (302, "/sign-in"), rest


def test_an_unknown_purpose_is_none(own: Client, permit: Permit) -> None:
    assert own.get(at(permit, "/new/everything")).status_code == 404
    assert own.post(at(permit, "/new/everything"), {"days": 1, "uses": 1}).status_code == 404


def test_an_account_makes_so_many_codes_an_hour(own: Client, permit: Permit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "YZT_LIMITS", {**settings.YZT_LIMITS, "share_codes": (1, 3600)})
    made(own, permit)
    assert own.post(at(permit, "/new/rent"), {"days": 1, "uses": 1}).status_code == 429


def test_who_acts_for_somebody_makes_a_code_and_the_holder_sees_it(
    own: Client, permit: Permit, holder: tuple[Case, Resident], browse: Browse
) -> None:
    parent = a_resident(name="王父").person
    Representation.objects.create(
        representative=parent, represented=holder[1].person, relation="guardian", since=today() - timedelta(days=9)
    )
    code = made(browse(parent), permit)
    assert "租房" in words(own.get(at(permit)))
    assert read(code, permit.person).status_code == 302
    assert Entry.objects.filter(action="sharing.make", person_id=permit.person_id).count() == 1


def test_a_good_code_stands_among_what_one_allows_and_ones_permit_leads_here(own: Client, permit: Permit) -> None:
    made(own, permit)
    (given,) = [each for each in given_by(permit.person_id) if each.words == "sharing.given"]
    assert given.address == at(permit)
    assert f'href="{at(permit)}"' in words(own.get(f"/permits/{public_id('pmt', permit.pk)}"))


def test_every_page_has_all_its_words_in_every_language(own: Client, permit: Permit, language: str) -> None:
    own.cookies["yzt_language"] = language
    shown = words(own.post(at(permit, "/new/rent"), {"days": 7, "uses": 2}))
    pages = [at(permit), at(permit, "/new"), end_address(permit), *(at(permit, f"/new/{code}") for code in purposes())]
    for html in [shown, *(words(own.get(each)) for each in pages)]:
        assert f'<html lang="{language}"' in html
        assert not _RAW.search(html), _RAW.findall(html)
        assert html.count("<h1>") == 1


def api(person: Any, method: str, path: str, payload: Any = None, key: str = "") -> Any:
    headers = {"X-Session-Token": session(person.account), "Idempotency-Key": key or str(uuid4())}
    ask = getattr(Client(), method)
    return ask(path, payload, content_type="application/json", headers=headers)


def test_by_the_api_a_code_is_told_once_and_kept_nowhere(own: Client, permit: Permit) -> None:
    person = permit.person
    person.refresh_from_db()
    sent = {"permit_id": public_id("pmt", permit.pk), "purpose": "rent", "days": 7, "uses": 1}
    answer = api(person, "post", API, sent, "the-same-key")
    assert answer.status_code == 201, answer.content
    code = answer.json()["code"]
    assert api(person, "post", API, sent, "the-same-key").json()["code"] == "web.told_once"
    assert not any(code in str(each.body) for each in IdempotentAnswer.objects.all())
    assert read(code, person).status_code == 302
    (row,) = api(person, "get", API).json()
    assert (row["state"], row["uses"], [each["name"] for each in row["used"]]) == ("used_up", 1, [""])
    assert "code" not in row
    assert api(person, "post", f"{API}/{row['id']}/end").json()["state"] == "used_up"


def test_by_the_api_nobody_lists_makes_or_ends_anothers(own: Client, permit: Permit, browse: Browse) -> None:
    made(own, permit)
    li = a_resident(name="李四").person
    browse(li)
    sent = {"permit_id": public_id("pmt", permit.pk), "purpose": "rent", "days": 7}
    key = public_id("shc", ShareCode.objects.get().pk)
    assert api(li, "get", API).json() == []
    assert api(li, "get", f"{API}?person_id={public_id('per', permit.person_id)}").status_code == 404
    assert api(li, "post", API, sent).status_code == 404
    assert api(li, "post", f"{API}/{key}/end").status_code == 404
    assert ShareCode.objects.get().ended_at is None
