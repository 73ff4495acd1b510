"""Registers as files: what lies on the disk, and how it is replaced."""

import base64
import math
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from yizhengtong.foundation.exchange.registers.contract import Death, HouseholdRegister, Kind, Result, SocialInsurance
from yizhengtong.foundation.exchange.registers.files import FileRegister, key_of, read_manifest, write_register
from yizhengtong.foundation.exchange.registers.holding import RegisterHolding
from yizhengtong.foundation.exchange.registers.loading import WrongLines, load_register
from yizhengtong.foundation.exchange.registers.tests.ground import AS_OF, ON, STALE_DAYS, a_file, number, question
from yizhengtong.foundation.vault import keyring as keys
from yizhengtong.kernel.errors import Invalid

DIED = Death(date(2026, 9, 1))
HOUSE = HouseholdRegister("511302", "演示街9号", has_died=False)


@pytest.mark.parametrize("persons", [0, 1, 2, 3, 7, 100])
def test_each_of_many_is_found_and_nobody_else(tmp_path: Path, persons: int) -> None:
    rows = [(seed, SocialInsurance(seed, ON)) for seed in range(persons)]
    register = a_file(tmp_path, Kind.SOCIAL_INSURANCE, rows)
    for seed in range(persons):
        assert register.ask(question(Kind.SOCIAL_INSURANCE, seed)).facts == ({"months": seed, "until": ON},)
    for seed in range(persons, persons + 20):
        assert register.ask(question(Kind.SOCIAL_INSURANCE, seed)).result == Result.NOT_FOUND


def test_lines_of_very_different_length_are_found(tmp_path: Path) -> None:
    rows = [(seed, HouseholdRegister("511302", "街" * (1 + seed * 6), has_died=False)) for seed in range(30)]
    register = a_file(tmp_path, Kind.HOUSEHOLD_REGISTER, rows)
    for seed, fact in rows:
        assert register.ask(question(Kind.HOUSEHOLD_REGISTER, seed)).facts[0]["address"] == fact.address


def test_nothing_on_the_disk_tells_who_is_there_or_what_about_them(tmp_path: Path) -> None:
    a_file(tmp_path, Kind.HOUSEHOLD_REGISTER, [(1, HOUSE)])
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for text in (number(1).text, "511302", "演示街", "has_died"):
        assert text.encode() not in written
    assert {
        stat.S_IMODE(path.stat().st_mode) & 0o077 for path in [*tmp_path.glob("*.lines"), *tmp_path.glob("*.json")]
    } == {0}


def test_the_same_number_has_another_key_in_another_register() -> None:
    assert key_of(Kind.LEASE, number(1)) != key_of(Kind.DEATH, number(1))


def test_a_new_list_replaces_the_old_whole(tmp_path: Path) -> None:
    register = a_file(tmp_path, Kind.DEATH, [(1, DIED), (2, DIED)])
    a_file(tmp_path, Kind.DEATH, [(2, DIED)], as_of=ON)
    assert register.ask(question(Kind.DEATH, 1)).result == Result.NOT_FOUND
    assert register.ask(question(Kind.DEATH, 2)).as_of == ON
    assert len(list(tmp_path.glob("*.lines"))) == 1


def test_a_list_replaced_between_two_looks_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register = a_file(tmp_path, Kind.DEATH, [(1, DIED)])
    before = read_manifest(tmp_path, Kind.DEATH)
    a_file(tmp_path, Kind.DEATH, [(1, DIED)], as_of=ON)
    manifests = iter([before, read_manifest(tmp_path, Kind.DEATH)])
    module = "yizhengtong.foundation.exchange.registers.files"
    monkeypatch.setattr(f"{module}.read_manifest", lambda *_: next(manifests))
    assert register.ask(question(Kind.DEATH, 1)).as_of == ON


@pytest.mark.parametrize("broken", ["", "[]", '{"lines": "../../etc/passwd", "register": "x", "as_of": "2026-09-17"}'])
def test_a_broken_manifest_is_a_register_that_cannot_be_asked(tmp_path: Path, broken: str) -> None:
    register = a_file(tmp_path, Kind.DEATH, [(1, DIED)])
    (tmp_path / "death.json").write_text(broken)
    assert register.ask(question(Kind.DEATH, 1)).result == Result.UNAVAILABLE


def test_a_line_moved_to_another_person_does_not_open(tmp_path: Path) -> None:
    register = a_file(tmp_path, Kind.DEATH, [(1, DIED)])
    (lines,) = tmp_path.glob("*.lines")
    lines.write_bytes(lines.read_bytes().replace(key_of(Kind.DEATH, number(1)).encode(), b"0" * 32))
    moved = key_of(Kind.DEATH, number(2)).encode()
    lines.write_bytes(lines.read_bytes().replace(b"0" * 32, moved))
    assert register.ask(question(Kind.DEATH, 2)).result == Result.UNAVAILABLE


def test_without_files_there_is_no_answer(tmp_path: Path) -> None:
    register = FileRegister(tmp_path, Kind.DEATH, stale_after_days=STALE_DAYS)
    assert register.ask(question(Kind.DEATH, 1)).result == Result.UNAVAILABLE


