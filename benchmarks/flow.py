"""One whole case over HTTP: draft, answers, two papers, submission, booking, counter, three opinions, card."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.wire import Answer, Connection, WrongAnswer

RESIDENT, STAFF = "/api/resident", "/api/staff"
KINDS = (
    "start_draft", "save_answers", "attach_paper", "look_ahead", "submit", "list_times", "book",
    "receive_visitor", "capture_photo", "capture_fingerprints", "print_form", "capture_signed_form", "accept",
    "open_case", "judge", "review", "approve", "record_card_made", "hand_over",
)  # fmt: skip
"""Every kind of request a case consists of, in order of first use."""

_TIMES_TRIED = 5
Note = Callable[[str, Answer], None]


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is uploaded: JPEGs of a photo, of a paper, of fingerprints, of a signed form."""

    photo: bytes
    paper: bytes
    fingerprints: bytes
    signed_form: bytes

    @property
    def bytes_a_case(self) -> int:
        """Return how many bytes of pictures one case uploads: two papers and three captures."""
        return 2 * len(self.paper) + len(self.photo) + len(self.fingerprints) + len(self.signed_form)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part in one case: tokens of sessions, and where it happens."""

    resident: str
    clerk: str
    reviewer: str
    approver: str
    region: str
    service_point: str
    days: tuple[str, ...]


def cast_of(known: Mapping[str, Any], n: int) -> Cast:
    """Return who takes part in case `n` of what benchmarks.prepare wrote."""
    resident = known["residents"][n]
    point = next(point for point in known["points"] if point["region"] == resident["region"])
    return Cast(
        resident=resident["session"],
        clerk=point["clerk"],
        reviewer=point["reviewer"],
        approver=point["approver"],
        region=resident["region"],
        service_point=point["code"],
        days=tuple(known["days"]),
    )


def run_case(port: int, cast: Cast, pictures: Pictures, note: Note) -> str:
    """Run one case to its end, each person over a connection of their own. Returns its id. Raises WrongAnswer."""
    people = {
        name: Connection(port, {"X-Session-Token": getattr(cast, name), "Accept-Language": "zh-Hans"})
        for name in ("resident", "clerk", "reviewer", "approver")
    }
    try:
        case_id = _apply(people["resident"], cast, pictures, note)
        _book(people["resident"], case_id, cast, note)
        _visit(people["clerk"], case_id, pictures, note)
        _judge(people["reviewer"], case_id, note)
        _approve(people["approver"], case_id, note)
        _hand_over(people["clerk"], case_id, note)
    finally:
        for connection in people.values():
            connection.close()
    return case_id


def _apply(client: Connection, cast: Cast, pictures: Pictures, note: Note) -> str:
    started = client.post(f"{RESIDENT}/applications", {"item": "hmt.first_issue", "place": cast.region})
    note("start_draft", started)
    path = f"{RESIDENT}/applications/{started.json()['id']}"
    answers = {
        "residence_address": "山东省济南市演示路1号1单元101室",
        "phone": "+852 5550 0100",
        "delivery": "collect",
        "service_point": cast.service_point,
        "declares_own_will": True,
        "declares_true": True,
        "claims": ["dwelling"],
    }
    saved = client.patch(path, answers, etag=started.etag)
    note("save_answers", saved)
    for document_code, kind in (("travel_document", "hrp"), ("dwelling_proof", "lease")):
        given = client.upload(f"{path}/evidence", pictures.paper, document_code=document_code, kind=kind)
        note("attach_paper", given)
    note("look_ahead", client.get(f"{path}/look-ahead"))
    submitted = client.post(f"{path}/submission", etag=saved.etag)
    note("submit", submitted)
    return str(submitted.json()["id"])


def _book(client: Connection, case_id: str, cast: Cast, note: Note) -> None:
    for _ in range(_TIMES_TRIED):
        offered = client.get(f"{RESIDENT}/cases/{case_id}/times?day={random.choice(cast.days)}")
        note("list_times", offered)
        times = offered.json()
        if not times:
            continue
        try:
            note("book", client.post(f"{RESIDENT}/cases/{case_id}/appointment", {"starts_at": random.choice(times)}))
        except WrongAnswer as taken:
            if "slot_full" not in str(taken):
                raise
        else:
            return
    raise WrongAnswer("no free seat was found")


def _visit(client: Connection, case_id: str, pictures: Pictures, note: Note) -> None:
    path = f"{STAFF}/cases/{case_id}"
    note("receive_visitor", client.post(f"{path}/visitor"))
    note("capture_photo", client.upload(f"{path}/captures", pictures.photo, kind="photo"))
    note("capture_fingerprints", client.upload(f"{path}/captures", pictures.fingerprints, kind="fingerprints"))
    note("print_form", client.post(f"{path}/form"))
    signed = client.upload(f"{path}/captures", pictures.signed_form, kind="signed_form")
    note("capture_signed_form", signed)
    note("accept", client.post(f"{path}/acceptance", {"words": "材料已收"}, etag=signed.etag))


def _judge(client: Connection, case_id: str, note: Note) -> None:
    path = f"{STAFF}/cases/{case_id}"
    opened = client.get(path)
    note("open_case", opened)
    words = [
        {"target": line["target"], "code": line["code"], "met": line["found"] is not False}
        for line in opened.json()["checklist"]
    ]
    judged = client.post(f"{path}/judgement", {"words": words}, etag=opened.etag)
    note("judge", judged)
    note("review", client.post(f"{path}/review", {"recommends": "grant", "words": "已审核"}, etag=judged.etag))


def _approve(client: Connection, case_id: str, note: Note) -> None:
    path = f"{STAFF}/cases/{case_id}"
    opened = client.get(path)
    note("open_case", opened)
    note("approve", client.post(f"{path}/approval", {"words": "同意"}, etag=opened.etag))


def _hand_over(client: Connection, case_id: str, note: Note) -> None:
    path = f"{STAFF}/cases/{case_id}"
    opened = client.get(path)
    note("open_case", opened)
    made = client.post(f"{path}/card", etag=opened.etag)
    note("record_card_made", made)
    note("hand_over", client.post(f"{path}/hand-over", {}, etag=made.etag))
