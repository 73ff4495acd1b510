"""What each release decided, every later one decides again."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from tests.golden.decisions import FOLDER, asked_by, decided, decisions_of, library_of, releases
from tests.golden.questions import questions
from yizhengtong.law import reading


def stored() -> Iterator[Any]:
    for release in releases():
        for name, decision in decisions_of(release).items():
            yield pytest.param(release, decision, id=f"{release}-{name}")


@pytest.fixture(autouse=True)
def _no_packs_of_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> object:
        raise AssertionError("a golden decision rests on its own copies of the law")

    monkeypatch.setattr(reading, "pack_texts", away)
    monkeypatch.setattr(reading, "load", away)


@pytest.mark.row("S4-17")
@pytest.mark.parametrize(("release", "decision"), list(stored()))
def test_a_release_is_decided_again_as_it_was(release: str, decision: dict[str, Any]) -> None:
    assert decided(asked_by(decision), library_of(release)) == decision


@pytest.mark.parametrize("release", releases())
def test_a_release_keeps_every_text_it_rests_on_and_each_is_what_it_was(release: str) -> None:
    packs = FOLDER / release / "packs"
    for decision in decisions_of(release).values():
        for path, digest in decision["pack_hashes"].items():
            assert sha256((packs / path).read_bytes()).hexdigest() == digest, path


@pytest.mark.parametrize("release", releases())
def test_a_release_has_granted_refused_and_open_ones_of_each_item(release: str) -> None:
    found = list(decisions_of(release).values())
    assert len(found) >= 20
    assert {each["item"] for each in found} == {"hmt.first_issue", "hmt.replacement", "hmt.reissue"}
    assert {each["granted"] for each in found} == {True, False}
    unmet = {finding["code"] for each in found for finding in each["findings"] if finding["met"] is False}
    assert len(unmet) >= 12


def test_a_changed_fact_or_text_would_be_noticed() -> None:
    release = releases()[0]
    decision = decisions_of(release)["hong-kong-lease"]
    changed = {**decision, "facts": {**decision["facts"], "photo": ""}}
    assert decided(asked_by(changed), library_of(release)) != changed
    texts = dict(library_of(release).texts)
    texts["cn/hmt.yaml"] += "# a remark\n"
    assert decided(asked_by(decision), reading.Library.from_texts(texts)) != decision


def test_stored_decisions_name_nobody() -> None:
    allowed = set(asked_by(decisions_of(releases()[0])["hong-kong-lease"]).facts.to_json())
    for release in releases():
        for decision in decisions_of(release).values():
            assert set(decision["facts"]) == allowed
            assert "name" not in json.dumps(decision["facts"])


def test_the_questions_of_today_are_as_many_as_those_that_were_kept() -> None:
    assert set(questions()) >= set(decisions_of(releases()[-1]))
