"""Settling over HTTP, under the web role: an applicant, the exit–entry office, the household register."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.contract.world import send
from tests.settlement.taipei import EXIT_ENTRY, PAPERS, Jinan, a_jinan, chen
from tests.support.cases import a_paper
from tests.support.law import LIXIA
from tests.support.people import FAR, Resident
from tests.support.web_role import as_web, requests_as_web
from yizhengtong.foundation.accounts.models import Account, StaffMember
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.postgresql.readers import Reader
from yizhengtong.foundation.web.tests.callers import session_of
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.applications.models import Evidence
from yizhengtong.permitting.settlement.models import ApprovalNotice, VoluntaryConfirmation
from yizhengtong.sites.api.tests.test_audit import session_with_second_factor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
Sent = Callable[..., Any]
STATION, OTHER_STATION = "370100-01", "370100-02"


@pytest.fixture
def place(db: None) -> Iterator[Jinan]:
    made = a_jinan()
    with requests_as_web():
        yield made


def caller(token: str, language: str = "en") -> Sent:
    def sent(method: str, path: str, payload: Any = None, version: str = "") -> Any:
        headers = {"X-Session-Token": token, "Accept-Language": language, **({"If-Match": version} if version else {})}
        return send(method, f"/api/{path}", payload=payload, headers=headers)

    return sent


def officer(place: Jinan, office: str, *roles: Role) -> Sent:
    account = Account.objects.create(username=f"officer-{uuid4().hex[:8]}")
    StaffMember.objects.create(
        account=account, office=place.city.offices[office], name="李", roles=[role.value for role in roles]
    )
    return caller(session_with_second_factor(account))


def applicant() -> tuple[Resident, Sent]:
    who = chen(valid_until=FAR.replace(year=2036))
    who.person.account = Account.objects.create(username=f"chen-{uuid4().hex[:8]}")
    who.person.save()
    return who, caller(session_of(who.person.account))


def ready(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer


def a_draft(who: Resident, chen_sends: Sent) -> tuple[str, str]:
    """Start, fill in and attach; return the path of the application and its version."""
    made = ready(chen_sends("POST", "resident/applications", {
        "item": "settlement.approval", "place": LIXIA, "ground": "lineal_kin",
    }), 201)  # fmt: skip
    path = f"resident/applications/{made.json()['id']}"
    answers = {
        "residence_address": "和平路47号", "phone": "+886 2 5550 0100", "delivery": "collect",
        "service_point": EXIT_ENTRY, "declares_true": True,
    }  # fmt: skip
    saved = ready(chen_sends("PATCH", path, answers, made["ETag"]))
    Evidence.objects.bulk_create(
        [
            Evidence(
                application_id=parse_public_id("apl", made.json()["id"]), document_code=code, kind=kind,
                document=a_paper(who),
            )
            for code, kind in PAPERS.items()
        ]
    )  # fmt: skip
    return path, saved["ETag"]


def confirmed(path: str, version: str, chen_sends: Sent) -> str:
    told = ready(chen_sends("GET", f"{path}/settlement-notice")).json()
    answer = ready(chen_sends("POST", f"{path}/settlement-confirmation", {"hash": told["hash"]}, version))
    return str(answer["ETag"])


def approved(place: Jinan, who: Resident, chen_sends: Sent) -> tuple[str, str]:
    """Take an application through the three officers; return the case and its permit's number."""
    path, version = a_draft(who, chen_sends)
    version = confirmed(path, version, chen_sends)
    case = ready(chen_sends("POST", f"{path}/submission", {}, version), 201)
    clerk, reviewer, approver = (
        officer(place, EXIT_ENTRY, role) for role in (Role.CLERK, Role.REVIEWER, Role.APPROVER)
    )
    at = f"staff/cases/{case.json()['id']}"
    step = ready(clerk("POST", f"{at}/acceptance", {"words": "已收"}, case["ETag"]))
    lines = ready(reviewer("GET", at)).json()["checklist"]
    words = [{"target": line["target"], "code": line["code"], "met": True} for line in lines]
    step = ready(reviewer("POST", f"{at}/judgement", {"words": words}, step["ETag"]))
    step = ready(reviewer("POST", f"{at}/review", {"recommends": "grant", "words": "同意"}, step["ETag"]))
    permit = ready(approver("POST", f"{at}/approval", {"words": "同意"}, step["ETag"]), 201).json()
    step = ready(clerk("GET", at))
    step = ready(clerk("POST", f"{at}/card", None, step["ETag"]))
    ready(clerk("POST", f"{at}/hand-over", {}, step["ETag"]))
    return case.json()["id"], permit["number"]


