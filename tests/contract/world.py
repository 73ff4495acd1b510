"""One small world for the guards of the API: real credentials of every kind, real rows of every kind, in one process.

It is made by the same journeys that `make up` shows, sent to Django without a socket between.
"""

import json
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import django.test
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from tests.contract import objects, parties
from tests.support.lists import somebody as somebody_listed
from tests.support.lists import write_csv
from tests.support.sessions import session
from yizhengtong.foundation.accounts.models import Account, Office
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.lists.telling import Unheard
from yizhengtong.foundation.notifications.models import Delivery, Message, Template
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.kernel.numbers.synthetic import resident_id
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.promising import promise_of
from yizhengtong.permitting.importing.mapping import read_mapping
from yizhengtong.permitting.importing.models import Proposal
from yizhengtong.permitting.importing.running import Request, run
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.project.demonstration.city import make_city
from yizhengtong.project.demonstration.client import Client, Refused, sign_up
from yizhengtong.project.demonstration.journeys import LIXIA, RESIDENT, STAFF, Journeys
from yizhengtong.project.demonstration.journeys import Resident as Signed
from yizhengtong.project.demonstration.narration import Narrator
from yizhengtong.project.demonstration.officers import QINGYUAN
from yizhengtong.project.demonstration.people import paper_jpeg, photo_jpeg, somebody
from yizhengtong.registry.people.models import MinorApproval, Person
from yizhengtong.registry.residence.credit_codes import check_character
from yizhengtong.registry.residence.models import Registration, Report, Reporter
from yizhengtong.registry.residence.vouchers import voucher_of

OFFICE, OTHER_OFFICE = "demo-clerk", "demo-shizhong"
NO_SUCH = "0" * 26


@dataclass(slots=True)
class World:
    """Credentials as headers by name, and the ids of rows by the name of the path parameter they stand for.

    `apart`: other rows for the same parameters, by the end of the routes that are about them.
    """

    credentials: dict[str, dict[str, str]]
    ids: dict[str, str]
    apart: dict[str, dict[str, str]]
    journeys: Journeys = field(repr=False)
    permit: dict[str, Any] = field(repr=False)


def send(
    method: str,
    path: str,
    *,
    payload: Any = None,
    form: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    key: bool = True,
) -> Any:
    """Send one request in this process; a POST has a fresh Idempotency-Key unless `key` is False."""
    sent = {**({"Idempotency-Key": str(uuid4())} if key and method.upper() == "POST" else {}), **(headers or {})}
    body, content_type = b"" if payload is None else json.dumps(payload).encode(), "application/json"
    if form is not None:
        body = django.test.client.encode_multipart(django.test.client.BOUNDARY, dict(form))
        content_type = django.test.client.MULTIPART_CONTENT
    client = django.test.Client(raise_request_exception=False)
    return client.generic(method.upper(), path, body, content_type=content_type, headers=sent)


