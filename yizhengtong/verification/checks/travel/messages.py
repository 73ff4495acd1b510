"""What is sent to the platform's service, and what comes back (docs/contracts/travel-documents.md). No Django."""

import json
from datetime import date
from typing import Any

from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.verification.checks.travel.contract import Answer, Question, Result

_QUESTION = {"id", "kind", "number", "name", "birth_date", "on", "purpose"}
_ANSWER = {"id", "result", "as_of"}


def question_body(identity: str, question: Question) -> bytes:
    """Return a question as it is sent. What it holds of a person stands here, in no address and no header."""
    content = {
        "id": identity,
        "kind": question.kind,
        "number": question.number,
        "name": question.name,
        "birth_date": question.birth_date.isoformat(),
        "on": question.on.isoformat(),
        "purpose": question.purpose,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def read_question(body: bytes) -> tuple[str, Question]:
    """Return a question and its id. Raises ValueError for what is none."""
    content = _object(body, _QUESTION)
    texts = {name: _text(content[name]) for name in _QUESTION}
    question = Question(
        DocumentKind(texts["kind"]), texts["number"], texts["name"], date.fromisoformat(texts["birth_date"]),
        date.fromisoformat(texts["on"]), texts["purpose"],
    )  # fmt: skip
    return texts["id"], question


def answer_body(identity: str, answer: Answer) -> bytes:
    """Return an answer as it is sent."""
    as_of = answer.as_of.isoformat() if answer.as_of else None
    return json.dumps({"id": identity, "result": answer.result, "as_of": as_of}).encode()


def read_answer(body: bytes, identity: str) -> Answer:
    """Return the answer to a question. Raises ValueError for one to another question, with more than was asked, or
    not to the form: it is then no answer at all."""
    content = _object(body, _ANSWER)
    result = Result(_text(content["result"]))
    if content["id"] != identity or result == Result.UNAVAILABLE:
        raise ValueError("not the answer to the question")
    return Answer(result, date.fromisoformat(_text(content["as_of"])))


def _object(body: bytes, members: set[str]) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except RecursionError:
        raise ValueError("not to the form") from None
    if not isinstance(content, dict) or set(content) != members:
        raise ValueError("not to the form")
    return content


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("not text")
    return value