@pytest.mark.parametrize("code", ["", "Ruian", "a b", "x" * 41, "../x"])
def test_a_register_has_a_code(tmp_path: Path, code: str) -> None:
    with pytest.raises(ValueError, match="code"):
        write_register(tmp_path, Kind.DEATH, [], as_of=AS_OF, register=code)


# ---- lists ----


def a_list(folder: Path, *lines: str) -> Path:
    path = folder / "list.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def load(folder: Path, path: Path, kind: Kind = Kind.LEASE) -> None:
    load_register(folder / "registers", kind, path, as_of=AS_OF, register="leases")


HEAD = "number,since,until,is_registered,is_safe"


def test_a_list_is_taken_in_with_what_it_leaves_empty(tmp_path: Path) -> None:
    load(
        tmp_path,
        a_list(tmp_path, HEAD, f"{number(1).text},2026-01-01,,是,", f"{number(2).text},2026-01-01,2026-12-31,0,1"),
    )
    register = FileRegister(tmp_path / "registers", Kind.LEASE, stale_after_days=STALE_DAYS)
    assert register.ask(question(Kind.LEASE, 1)).facts == (
        {"since": date(2026, 1, 1), "until": None, "is_registered": True, "is_safe": None},
    )
    assert register.ask(question(Kind.LEASE, 2)).facts[0]["is_safe"] is True


@pytest.mark.parametrize(
    ("cells", "code", "fact"),
    [
        ("{good},,,是,", "registers.fact_wrong", "since"),
        ("{good},2026-02-30,,是,", "registers.fact_wrong", "since"),
        ("{good},2026-01-01,,perhaps,", "registers.fact_wrong", "is_registered"),
        ("{good},2026-01-01,,,", "registers.fact_wrong", "is_registered"),
        ("{bad},2026-01-01,,是,", "registers.number_wrong", ""),
        (",2026-01-01,,是,", "registers.number_wrong", ""),
    ],
)
def test_one_wrong_line_and_nothing_is_taken_in(tmp_path: Path, cells: str, code: str, fact: str) -> None:
    good, bad = number(1).text, number(1).text[:-1] + "?"
    load(tmp_path, a_list(tmp_path, HEAD, f"{good},2026-01-01,,1,1"))
    with pytest.raises(WrongLines) as wrong:
        load(tmp_path, a_list(tmp_path, HEAD, f"{number(2).text},2026-01-01,,1,1", cells.format(good=good, bad=bad)))
    assert [(each.line, each.code, each.fact) for each in wrong.value.lines] == [(3, code, fact)]
    assert good not in f"{wrong.value} {wrong.value.lines}"
    register = FileRegister(tmp_path / "registers", Kind.LEASE, stale_after_days=STALE_DAYS)
    assert register.ask(question(Kind.LEASE, 2)).result == Result.NOT_FOUND


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("number,since,until,is_registered", "registers.heading_missing"),
        (f"{HEAD},name", "registers.heading_not_wanted"),
        (f"{HEAD},since", "registers.heading_not_wanted"),
    ],
)
def test_a_list_has_the_headings_of_its_kind_and_no_names(tmp_path: Path, head: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        load(tmp_path, a_list(tmp_path, head))


# ---- keys ----


def ring_with_a_newer_key(before: keys.Keyring) -> keys.Keyring:
    older = [replace(key, state="opening") if key.kind == "data" else key for key in before.keys.values()]
    newer = replace(before.sealing, id=max(before.keys) + 1, secret=bytes(range(32)))
    ring = keys.Keyring([*older, newer])
    ring.loaded_at = math.inf
    return ring


def test_a_register_is_sealed_anew_and_says_the_same(tmp_path: Path) -> None:
    before = keys.keyring()
    register = a_file(tmp_path, Kind.DEATH, [(1, DIED), (2, DIED)])
    held = RegisterHolding(tmp_path)
    assert held.count_by_key() == {before.sealing.id: 2}
    assert held.seal_some(after="", limit=10, key_id=before.sealing.id).changed == 0
    try:
        newer = keys.use(ring_with_a_newer_key(before)).sealing.id
        step = held.seal_some(after="", limit=10, key_id=newer)
        assert (step.last, step.changed, step.damaged) == ("death", 2, 0)
        assert held.count_by_key() == {newer: 2}
        assert held.seal_some(after="death", limit=10, key_id=newer).last == ""
        assert register.ask(question(Kind.DEATH, 1)).result == Result.FOUND
    finally:
        keys.use(before)


def test_what_does_not_open_is_told_and_stays(tmp_path: Path) -> None:
    before = keys.keyring()
    a_file(tmp_path, Kind.DEATH, [(1, DIED)])
    (lines,) = tmp_path.glob("*.lines")
    envelope = bytes([1, *before.sealing.id.to_bytes(4, "big"), *range(40)])
    lines.write_bytes(lines.read_bytes()[:33] + base64.b64encode(envelope) + b"\n")
    try:
        newer = keys.use(ring_with_a_newer_key(before)).sealing.id
        step = RegisterHolding(tmp_path).seal_some(after="", limit=10, key_id=newer)
        assert (step.last, step.changed, step.damaged) == ("death", 0, 1)
    finally:
        keys.use(before)