@pytest.mark.row("S0-T18", "S0-T24", "S0-T25", "S0-T26", "S0-T30", "S0-T31", "S0-T32")
def test_a_resident_of_taiwan_settles_and_is_handed_over_to_the_household_register(place: Jinan) -> None:
    who, sends = applicant()
    case, permit_number = approved(place, who, sends)
    settled = ready(sends("GET", f"resident/cases/{case}/settlement")).json()
    number = settled["notice"]["number"]
    assert (settled["notice"]["name"], settled["notice"]["last_valid_day"]) == ("陈台生", None)
    assert [step["code"] for step in settled["next"]] == [
        "settlement.next_register_household", "settlement.next_apply_for_identity_card",
    ]  # fmt: skip
    register = officer(place, STATION, Role.CLERK)
    only_permit = {"approval_notice_number": "", "settlement_permit_number": permit_number}
    checked = ready(register("POST", "staff/household/papers-checks", only_permit)).json()
    assert (checked["is_complete"], [paper["code"] for paper in checked["missing"]]) == (False, ["approval_notice"])
    refused = register("POST", "staff/household/registrations", only_permit)
    assert (refused.status_code, refused.json()["code"]) == (422, "settlement.papers_missing")
    assert [error["code"] for error in refused.json()["errors"]] == ["settlement.approval_notice_missing"]
    both = {"approval_notice_number": number, "settlement_permit_number": permit_number}
    done = ready(register("POST", "staff/household/registrations", both), 201).json()
    assert [step["source"]["text"] for step in done["next"]] == ["居民身份证法"]
    assert done["look_at"] == []
    after = ready(sends("GET", f"resident/cases/{case}/settlement")).json()
    assert after["household_registered_on"] == legal_day(timezone.now()).isoformat()
    assert who.number not in refused.content.decode() + str(checked) + str(done)


@pytest.mark.row("S0-T31", "S0-T38")
def test_the_police_of_another_county_find_nothing_and_no_row(place: Jinan) -> None:
    who, sends = applicant()
    _, permit_number = approved(place, who, sends)
    notice = ApprovalNotice.objects.get()
    elsewhere = officer(place, OTHER_STATION, Role.CLERK)
    both = {"approval_notice_number": notice.number, "settlement_permit_number": permit_number}
    checked = ready(elsewhere("POST", "staff/household/papers-checks", both)).json()
    assert [paper["code"] for paper in checked["missing"]] == ["approval_notice", "settlement_permit"]
    for office, seen in ((STATION, 1), (OTHER_STATION, 0), (EXIT_ENTRY, 1)):
        path = place.city.offices[office].path
        with as_web(Reader("staff", str(uuid4()), path)):
            assert ApprovalNotice.objects.count() == seen, office
    with as_web(Reader("resident", str(uuid4()))):
        assert (ApprovalNotice.objects.count(), VoluntaryConfirmation.objects.count()) == (0, 0)


@pytest.mark.row("S0-T03", "S0-T33")
def test_without_the_notice_nothing_is_submitted(place: Jinan) -> None:
    who, sends = applicant()
    path, version = a_draft(who, sends)
    version = ready(sends("PATCH", path, {"declares_own_will": True}, version))["ETag"]
    refused = sends("POST", f"{path}/submission", {}, version)
    assert refused.status_code == 422
    assert "settlement.notice_not_confirmed" in [error["code"] for error in refused.json()["errors"]]


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_the_notice_is_told_in_the_readers_language(place: Jinan, language: str) -> None:
    who, sends = applicant()
    path, _ = a_draft(who, sends)
    assert who.person.account is not None
    told = ready(caller(session_of(who.person.account), language)("GET", f"{path}/settlement-notice")).json()
    words = "".join(point["words"] for point in told["points"])
    assert {"zh-Hans": "大陆", "zh-Hant": "大陸", "en": "the Mainland"}[language] in words
    assert len(told["points"]) == 7


def test_another_resident_sees_nothing_of_it(place: Jinan) -> None:
    who, sends = applicant()
    path, version = a_draft(who, sends)
    _, stranger = applicant()
    assert stranger("GET", f"{path}/settlement-notice").status_code == 404
    assert stranger("POST", f"{path}/settlement-confirmation", {"hash": "0" * 64}, version).status_code == 404
