"""Asking a form: each vector posted to its adapter, and what it did beside what it must do."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from yizhengtong.kernel.outbound import OutboundProblem, Service
from yizhengtong.project.conformance.vectors import Vector

UNREACHED = "it could not be reached, or not in time"
NOT_SAID = 'its answer is not {"accepted": true} or {"accepted": false}'
_MOST_BYTES = 16 * 1024
_TIMEOUT_SECONDS = 10.0


class Verdict(StrEnum):
    """How a form fared with one vector."""

    RIGHT = "right"
    WRONGLY_REFUSED = "wrongly_refused"
    WRONGLY_TAKEN = "wrongly_taken"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a vector. `because`: why there was no answer, else empty."""

    vector: Vector
    verdict: Verdict
    because: str = ""


class _Silence(Exception):
    """The adapter did not say what its form did; the text says why."""


def adapter_at(address: str, private_networks: Sequence[str] = ()) -> Service:
    """Return the adapter of a form. Raises ValueError for an address that is neither https nor http on this machine."""
    return Service(address, private_networks=private_networks, timeout_seconds=_TIMEOUT_SECONDS, most_bytes=_MOST_BYTES)


def run(adapter: Service, asked: Sequence[Vector]) -> Iterator[Result]:
    """Post one vector after the other, and yield what became of each. An adapter that fails hurts that vector alone."""
    for vector in asked:
        yield _result(adapter, vector)


def _result(adapter: Service, vector: Vector) -> Result:
    try:
        taken = _taken(adapter, vector)
    except _Silence as silence:
        return Result(vector, Verdict.NO_ANSWER, str(silence))
    if taken == vector.must_take:
        return Result(vector, Verdict.RIGHT)
    return Result(vector, Verdict.WRONGLY_REFUSED if vector.must_take else Verdict.WRONGLY_TAKEN)


def _taken(adapter: Service, vector: Vector) -> bool:
    """Return whether the form took it. Raises _Silence."""
    body = json.dumps(vector.as_json(), ensure_ascii=False).encode()
    try:
        answer = adapter.ask("POST", "", body, {"Content-Type": "application/json", "Accept": "application/json"})
    except OutboundProblem as problem:
        raise _Silence(UNREACHED) from problem
    if answer.status != HTTPStatus.OK:
        raise _Silence(f"it answered with {answer.status}")
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise _Silence(NOT_SAID) from error
    taken = told.get("accepted") if isinstance(told, dict) else None
    if not isinstance(taken, bool):
        raise _Silence(NOT_SAID)
    return taken
