"""What each release decided, every later one decides again."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from tests.golden.decisions import FOLDER, asked_by, decided, decisions_of, library_of, releases
from tests.golden.questions import questions
from yizhengtong.law import reading

_HMT = {"hmt.first_issue", "hmt.replacement", "hmt.reissue"}
_FLOATING = {
    f"floating.{item}"
    for item in (
        "first_issue", "endorsement", "replacement", "reissue", "conversion_permit", "conversion_registrations",
    )
}  # fmt: skip
ITEMS = {"0.1.0": _HMT, "0.2.0": {*_HMT, *_FLOATING, "settlement.approval"}}


def stored() -> Iterator[Any]:
    for release in releases():
        for name, decision in decisions_of(release).items():
            yield pytest.param(release, decision, id=f"{release}-{name}")


def _as_asked_then(now: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """Return `now` without the facts that nobody asked for `then`."""
    return {**now, "facts": _known_to(then["facts"], now["facts"])}


def _known_to(then: Any, now: Any) -> Any:
    if isinstance(then, dict) and isinstance(now, dict):
        return {name: _known_to(then[name], value) for name, value in now.items() if name in then}
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [_known_to(*pair) for pair in zip(then, now, strict=True)]
    return now


@pytest.fixture(autouse=True)
def _no_packs_of_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> object:
        raise AssertionError("a golden decision rests on its own copies of the law")

    monkeypatch.setattr(reading, "pack_texts", away)
    monkeypatch.setattr(reading, "load", away)


@pytest.mark.row("S4-17")
@pytest.mark.parametrize(("release", "decision"), list(stored()))
def test_a_release_is_decided_again_as_it_was(release: str, decision: dict[str, Any]) -> None:
    assert _as_asked_then(decided(asked_by(decision), library_of(release)), decision) == decision


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
    answers = {item: {each["granted"] for each in found if each["item"] == item} for item in ITEMS[release]}
    assert {each["item"] for each in found} == set(answers)
    assert all(each == {True, False} for each in answers.values()), answers
    unmet = {finding["code"] for each in found for finding in each["findings"] if finding["met"] is False}
    assert len(unmet) >= 3 * len(answers)
    assert None in {finding["met"] for each in found for finding in each["findings"]}


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
            assert set(decision["facts"]) <= allowed
            assert not [key for key in _keys(decision["facts"]) if "name" in key or "number" in key or "address" in key]


def _keys(stored: Any) -> Iterator[str]:
    if isinstance(stored, dict):
        yield from stored
    for inner in stored.values() if isinstance(stored, dict) else stored if isinstance(stored, list) else ():
        yield from _keys(inner)


def test_the_questions_of_today_are_as_many_as_those_that_were_kept() -> None:
    assert set(questions()) >= set(decisions_of(releases()[-1]))
