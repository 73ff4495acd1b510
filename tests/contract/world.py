"""One small world for the guards of the API: real credentials of every kind, real rows of every kind, in one process.

It is made by the same journeys that `make up` shows, sent to Django without a socket between.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from uuid import uuid4

import django.test
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from yizhengtong.kernel.dates import legal_day
from yizhengtong.project.demonstration.city import make_city
from yizhengtong.project.demonstration.client import Client, Refused
from yizhengtong.project.demonstration.journeys import LIXIA, RESIDENT, Journeys
from yizhengtong.project.demonstration.journeys import Resident as Signed
from yizhengtong.project.demonstration.narration import Narrator
from yizhengtong.project.demonstration.people import paper_jpeg, photo_jpeg, somebody

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
        credentials = {
            "holder": dict(holder.client.headers),
            "stranger": dict(stranger.client.headers),
            "nobody": {},
            "partner": {"Authorization": f"Bearer {journeys.city.relying_party_key}"},
        }
        for name in (OFFICE, OTHER_OFFICE, "demo-reviewer", "demo-approver", "demo-auditor", "demo-supervisor"):
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
        "CheckIn": {"purpose": "bank", "number": world.permit["number"], "name": secrets.token_hex(4)},
    }


def sample_form(path: str) -> dict[str, Any]:
    """Return a well-formed form for a route that takes a file."""
    file = SimpleUploadedFile("paper", photo_jpeg(), content_type="image/jpeg")
    if path.endswith("/captures"):
        return {"kind": "photo", "file": file}
    return {"document_code": "old_permit", "kind": "old_permit", "file": file}