def _exchange(self: Client, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
    """Stand in for the journeys' client: the same request, without a socket."""
    sent = {**self.headers, **headers}
    content_type = sent.pop("Content-Type", "")
    response = django.test.Client(raise_request_exception=False).generic(
        method, path, body or b"", content_type=content_type, headers=sent
    )
    self.etag = response.headers.get("ETag", self.etag)
    is_json = "json" in response.headers.get("Content-Type", "")
    answer = json.loads(response.content) if response.content and is_json else response.content
    if response.status_code >= 400:
        raise Refused(response.status_code, answer if isinstance(answer, dict) else {"detail": "no problem document"})
    return answer


@contextmanager
def without_socket() -> Iterator[None]:
    """Let journeys run against this process."""
    with mock.patch.object(Client, "_exchange", _exchange):
        yield


def make_world() -> World:
    """Make a holder with a permit, a draft, a ward and a case that is received and booked; a stranger; officers."""
    call_command("createcachetable", verbosity=0)
    today = legal_day(timezone.now())
    with without_socket():
        journeys = Journeys(port=0, city=make_city(today), today=today, narrator=Narrator(lambda _line: None))
        holder, permit = journeys.first_issue()
        stranger = journeys.resident(somebody(today, region="MO"))
        ids = {"permit_id": permit["id"], **_draft(holder), **_ward(journeys, holder)}
        ids["stay_id"] = holder.client.get(f"{RESIDENT}/stays")[0]["id"]
        shared = {"permit_id": permit["id"], "purpose": "rent", "days": 7, "uses": 1}
        ids["share_code_id"] = holder.client.post(f"{RESIDENT}/share-codes", shared)["id"]
        objects.officers()
        ids |= _imported() | _rights(journeys, holder, ids) | _told(ids)
        ids |= _apart(holder, ids, permit)
        ids |= _linked(journeys, permit)
        reporter, reported = _reported(journeys, holder)
        ids |= reported
        checked, of_bank = parties.of_the_bank(
            journeys.city.relying_party_key, Permit.objects.get(pk=parse_public_id("pmt", permit["id"])), holder.client
        )
        organisation, applied, of_organisation = parties.organisation(holder.client, ids["person_id"])
        ids |= checked | applied
        credentials = {
            "holder": dict(holder.client.headers),
            "stranger": dict(stranger.client.headers),
            "reporter": reporter,
            "organisation": organisation,
            "nobody": {},
            "partner": {"Authorization": f"Bearer {journeys.city.relying_party_key}"},
        }
        for name in (
            OFFICE,
            OTHER_OFFICE,
            "demo-reviewer",
            "demo-approver",
            "demo-auditor",
            "demo-supervisor",
            "demo-registrar",
        ):
            credentials[name] = dict(journeys.officer(name).headers)
        for name in ("world-administrator", "world-supervisor"):
            token = session(Account.objects.get(username=name), has_second_factor=True)
            credentials[name] = {"X-Session-Token": token}
    asked = send("POST", "/api/partner/presentations", payload={"purpose": "bank"}, headers=credentials["partner"])
    ids["presentation_id"] = asked.json()["id"]
    return World(credentials, ids, {**_about(ids), **of_bank, **of_organisation}, journeys, permit)


def _apart(holder: Signed, ids: Mapping[str, str], permit: Mapping[str, Any]) -> dict[str, str]:
    """What stands in objects.py, and a case of the child's that is to be checked afterwards."""
    person = Person.objects.get(pk=parse_public_id("per", holder.person["id"]))
    ward = Person.objects.get(pk=parse_public_id("per", ids["person_id"]))
    case = Case.objects.get(pk=parse_public_id("cas", ids["case_id"]))
    decided = Case.objects.get(pk=parse_public_id("cas", ids["decided_case_id"]))
    Case.objects.filter(pk=case.pk).update(post_check="sampled")
    for each in (person, ward):
        objects.reached(each.pk)
    made = objects.zhejiang(holder.client, person, case)
    made |= objects.rated(case)
    made |= objects.settlement(person, ward, {"ward": case, "holder": decided})
    return made | objects.platform(Permit.objects.get(pk=parse_public_id("pmt", permit["id"])))


def _about(ids: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return which rows the paths with these ends are about, where the world has several of a kind."""
    card, draft = {"permit_id": ids["zhejiang_permit_id"]}, {"application_id": ids["zhejiang_application_id"]}
    settles = {"application_id": ids["settlement_application_id"]}
    return {
        "/card-data": card, "/bank-account": card, "/end-functions": card,
        "/applications/{application_id}/confirmations": draft, "/promise": draft,
        "GET /api/resident/cases/{decided_case_id}/rating": {"decided_case_id": ids["rated_case_id"]},
        "/settlement-notice": settles, "/settlement-confirmation": settles,
        **{
            f"GET /api/resident/permits/{{permit_id}}/papers/{{paper_kind}}/{form}": {"paper_kind": "permit_copy"}
            for form in ("pdf", "ofd")
        },
    }  # fmt: skip


def _draft(holder: Signed) -> dict[str, str]:
    """A replacement begun, with one paper handed in."""
    draft = holder.client.post(
        f"{RESIDENT}/applications", {"item": "hmt.replacement", "place": LIXIA, "ground": "damaged"}
    )
    evidence = holder.client.upload(
        f"{RESIDENT}/applications/{draft['id']}/evidence",
        paper_jpeg("x"),
        document_code="old_permit",
        kind="old_permit",
    )
    return {"application_id": draft["id"], "evidence_id": evidence["id"]}


def _ward(journeys: Journeys, holder: Signed) -> dict[str, str]:
    """A child whose case is received and booked."""
    child = somebody(journeys.today, age=9)
    ward = holder.client.post(f"{RESIDENT}/wards", {**child.form, "relation": "guardian"})
    journeys.declare_stay(holder, LIXIA, months=14, person_id=ward["id"])
    case = journeys.apply(holder, "hmt.first_issue", person_id=ward["id"], study_proof="student_card")
    booked = journeys.book(holder, case)
    application = holder.client.get(f"{RESIDENT}/applications/{case['application_id']}")
    return {
        "person_id": ward["id"],
        "case_id": case["id"],
        "appointment_id": booked["id"],
        "staff_evidence_id": application["evidence"][0]["id"],
        "paper_kind": "submission_receipt",
    }


def _imported() -> dict[str, str]:
    """A person imported with a permit, and a line that may be the same person."""
    office = Office.objects.get(code="370102")
    by = Principal(
        PrincipalKind.STAFF, uuid4(), office.pk, office.path, office.region, frozenset([Role.REGISTRAR]), True
    )
    other = {"证件号码": "H87654321", "居住证号": "", "签发日期": "", "有效期至": "", "出生日期": "1950-01-22"}
    with tempfile.TemporaryDirectory() as folder:
        path = write_csv(Path(folder) / "a.csv", [{**somebody_listed(3), "出生日期": ""}, somebody_listed(3, **other)])
        run(Request(path, read_mapping(), office, by, legal_day(timezone.now()), is_applied=True), Unheard())
    proposal = Proposal.objects.get()
    permit = Permit.objects.get(person=proposal.person)
    return {"proposal_id": public_id("ipr", proposal.pk), "imported_permit_id": public_id("pmt", permit.pk)}


def _rights(journeys: Journeys, holder: Signed, ids: Mapping[str, str]) -> dict[str, str]:
    """Approvals for the child's record, and one of each thing that people's rights bring."""
    case = Case.objects.get(pk=parse_public_id("cas", ids["case_id"]))
    _approve_all(case)
    mine = f"{RESIDENT}/my"
    history = holder.client.get(f"{mine}/access-history", limit=100)["items"]
    doubted = [line for line in history if line["who"] == "staff"]
    objection = holder.client.post(f"{mine}/access-history/{doubted[0]['id']}/objection", {"words": "不是为我"})
    correction = holder.client.upload(f"{mine}/corrections", paper_jpeg("c"), field="latin_name", value="DEMO, CHAN")
    breach = journeys.officer("demo-auditor").post(
        f"{STAFF}/breaches", {"found_at": timezone.now().isoformat(), "level": "larger"}
    )
    decided = Case.objects.get(permit_id=parse_public_id("pmt", ids["permit_id"]))
    waiting = MinorApproval.objects.get(state="asked")
    return {
        "entry_id": doubted[1]["id"],
        "file_id": holder.client.get(f"{mine}/export")["files"][0]["id"],
        "decided_case_id": public_id("cas", decided.pk),
        "approval_id": public_id("map", waiting.pk),
        "objection_id": objection["id"],
        "correction_id": correction["id"],
        "breach_id": breach["id"],
    }


def _linked(journeys: Journeys, permit: Mapping[str, Any]) -> dict[str, str]:
    """The holder's two numbers linked at the window, and a question about that."""
    held = Permit.objects.get(pk=parse_public_id("pmt", permit["id"]))
    number = held.person.numbers.get(kind="hrp", is_current=True).number
    officer, path = journeys.officer(OFFICE), f"{STAFF}/permits/{permit['id']}/link"
    officer.post(path, {"kind": "hrp", "number": number, "saw_originals": True, "consent_signed": True})
    return {"question_id": officer.post(f"{path}/questions", {"words": "号码抄错"})["id"]}


def _approve_all(case: Case) -> None:
    """Let every officer whom the guards send open the child's case: what they try is about other things."""
    now = timezone.now()
    for key in Account.objects.filter(staff_member__isnull=False).values_list("pk", flat=True):
        MinorApproval.objects.create(
            person_id=case.person_id, officer_id=key, office_path=case.office_path, reason="casework", state="granted",
            decided_by=uuid4(), decided_at=now, last_day=legal_day(now) + timedelta(days=30),
        )  # fmt: skip


def _told(ids: Mapping[str, str]) -> dict[str, str]:
    """A message to the child that did not go, and words that wait for a second administrator."""
    person_id, case_id = parse_public_id("per", ids["person_id"]), parse_public_id("cas", ids["case_id"])
    message = Message.objects.create(
        person_id=person_id, kind="accepted", dedupe_key="1", object_kind="case", object_id=case_id, is_due=True,
        language="zh-Hans", subject="申请已受理", text="您的申请已受理。",
    )  # fmt: skip
    delivery = Delivery.objects.create(
        message=message, person_id=person_id, kind="accepted", is_due=True, channel="sms", address="+8613800000001",
        subject="", text="您好", state="failed", not_before=timezone.now(), expires_at=timezone.now(),
    )  # fmt: skip
    version = Template.objects.create(
        kind="accepted", channel="email", language="en", version=1, subject="Accepted", text="Hello.",
        proposed_by=uuid4(),
    )  # fmt: skip
    return {
        "message_id": public_id("msg", message.pk),
        "delivery_id": public_id("dlv", delivery.pk),
        "version_id": public_id("wrd", version.pk),
    }


def _reported(journeys: Journeys, holder: Signed) -> tuple[dict[str, str], dict[str, str]]:
    """A reporter, a report of it as if found to be of the holder, and a reporter whom nobody has verified."""
    new = [sign_up(0, f"demo-{secrets.token_hex(6)}", secrets.token_urlsafe(12)) for _ in range(2)]
    made = [each.post(f"{RESIDENT}/reporter", sample_reporter()) for each in new]
    Reporter.objects.filter(pk=parse_public_id("rpr", made[0]["id"])).update(
        state="verified", decided_by=uuid4(), decided_at=timezone.now()
    )
    report = new[0].post("/api/reporter/reports", sample_report(journeys.today.isoformat()))
    person_id = parse_public_id("per", holder.client.get(f"{RESIDENT}/person")["id"])
    Report.objects.filter(pk=parse_public_id("rep", report["id"])).update(person_id=person_id, waits_for="overlaps")
    return dict(new[0].headers), {"report_id": report["id"], "reporter_id": made[1]["id"]}


def sample_reporter() -> dict[str, str]:
    code = f"91330381{secrets.randbelow(10**9):09d}"
    return {
        "kind": "landlord", "name": "演示物业", "code": code + check_character(code), "contact": "0577-0000000",
        "region": LIXIA,
    }  # fmt: skip


def sample_report(day: str) -> dict[str, str]:
    number = resident_id(secrets.randbelow(500), "511302", date(1990, 5, 17), "M")
    return {
        "about": "start", "name": "陈演示", "number": number, "region": LIXIA, "address": "演示路2号",
        "happened_on": day,
    }  # fmt: skip


def sample_payloads(world: World) -> dict[str, Any]:
    """Return a well-formed body for each schema that comes in, so that a request reaches the row it names."""
    return {
        **_payloads_of_residents(world),
        **_payloads_of_casework(world),
        **_payloads_of_rights(world),
        **parties.payloads(world.ids),
        "CheckIn": {"purpose": "bank", "number": world.permit["number"], "name": secrets.token_hex(4)},
        "PresentationIn": {"purpose": "bank"},
        "ShareCodeIn": {"purpose": "bank", "code": "00000-00000", "birth_date": "1994-08-23"},
        "PhoneCodeIn": {"purpose": "bank", "code": "0000-0000-0000"},
        "PaperCodeIn": {"purpose": "bank", "code": "x"},
        "NewShareCodeIn": {"permit_id": world.ids["permit_id"], "purpose": "rent", "days": 1, "uses": 1},
        "TestAnswerIn": {"person": "simple"},
        "FetchIn": {},
        "SamePersonIn": sample_documents(world),
    }


def _payloads_of_residents(world: World) -> dict[str, Any]:
    """Return who one is, where one lives, who reports it, what one applies for."""
    who = somebody(world.journeys.today, region="HK").form
    return {
        "PersonIn": who,
        "WardIn": {**who, "relation": "guardian"},
        "StayIn": {"region": LIXIA, "address": "演示路2号", "start": "2020-01-01", "until": "2020-02-01"},
        "StayDeclarationIn": {
            "region": LIXIA,
            "address": "演示路2号",
            "start": "2020-01-01",
            "until": "2020-02-01",
            "workplace": "",
        },
        "MoveIn": {"region": LIXIA, "address": "演示路3号", "moved_on": world.journeys.today.isoformat()},
        "WorkplaceIn": {"workplace": "演示厂", "changed_on": world.journeys.today.isoformat()},
        "ReportAnswerIn": {"answer": "dispute", "words": "不住在那里"},
        "ReporterIn": sample_reporter(),
        "ReportIn": sample_report(world.journeys.today.isoformat()),
        "VerificationIn": {"is_verified": True},
        "ReportDecisionIn": {"is_right": False, "words": "经核实不属实"},
        "VoucherIn": sample_voucher(world),
        "StayCorrectionIn": {"region": LIXIA, "address": "演示路2号", "start": "2020-01-01", "reason": "typing_error"},
        "StayEndIn": {"until": world.journeys.today.isoformat()},
        "ApplicationIn": {"item": "hmt.reissue", "place": LIXIA, "ground": "lost"},
        "AnswersIn": {"delivery": "collect"},
    }


def _payloads_of_casework(world: World) -> dict[str, Any]:
    """Return what officers do with a case, with what follows it outside, and with a permit."""
    return {
        "AppointmentIn": {"starts_at": "2026-11-23T01:00:00Z"},
        "ReceiptIn": {"receipt": world.journeys.city.photo_receipt},
        "JudgementIn": {"words": [{"target": "condition", "code": "form_is_signed", "met": True, "reason": "seen"}]},
        "OpinionIn": {"words": "同意"},
        "ReviewIn": {"recommends": "grant", "words": "同意"},
        "HandOverIn": {},
        "PromiseIn": {"hash": promise_hash()},
        "ConfirmIn": {"declares_true": True},
        "PostCheckIn": {"is_in_order": True, "words": "已核"},
        "AnsweringIn": {"office": "370100-01", "rule": "every_condition_is_met", "officer": OFFICE},
        "AskedRegistersIn": {"kinds": None},
        "BankAccountIn": {"bank": "演示银行", "number": "6217 0000 0000 0000 02"},
        "DestinationIn": {
            "code": "new",
            "name": "演示平台",
            "url": "https://data.example/events",
            "legal_basis": "国务院令第716号",
            "content": "licence",
            "kinds": ["permits.issued"],
        },
        "ReasonIn": {"reason": "人已注销"},
        "VoidIn": {"ground": "false_proof"},
        "EndFunctionsIn": {"ground": "local_household"},
        "NoticeReadIn": {"hash": world.ids["notice_hash"]},
        "PapersIn": {name: world.ids[name] for name in ("approval_notice_number", "settlement_permit_number")},
    }


def _payloads_of_rights(world: World) -> dict[str, Any]:
    """Return what concerns one's data, breaches and messages."""
    return {
        "AnswerIn": {"answer": "later"},
        "ObjectionIn": {"words": "不是为我"},
        "ConsentIn": {"use": "notifications", "answer": "given"},
        "ApprovalIn": {"about": world.ids["case_id"], "reason": "casework", "words": "审核"},
        "ApprovalDecisionIn": {"granted": True, "officers": ["demo-clerk"], "words": "同意"},
        "RatingIn": {"grade": 4, "words": ""},
        "RatingAnswerIn": {"outcome": "mended", "words": "已核实并整改"},
        "CallBackIn": {"was_reached": True, "words": "已回访"},
        "ObjectionAnswerIn": {"outcome": "explained", "words": "按规定审核"},
        "CorrectionDecisionIn": {"applied": False, "reasons": "证件如此"},
        "BreachIn": {"found_at": "2026-01-01T00:00:00Z", "level": "general"},
        "SettlementIn": {"to": "persons", "outcome": "not_needed", "words": "已消除危害"},
        "PreferencesIn": {"language": "en", "quiet_from": "22:00", "quiet_until": "07:00"},
        "ContactIn": {"channel": "sms", "address": "+8613800000001"},
        "CodeIn": {"channel": "sms", "code": objects.CODE},
        "WordsIn": {"kind": "accepted", "channel": "sms", "language": "en", "text": "Hello. {item} was accepted."},
        "WordsPlaceIn": {"kind": "accepted", "channel": "sms", "language": "en"},
        "WordsDecisionIn": {"approved": False},
        "PersonsToldIn": {"persons": [world.ids["person_id"]]},
        "LinkIn": {"kind": "hrp", "number": "H53960799", "agreed": True, "separate": ["provision"]},
        "LinkDoubtIn": {"words": "不是我的通行证"},
        "WindowLinkIn": {"kind": "hrp", "number": "H53960799", "saw_originals": True, "consent_signed": True},
        "LinkReportIn": {"words": "号码抄错"},
        "LinkDecisionIn": {"decision": "stands", "words": "已核对两证原件"},
    }


def sample_documents(world: World) -> dict[str, Any]:
    """Return a permit and a travel permit, each with a name of nobody."""
    known = {"kind": "hmt_permit", "number": world.permit["number"], "name": secrets.token_hex(4)}
    return {"purpose": "bank", "known": known, "other": {"kind": "hrp", "number": "H53960799", "name": "x"}}


def sample_voucher(world: World) -> dict[str, str]:
    """Return a voucher as the platform gave it."""
    stay = Registration.objects.get(person_id=parse_public_id("per", world.ids["mainlander_id"]))
    return dict(voucher_of(stay, stay.person.name))


@cache
def promise_hash() -> str:
    law = law_for("floating.conversion_permit", QINGYUAN, legal_day(timezone.now()))
    return promise_of(law, item_of(law, "floating.conversion_permit")).hash


def sample_form(path: str) -> dict[str, Any]:
    """Return a well-formed form for a route that takes a file."""
    file = SimpleUploadedFile("paper", photo_jpeg(), content_type="image/jpeg")
    if path.endswith("/lists"):
        rows = "事项,姓名,公民身份号码,区划代码,居住地址,日期\n入住,陈演示,,370102,演示路2号,2026-09-01\n"
        return {"file": SimpleUploadedFile("list.csv", rows.encode(), content_type="text/csv")}
    if path.endswith("/bulk"):
        rows = "证件类型,证件号码,姓名\n回乡证,H53960799,陈演示\n"
        return {"purpose": "bank", "file": SimpleUploadedFile("rows.csv", rows.encode(), content_type="text/csv")}
    if path.endswith("/captures"):
        return {"kind": "photo", "file": file}
    if path.endswith("/corrections"):
        return {"field": "name", "value": "陈大文", "file": file}
    return {"document_code": "old_permit", "kind": "old_permit", "file": file}
