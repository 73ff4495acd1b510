"""Static files through a thin line: in gzip to who takes it, as they lie to who does not."""

import gzip
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from yizhengtong.foundation.web.statics import compressed


def test_the_style_sheet_goes_compressed_and_is_the_same_unpacked() -> None:
    found = finders.find("pages/page.css")
    assert isinstance(found, str)
    whole = Path(found).read_bytes()
    packed = Client().get("/static/pages/page.css", headers={"Accept-Encoding": "gzip"})
    plain = Client().get("/static/pages/page.css")
    assert packed["Content-Encoding"] == "gzip"
    content = b"".join(packed)
    assert len(content) < len(whole) / 2
    assert gzip.decompress(content) == b"".join(plain) == whole
    assert "Content-Encoding" not in plain
    assert packed["Vary"] == plain["Vary"] == "Accept-Encoding"
    assert packed["Content-Type"] == plain["Content-Type"] == 'text/css; charset="utf-8"'


def test_what_would_not_become_smaller_is_left_as_it_is(tmp_path: Path) -> None:
    small = tmp_path / "small.css"
    small.write_text("a{}")
    assert compressed(small, tmp_path / "static") is None
    assert not (tmp_path / "static").exists()


def test_a_changed_file_is_compressed_anew_and_an_unchanged_one_is_found_again(tmp_path: Path) -> None:
    source, folder = tmp_path / "page.css", tmp_path / "static"
    source.write_text("a { color: red }\n" * 100)
    first = compressed(source, folder)
    assert first is not None
    assert compressed(source, folder) == first
    source.write_text("b { color: red }\n" * 100)
    second = compressed(source, folder)
    assert second is not None
    assert second != first
    assert gzip.decompress(second.read_bytes()) == source.read_bytes()
