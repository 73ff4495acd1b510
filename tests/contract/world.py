"""One small world for the guards of the API: real credentials of every kind, real rows of every kind, in one process.

It is made by the same journeys that `make up` shows, sent to Django without a socket between.
"""

import json
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import django.test
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from tests.support.lists import somebody as somebody_listed
from tests.support.lists import write_csv
from yizhengtong.foundation.accounts.models import Account, Office
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.importing.mapping import read_mapping
from yizhengtong.permitting.importing.models import Proposal
from yizhengtong.permitting.importing.running import Request, Told, run
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.project.demonstration.city import make_city
from yizhengtong.project.demonstration.client import Client, Refused
from yizhengtong.project.demonstration.journeys import LIXIA, RESIDENT, STAFF, Journeys
from yizhengtong.project.demonstration.journeys import Resident as Signed
from yizhengtong.project.demonstration.narration import Narrator
from yizhengtong.project.demonstration.people import paper_jpeg, photo_jpeg, somebody
from yizhengtong.registry.people.models import MinorApproval

OFFICE, OTHER_OFFICE = "demo-clerk", "demo-shizhong"
NO_SUCH = "0" * 26


@dataclass(slots=True)
class World:
    """Credentials as headers by name, and the ids of rows by the name of the path parameter they stand for."""

    credentials: dict[str, dict[str, str]]
    ids: dict[str, str]
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
        ids |= _imported() | _rights(journeys, holder, ids)
        credentials = {
            "holder": dict(holder.client.headers),
            "stranger": dict(stranger.client.headers),
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
    return World(credentials, ids, journeys, permit)


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
        run(Request(path, read_mapping(), office, by, legal_day(timezone.now()), is_applied=True), _Unheard())
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


def _approve_all(case: Case) -> None:
    """Let every officer whom the guards send open the child's case: what they try is about other things."""
    now = timezone.now()
    for key in Account.objects.filter(staff_member__isnull=False).values_list("pk", flat=True):
        MinorApproval.objects.create(
            person_id=case.person_id, officer_id=key, office_path=case.office_path, reason="casework", state="granted",
            decided_by=uuid4(), decided_at=now, last_day=legal_day(now) + timedelta(days=30),
        )  # fmt: skip


class _Unheard:
    """Is told of an import and says nothing."""

    def tell(self, told: Told) -> None:
        pass

    def progress(self, line: int) -> None:
        pass


def sample_payloads(world: World) -> dict[str, Any]:
    """Return a well-formed body for each schema that comes in, so that a request reaches the row it names."""
    who = somebody(world.journeys.today, region="HK").form
    return {
        "PersonIn": who,
        "WardIn": {**who, "relation": "guardian"},
        "StayIn": {"region": LIXIA, "address": "演示路2号", "start": "2020-01-01", "until": "2020-02-01"},
        "StayCorrectionIn": {"region": LIXIA, "address": "演示路2号", "start": "2020-01-01", "reason": "typing_error"},
        "StayEndIn": {"until": world.journeys.today.isoformat()},
        "ApplicationIn": {"item": "hmt.reissue", "place": LIXIA, "ground": "lost"},
        "AnswersIn": {"delivery": "collect"},
        "AppointmentIn": {"starts_at": "2026-11-23T01:00:00Z"},
        "ReceiptIn": {"receipt": world.journeys.city.photo_receipt},
        "JudgementIn": {"words": [{"target": "condition", "code": "form_is_signed", "met": True, "reason": "seen"}]},
        "OpinionIn": {"words": "同意"},
        "ReviewIn": {"recommends": "grant", "words": "同意"},
        "HandOverIn": {},
        "VoidIn": {"ground": "false_proof"},
        "AnswerIn": {"answer": "later"},
        "ObjectionIn": {"words": "不是为我"},
        "ConsentIn": {"use": "notifications", "answer": "given"},
        "ApprovalIn": {"about": world.ids["case_id"], "reason": "casework", "words": "审核"},
        "ApprovalDecisionIn": {"granted": True, "officers": ["demo-clerk"], "words": "同意"},
        "ObjectionAnswerIn": {"outcome": "explained", "words": "按规定审核"},
        "CorrectionDecisionIn": {"applied": False, "reasons": "证件如此"},
        "BreachIn": {"found_at": "2026-01-01T00:00:00Z", "level": "general"},
        "SettlementIn": {"to": "persons", "outcome": "not_needed", "words": "已消除危害"},
        "CheckIn": {"purpose": "bank", "number": world.permit["number"], "name": secrets.token_hex(4)},
    }


def sample_form(path: str) -> dict[str, Any]:
    """Return a well-formed form for a route that takes a file."""
    file = SimpleUploadedFile("paper", photo_jpeg(), content_type="image/jpeg")
    if path.endswith("/captures"):
        return {"kind": "photo", "file": file}
    if path.endswith("/corrections"):
        return {"field": "name", "value": "陈大文", "file": file}
    return {"document_code": "old_permit", "kind": "old_permit", "file": file}
