"""A first issue from the draft to the card in the hand, then losses and finds."""

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from benchmarks.flow import Cast
from benchmarks.pictures import drawn_pictures
from faults.caller import Answer, Caller, GaveUp

RESIDENT, STAFF = "/api/resident", "/api/staff"
_TIMES_TRIED = 12


class FirstIssue:
    """What one resident and three officers do, in order, and what the resident goes on doing afterwards."""

    def __init__(self, callers: Mapping[str, Caller], cast: Cast) -> None:
        self._callers = callers
        self._resident, self._clerk = callers["resident"], callers["clerk"]
        self._reviewer, self._approver = callers["reviewer"], callers["approver"]
        self._cast = cast
        self._pictures = drawn_pictures()
        self._application = self._etag = self._case = self._permit = ""

    def steps(self) -> Iterator[Callable[[], object]]:
        """Yield every step until the card is handed over."""
        yield from (self._start, self._fill_in, self._attach("travel_document", "hrp"))
        yield from (self._attach("dwelling_proof", "lease"), self._submit, self._book)
        yield from self._visit()
        yield self._step(self._clerk, "accept", "acceptance", {"words": "材料已收"})
        yield self._judge
        yield self._step(self._reviewer, "review", "review", {"recommends": "grant", "words": "已审核"})
        yield self._approve
        yield self._step(self._clerk, "card", "card", {})
        yield self._step(self._clerk, "hand_over", "hand-over", {})

    def meanwhile(self) -> Iterator[Callable[[], object]]:
        """Yield what may follow as often as there is time."""
        yield lambda: self._resident.post("lose", f"{RESIDENT}/permits/{self._permit}/loss")
        yield lambda: self._resident.post("find", f"{RESIDENT}/permits/{self._permit}/recovery")

    def _visit(self) -> Iterator[Callable[[], object]]:
        pictures = self._pictures
        yield self._at_counter("receive_visitor", "visitor")
        yield self._capture("photo", pictures.photo)
        yield self._capture("fingerprints", pictures.fingerprints)
        yield self._at_counter("print_form", "form")
        yield self._capture("signed_form", pictures.signed_form)

    def _start(self) -> None:
        wanted = {"item": "hmt.first_issue", "place": self._cast.region}
        started = self._resident.post("start", f"{RESIDENT}/applications", wanted)
        self._application, self._etag = f"{RESIDENT}/applications/{started.json()['id']}", _etag(started)

    def _fill_in(self) -> None:
        saved = self._resident.patch("save_answers", self._application, _answers(self._cast), etag=self._etag)
        self._etag = _etag(saved)

    def _attach(self, code: str, kind: str) -> Callable[[], object]:
        return lambda: self._resident.upload(
            "attach", f"{self._application}/evidence", self._pictures.paper, document_code=code, kind=kind
        )

    def _submit(self) -> None:
        submitted = self._resident.post("submit", f"{self._application}/submission", etag=self._etag)
        self._case = submitted.json()["id"]
        for caller in self._callers.values():
            caller.subject = self._case

    def _book(self) -> None:
        path = f"{RESIDENT}/cases/{self._case}"
        for _ in range(_TIMES_TRIED):
            times = self._resident.get(f"{path}/times?day={random.choice(self._cast.days)}").json()
            if times and self._is_booked(f"{path}/appointment", random.choice(times)):
                return
        raise GaveUp("no free seat was found")

    def _is_booked(self, path: str, time: str) -> bool:
        """Try to book a time; say whether it was still free."""
        try:
            self._resident.post("book", path, {"starts_at": time})
        except GaveUp as taken:
            if "slot_full" not in str(taken):
                raise
            return False
        return True

    def _at_counter(self, operation: str, path: str) -> Callable[[], object]:
        return lambda: self._clerk.post(operation, f"{STAFF}/cases/{self._case}/{path}")

    def _capture(self, kind: str, content: bytes) -> Callable[[], object]:
        return lambda: self._clerk.upload(f"capture_{kind}", f"{STAFF}/cases/{self._case}/captures", content, kind=kind)

    def _step(self, caller: Caller, operation: str, path: str, said: Mapping[str, object]) -> Callable[[], object]:
        return lambda: caller.post(
            operation, f"{STAFF}/cases/{self._case}/{path}", said, etag=_etag(self._opened_by(caller))
        )

    def _judge(self) -> None:
        opened = self._opened_by(self._reviewer)
        said = {"words": [_word(line) for line in opened.json()["checklist"]]}
        self._reviewer.post("judge", f"{STAFF}/cases/{self._case}/judgement", said, etag=_etag(opened))

    def _approve(self) -> None:
        etag = _etag(self._opened_by(self._approver))
        path = f"{STAFF}/cases/{self._case}/approval"
        self._permit = self._approver.post("approve", path, {"words": "同意"}, etag=etag).json()["id"]

    def _opened_by(self, caller: Caller) -> Answer:
        return caller.get(f"{STAFF}/cases/{self._case}")


def _answers(cast: Cast) -> dict[str, object]:
    return {
        "residence_address": "山东省济南市演示路1号1单元101室",
        "phone": "+852 5550 0100",
        "delivery": "collect",
        "service_point": cast.service_point,
        "declares_own_will": True,
        "declares_true": True,
        "claims": ["dwelling"],
    }


def _word(line: Mapping[str, Any]) -> dict[str, Any]:
    return {"target": line["target"], "code": line["code"], "met": line["found"] is not False}


def _etag(answer: Answer) -> str:
    return {name.lower(): value for name, value in answer.headers.items()}.get("etag", "")
