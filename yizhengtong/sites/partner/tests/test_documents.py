"""What developers read is true: the requests are sent, the answers compared, every table complete."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from yizhengtong.foundation.texts import knows
from yizhengtong.sites.partner.documents import topics
from yizhengtong.sites.partner.tests.conftest import Member, words
from yizhengtong.verification.relying_parties.keeping import make_secret
from yizhengtong.verification.relying_parties.purposes import purposes
from yizhengtong.verification.relying_parties.sandbox import sandbox_people

pytestmark = pytest.mark.django_db
EXAMPLES = {each["name"]: each for told in topics().values() for each in told.get("examples", ()) if each.get("tested")}


@pytest.mark.parametrize("topic", [*topics()])
def test_every_topic_is_a_page_for_everybody(town: object, topic: str) -> None:
    assert f"/partner/docs/{topic}" in words(Client().get("/partner/docs"))
    assert words(Client().get(f"/partner/docs/{topic}")).count("<h1") == 1


def test_what_is_no_topic_is_nothing(town: object) -> None:
    assert Client().get("/partner/docs/unheard").status_code == 404


def test_there_are_examples_to_try() -> None:
    assert {"match", "share_code", "same_person", "presentation", "problem"} <= EXAMPLES.keys()


@pytest.mark.parametrize("name", [*EXAMPLES])
def test_an_example_is_answered_as_it_says(member: Member, name: str) -> None:
    told = EXAMPLES[name]
    _, secret = make_secret(environment="test", label="", by=member.of.by, at=timezone.now())
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "portal-docs-0001", "Accept-Language": "zh-Hans"}
    body = json.dumps(told["body"]).encode() if "body" in told else b""
    got = Client().generic(told["method"], told["path"], body, content_type="application/json", headers=headers)
    assert got.status_code == told.get("status", 200), got.content.decode()
    assert _shape(got.json()) == _shape(told["answer"])
    for field in ("is_match", "is_valid", "fields", "state", "outcome", "claims", "code", "detail", "is_same"):
        if field in told["answer"]:
            assert got.json()[field] == told["answer"][field]


def _shape(value: Any) -> Any:
    """Return an answer with its values left out: members, which are null, and of what an id is one."""
    if isinstance(value, Mapping):
        return {name: _shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_shape(each) for each in value[:1]]
    named = re.fullmatch("([a-z]{3}_)[0-9a-z]{26}", value) if isinstance(value, str) else None
    return named[1] if named else type(value).__name__


def test_every_refusal_that_is_listed_has_words() -> None:
    assert not [code for told in topics().values() for code in told.get("refusals", {}) if not knows(code)]


def test_tables_tell_of_every_test_person_and_every_purpose(town: object) -> None:
    people = words(Client().get("/partner/docs/people"))
    assert not [each.code for each in sandbox_people().values() if each.permit not in people]
    assert not [code for code in sandbox_people() if not knows(f"partner.tries_{code}")]
    told = words(Client().get("/partner/docs/purposes"))
    assert not [code for code in purposes() if f"<code>{code}</code>" not in told]


def test_numbers_begin_with_81_82_and_83(town: object) -> None:
    told = words(Client().get("/partner/docs/numbers"))
    assert all(begins in told for begins in ("810000", "820000", "830000", "8[123]0000"))
