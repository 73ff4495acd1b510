"""What a relying party is told of an answer: one shape for the API and for the page on which it is tried."""

from collections.abc import Mapping
from typing import Any

from yizhengtong.kernel.ids import public_id
from yizhengtong.verification.checks.matching import Answer

CHECK = "chk"
"""Prefix of the ids of checks."""


def told_of_answer(answer: Answer) -> Mapping[str, Any]:
    """Return an answer as it is sent; a birth date that was not sent is null."""
    return {
        "id": public_id(CHECK, answer.check_id),
        "is_match": answer.is_match,
        "is_valid": answer.is_valid,
        "fields": {name: answer.fields.get(name) for name in ("number", "name", "birth_date")},
        "state": answer.state,
        "is_final": answer.is_final,
        "as_of": answer.as_of,
    }
