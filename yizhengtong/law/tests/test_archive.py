"""A law is what its texts say: the same texts, the same law and hash, wherever and whenever they are read."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from yizhengtong.law.law import Law
from yizhengtong.law.reading import Library, load, pack_texts, packs_folder
from yizhengtong.law.tests.packs import NATION, limit, pack

DAY = date(2026, 3, 2)


def test_a_library_from_archived_texts_gives_the_same_law_and_hash(library: Library, jinan: Law) -> None:
    again = Library.from_texts(dict(library.texts)).law("370100", "hmt", DAY)
    assert again.hash == jinan.hash
    assert dict(again.parameters) == dict(jinan.parameters)
    assert dict(again.items) == dict(jinan.items)
    assert again.calendar == jinan.calendar


def test_the_texts_that_took_part_are_enough(library: Library, jinan: Law) -> None:
    took_part = {path: library.texts[path] for path, _ in jinan.pack_hashes}
    assert "readings.yaml" not in took_part
    again = Library.from_texts(took_part).law("370100", "hmt", DAY)
    assert (again.hash, dict(again.values)) == (jinan.hash, dict(jinan.values))


def test_the_hash_is_over_the_sorted_paths_and_hashes_of_every_file_with_calendar_and_annexes(
    library: Library, jinan: Law
) -> None:
    expected = [(path, sha256(library.texts[path].encode()).hexdigest()) for path in sorted(dict(jinan.pack_hashes))]
    assert list(jinan.pack_hashes) == expected
    assert jinan.hash == sha256("".join(f"{path} {digest}\n" for path, digest in expected).encode()).hexdigest()
    assert {"cn/calendar.yaml", "cn/entitlements.yaml", "cn/370000/370100/service_points.yaml"} <= set(dict(expected))


def test_the_hash_changes_with_any_text_that_takes_part_and_with_no_other(library: Library, jinan: Law) -> None:
    for path in library.texts:
        changed = Library.from_texts({**library.texts, path: library.texts[path] + "# a remark\n"})
        is_same = changed.law("370100", "hmt", DAY).hash == jinan.hash
        assert is_same is (path not in dict(jinan.pack_hashes)), path


def test_a_county_without_a_pack_has_its_citys_law(library: Library, jinan: Law) -> None:
    assert library.law("370102", "hmt", DAY).hash == jinan.hash


def test_a_law_is_kept_and_not_built_again(library: Library, jinan: Law) -> None:
    assert library.law("370100", "hmt", DAY) is jinan
    other = library.law("370100", "hmt", date(2026, 3, 3))
    assert other.parameters is jinan.parameters
    assert other.on == date(2026, 3, 3)


def test_the_packs_folder_can_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cn").mkdir()
    (tmp_path / NATION).write_text(pack(NATION, issue__limit=limit(3))[NATION], "utf-8")
    monkeypatch.setenv("YZT_PACKS", str(tmp_path))
    assert packs_folder() == tmp_path
    assert set(pack_texts()) == {NATION}
    assert load().law("cn", "hmt", DAY).value("issue.limit").n == 3
