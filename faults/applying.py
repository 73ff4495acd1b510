"""What all applications have in common: the applicant's steps, the counter's, the officers'."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from benchmarks.flow import Cast
from benchmarks.pictures import drawn_pictures
from faults.caller import Answer, Caller, GaveUp

RESIDENT, STAFF = "/api/resident", "/api/staff"
_TIMES_TRIED = 12
Step = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is applied for: the item, its ground, answers besides those that every form asks, papers by document."""

    item: str
    answers: Mapping[str, object] = field(default_factory=dict)
    papers: Mapping[str, str] = field(default_factory=dict)
    ground: str = ""


class Applying:
    """One applicant and three officers. A journey puts these steps in its order."""

    wanted: ClassVar[Wanted]

    def __init__(self, callers: Mapping[str, Caller], cast: Cast) -> None:
        self._callers = callers
        self._resident, self._clerk = callers["resident"], callers["clerk"]
        self._reviewer, self._approver = callers["reviewer"], callers["approver"]
        self._cast = cast
        self._pictures = drawn_pictures()
        self._application = self._etag = self._case = self._permit = ""

    def meanwhile(self) -> Iterator[Step]:
        """Yield what may follow as often as there is time: the card is lost and found."""
        yield lambda: self._resident.post("lose", f"{RESIDENT}/permits/{self._permit}/loss")
        yield lambda: self._resident.post("find", f"{RESIDENT}/permits/{self._permit}/recovery")

    def _prepared(self) -> Iterator[Step]:
        """A draft, filled in, with its papers."""
        yield from (self._start, self._fill_in)
        yield from (self._attach(code, kind) for code, kind in self.wanted.papers.items())

    def _visit(self, *captures: str) -> Iterator[Step]:
        """At the counter: captures, then the form printed and signed."""
        yield self._at_counter("receive_visitor", "visitor")
        yield from (self._capture(kind) for kind in captures)
        yield self._at_counter("print_form", "form")
        yield self._capture("signed_form")

    def _decided(self, operation: str) -> Iterator[Step]:
        """Three opinions; `operation` is the approval's name in the ledger."""
        yield self._step(self._clerk, "accept", "acceptance", {"words": "材料已收"})
        yield self._judge
        yield self._step(self._reviewer, "review", "review", {"recommends": "grant", "words": "已审核"})
        yield lambda: self._approve(operation)

    def _handed_over(self) -> Iterator[Step]:
        yield self._step(self._clerk, "card", "card", {})
        yield self._step(self._clerk, "hand_over", "hand-over", {})

    def _start(self) -> None:
        wanted = {"item": self.wanted.item, "place": self._cast.region, "ground": self.wanted.ground}
        started = self._resident.post("start", f"{RESIDENT}/applications", wanted)
        self._application, self._etag = f"{RESIDENT}/applications/{started.json()['id']}", etag_of(started)

    def _fill_in(self) -> None:
        answers = {
            "residence_address": "演示路1号1单元101室", "phone": "+852 5550 0100", "declares_true": True,
            "service_point": self._cast.service_point, **self.wanted.answers,
        }  # fmt: skip
        self._etag = etag_of(self._resident.patch("save_answers", self._application, answers, etag=self._etag))

    def _attach(self, code: str, kind: str) -> Step:
        return lambda: self._resident.upload(
            "attach", f"{self._application}/evidence", self._pictures.paper, document_code=code, kind=kind
        )

    def _submit(self) -> None:
        self._note_case(self._resident.post("submit", f"{self._application}/submission", etag=self._etag))

    def _note_case(self, submitted: Answer) -> None:
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

    def _at_counter(self, operation: str, path: str) -> Step:
        return lambda: self._clerk.post(operation, f"{STAFF}/cases/{self._case}/{path}")

    def _capture(self, kind: str) -> Step:
        content: bytes = getattr(self._pictures, kind)
        return lambda: self._clerk.upload(f"capture_{kind}", f"{STAFF}/cases/{self._case}/captures", content, kind=kind)

    def _step(self, caller: Caller, operation: str, path: str, said: Mapping[str, object]) -> Step:
        return lambda: caller.post(
            operation, f"{STAFF}/cases/{self._case}/{path}", said, etag=etag_of(self._opened_by(caller))
        )

    def _judge(self) -> None:
        opened = self._opened_by(self._reviewer)
        said = {"words": [_word(line) for line in opened.json()["checklist"]]}
        self._reviewer.post("judge", f"{STAFF}/cases/{self._case}/judgement", said, etag=etag_of(opened))

    def _approve(self, operation: str) -> None:
        etag = etag_of(self._opened_by(self._approver))
        path = f"{STAFF}/cases/{self._case}/approval"
        self._permit = self._approver.post(operation, path, {"words": "同意"}, etag=etag).json()["id"]

    def _opened_by(self, caller: Caller) -> Answer:
        return caller.get(f"{STAFF}/cases/{self._case}")


def etag_of(answer: Answer) -> str:
    """Return the version that an answer tells."""
    return {name.lower(): value for name, value in answer.headers.items()}.get("etag", "")


def _word(line: Mapping[str, Any]) -> dict[str, Any]:
    return {"target": line["target"], "code": line["code"], "met": line["found"] is not False}
