"""What residents and officers do meanwhile: whole cases, losses and finds, each request acknowledged or sent again."""

import random
import threading
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.flow import Cast, cast_of
from benchmarks.pictures import drawn_pictures
from faults.caller import Answer, Caller, GaveUp, NoAnswer, World

RESIDENT, STAFF = "/api/resident", "/api/staff"
_TIMES_TRIED = 12
_LOSSES = 3
_ROLES = ("resident", "clerk", "reviewer", "approver")


class Turns:
    """Hands out residents, each once."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self.known = known
        self._next = 0
        self._lock = threading.Lock()
        self.done = 0

    def take(self) -> Cast | None:
        with self._lock:
            if self._next >= len(self.known["residents"]):
                return None
            self._next += 1
            return cast_of(self.known, self._next - 1)

    def note_done(self) -> None:
        with self._lock:
            self.done += 1


def keep_going(world: World, turns: Turns) -> None:
    """Run one journey after another until the end is asked for or nobody is left."""
    while not world.is_ending.is_set():
        cast = turns.take()
        if cast is None:
            return
        _journey(world, turns, cast)


def _journey(world: World, turns: Turns, cast: Cast) -> None:
    callers = {role: Caller(world, getattr(cast, role)) for role in _ROLES}
    try:
        for step in _steps(callers, cast):
            if world.is_ending.is_set():
                return
            step()
        turns.note_done()
    except NoAnswer:
        world.waited_in_vain += 1
    except GaveUp as refused:
        world.refusals.append(str(refused))
    finally:
        for caller in callers.values():
            caller.close()


def _steps(callers: dict[str, Caller], cast: Cast) -> list[Callable[[], None]]:  # noqa: C901 one journey, told once
    """Return the steps of a first issue, then losses and finds. A step is one request, or a read and a request."""
    resident, clerk, reviewer, approver = (callers[role] for role in _ROLES)
    pictures = drawn_pictures()
    seen: dict[str, Any] = {}

    def start() -> None:
        started = resident.post("start", f"{RESIDENT}/applications", {"item": "hmt.first_issue", "place": cast.region})
        seen["path"], seen["etag"] = f"{RESIDENT}/applications/{started.json()['id']}", _etag(started)

    def fill_in() -> None:
        seen["etag"] = _etag(resident.patch("save_answers", seen["path"], _answers(cast), etag=seen["etag"]))

    def attach(code: str, kind: str) -> Callable[[], None]:
        path = "evidence"
        return lambda: _ignore(
            resident.upload("attach", f"{seen['path']}/{path}", pictures.paper, document_code=code, kind=kind)
        )

    def submit() -> None:
        submitted = resident.post("submit", f"{seen['path']}/submission", etag=seen["etag"])
        seen["case"] = submitted.json()["id"]
        for caller in callers.values():
            caller.subject = seen["case"]

    def book() -> None:
        for _ in range(_TIMES_TRIED):
            times = resident.get(f"{RESIDENT}/cases/{seen['case']}/times?day={random.choice(cast.days)}").json()
            if not times:
                continue
            try:
                resident.post(
                    "book", f"{RESIDENT}/cases/{seen['case']}/appointment", {"starts_at": random.choice(times)}
                )
            except GaveUp as taken:
                if "slot_full" not in str(taken):
                    raise
            else:
                return
        raise GaveUp("no free seat was found")

    def at_counter(operation: str, path: str) -> Callable[[], None]:
        return lambda: _ignore(clerk.post(operation, f"{STAFF}/cases/{seen['case']}/{path}"))

    def capture(kind: str, content: bytes) -> Callable[[], None]:
        return lambda: _ignore(
            clerk.upload(f"capture_{kind}", f"{STAFF}/cases/{seen['case']}/captures", content, kind=kind)
        )

    def step(caller: Caller, operation: str, path: str, payload: dict[str, Any]) -> Callable[[], None]:
        def take() -> None:
            opened = caller.get(f"{STAFF}/cases/{seen['case']}")
            said = payload
            if operation == "judge":
                said = {"words": [_word(line) for line in opened.json()["checklist"]]}
            answer = caller.post(operation, f"{STAFF}/cases/{seen['case']}/{path}", said, etag=_etag(opened))
            if operation == "approve":
                seen["permit"] = answer.json()["id"]

        return take

    def permit(operation: str, path: str) -> Callable[[], None]:
        return lambda: _ignore(resident.post(operation, f"{RESIDENT}/permits/{seen['permit']}/{path}"))

    return [
        start, fill_in, attach("travel_document", "hrp"), attach("dwelling_proof", "lease"), submit, book,
        at_counter("receive_visitor", "visitor"), capture("photo", pictures.photo),
        capture("fingerprints", pictures.fingerprints), at_counter("print_form", "form"),
        capture("signed_form", pictures.signed_form), step(clerk, "accept", "acceptance", {"words": "材料已收"}),
        step(reviewer, "judge", "judgement", {}),
        step(reviewer, "review", "review", {"recommends": "grant", "words": "已审核"}),
        step(approver, "approve", "approval", {"words": "同意"}), step(clerk, "card", "card", {}),
        step(clerk, "hand_over", "hand-over", {}),
        *[permit("lose", "loss"), permit("find", "recovery")] * _LOSSES,
    ]  # fmt: skip


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


def _ignore(_answer: Answer) -> None:
    pass
