"""What is sent to a register's own service, and what comes back (docs/contracts/registers.md). No Django."""

import json
from datetime import date
from typing import Any

from yizhengtong.foundation.exchange.keys import SigningKey
from yizhengtong.foundation.exchange.registers import forms
from yizhengtong.foundation.exchange.registers.contract import Answer, Kind, Number, Question, Result, Told
from yizhengtong.foundation.exchange.signatures import Message, content_digest, sign, target_uri
from yizhengtong.kernel.numbers import DocumentKind

MEDIA_TYPE = "application/json"
MOST_ENTRIES = 100
_QUESTION = {"id", "kind", "numbers", "on", "purpose", "asks"}
_ANSWER = {"id", "result", "register", "as_of", "facts"}
_LONGEST_ID = 64


def question_body(identity: str, question: Question) -> bytes:
    """Return a question as it is sent. The numbers stand here and in no address and no header."""
    content = {
        "id": identity,
        "kind": question.kind,
        "numbers": [{"kind": number.kind, "number": number.text} for number in question.numbers],
        "on": question.on.isoformat(),
        "purpose": question.purpose,
        "asks": list(question.wanted),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def read_question(body: bytes) -> tuple[str, Question]:
    """Return a question and its id. Raises ValueError for what is none."""
    try:
        content = json.loads(body)
        if not isinstance(content, dict) or set(content) != _QUESTION:
            raise ValueError("a question has other members")
        numbers = tuple(Number(DocumentKind(each["kind"]), _text(each["number"])) for each in content["numbers"])
        asks = tuple(_text(each) for each in content["asks"])
        on = date.fromisoformat(content["on"])
        question = Question(Kind(content["kind"]), numbers, on, _text(content["purpose"]), asks)
        return _text(content["id"])[:_LONGEST_ID], question
    except (KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("a question is not to the form") from None


def answer_body(identity: str, answer: Answer) -> bytes:
    """Return an answer as it is sent: one that found something, or nothing."""
    content = {
        "id": identity,
        "result": answer.result,
        "register": answer.register,
        "as_of": answer.as_of.isoformat() if answer.as_of else None,
        "facts": [forms.written(told) for told in answer.facts],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def read_answer(body: bytes, identity: str, question: Question) -> Answer:
    """Return the answer to a question. Raises ValueError for one to another question, with more than was asked, or
    not to the form: it is then no answer at all."""
    try:
        content: Any = json.loads(body)
        if not isinstance(content, dict) or set(content) != _ANSWER or content["id"] != identity:
            raise ValueError("not the answer to the question")
        facts = content["facts"]
        if not isinstance(facts, list) or len(facts) > MOST_ENTRIES:
            raise ValueError("an answer has too many entries")
        told = tuple(forms.read(question.kind, each, question.wanted) for each in facts)
        return _whole(Result(content["result"]), _text(content["register"]), date.fromisoformat(content["as_of"]), told)
    except (KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("an answer is not to the form") from None


def _whole(result: Result, register: str, as_of: date, told: tuple[Told, ...]) -> Answer:
    if result == Result.UNAVAILABLE or (result == Result.FOUND) != bool(told) or len(register) > _LONGEST_ID:
        raise ValueError("an answer contradicts itself")
    return Answer(result, register, as_of, told)


def signed_headers(url: str, body: bytes, key: SigningKey, *, created: int, nonce: str) -> dict[str, str]:
    """Return the headers of a question that is signed now (RFC 9421)."""
    headers = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body)), "Content-Digest": content_digest(body)}
    message = Message("POST", target_uri(url), {name.lower(): value for name, value in headers.items()})
    return {**headers, **sign(message, key, created=created, nonce=nonce)}


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("not text")
    return value
