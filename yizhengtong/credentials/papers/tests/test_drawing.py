"""The drawing process: kept while it is used, ended when it is not, and no harm to anybody when it dies."""

import os
import signal
import time
from base64 import b64encode
from datetime import date
from io import BytesIO
from typing import Any, ClassVar

import pytest
from PIL import Image

from yizhengtong.credentials.formats.signing import ES256
from yizhengtong.credentials.papers import drawing, rendering
from yizhengtong.credentials.papers.fonts import FAMILIES, font_files
from yizhengtong.credentials.papers.frames import Broken, Frame, packed, read_frame
from yizhengtong.credentials.papers.rendering import render
from yizhengtong.credentials.papers.sheet import Sheet, Tongue, person, row, text
from yizhengtong.credentials.papers.tests.chain import a_chain
from yizhengtong.credentials.papers.tests.reading import pages_of, text_of
from yizhengtong.kernel.errors import Conflict


def drawn(name: str = "王小明", **more: Any) -> bytes:
    parts = [row(Tongue(), name=name)]
    sheet = Sheet(kind="receipt", title="受理回执", parts=parts, dated=date(2026, 9, 18), office="某某")
    return render(sheet.as_values(), **more)


def warm() -> list[int]:
    return [each._process.pid for each in rendering._WARM]


def test_one_process_draws_one_paper_after_the_other_and_nothing_of_one_stands_on_the_next() -> None:
    drawn("甲乙")
    before = warm()
    assert "甲乙" not in text_of(drawn("丙丁"))
    assert warm() == before


def with_face(colour: str) -> tuple[bytes, bytes]:
    """Return a photograph and a paper that bears it."""
    face = BytesIO()
    Image.new("RGB", (30, 40), colour).save(face, "JPEG")
    parts = [person([{"label": "姓名", "second": "", "value": "王小明"}], b64encode(face.getvalue()).decode(), "照片")]
    return face.getvalue(), render(Sheet("permit_copy", "副本", parts, date(2026, 9, 18), "某某").as_values())


def test_each_paper_bears_its_own_photograph_as_it_was_encoded_and_no_other() -> None:
    red, of_red = with_face("red")
    blue, of_blue = with_face("blue")
    assert (red in of_red, blue in of_red) == (True, False)
    assert (red in of_blue, blue in of_blue) == (False, True)
    assert red not in drawn()
    assert with_face("red")[1] == of_red


def test_a_photograph_is_given_to_typst_in_memory_and_taken_away_after_each_paper(tmp_path: Any) -> None:
    drawer = drawing.Drawer(map(str, font_files()), tmp_path / "drawn")
    face = BytesIO()
    Image.new("RGB", (30, 40)).save(face, "JPEG")
    lines = [{"label": "姓名", "second": "", "value": "王小明"}]
    parts = [person(lines, b64encode(face.getvalue()).decode(), "照片")]
    sheet = Sheet("permit_copy", "副本", parts, date(2026, 9, 18), "某某").as_values()
    assert face.getvalue() in drawer.draw({**sheet, "fonts": list(FAMILIES)})
    lying = tmp_path / "drawn" / "root" / "portrait.svg"
    assert str(lying.readlink()).startswith("/proc/self/fd/")
    assert lying.read_bytes() == b""


def test_only_a_paper_of_several_pages_numbers_them() -> None:
    def of(paragraphs: int) -> bytes:
        parts = [text("字" * 400)] * paragraphs
        return render(Sheet("receipt", "题", parts, date(2026, 9, 18), "某某").as_values())

    one, several = of(1), of(9)
    assert (pages_of(one), pages_of(several)) == (1, 2)
    assert "1/1" not in "".join(text_of(one).split())
    assert "1/2" in "".join(text_of(several).split())
    assert "2/2" in "".join(text_of(several).split())


def test_a_process_that_was_killed_meanwhile_is_replaced_and_nobody_notices() -> None:
    drawn()
    for pid in warm():
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.05)
    assert "王小明" in text_of(drawn())


def test_one_that_dies_while_it_draws_is_told_as_a_paper_not_drawn_or_drawn_by_the_next() -> None:
    class Killing:
        """A signer whose process is gone by the time it has signed."""

        key_id, algorithm = "x", ES256
        public_jwk: ClassVar[dict[str, str]] = {}
        certificates = a_chain().signer.certificates

        def sign(self, data: bytes) -> bytes:  # noqa: ARG002
            for child in rendering_children():
                os.kill(child, signal.SIGKILL)
            return bytes([1]) * 64

    with pytest.raises(Conflict, match=r"papers\.not_drawn"):
        drawn(signer=Killing(), authority="x")
    assert "王小明" in text_of(drawn())


def rendering_children() -> list[int]:
    """Return the drawing processes of this one."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat, open(f"/proc/{entry}/cmdline") as command:
                    if int(stat.read().rpartition(")")[2].split()[1]) == os.getpid() and "drawing.py" in command.read():
                        found.append(int(entry))
            except OSError:
                continue
    return found


def test_a_process_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "_SECONDS", 0.0)
    for each in list(rendering._WARM):
        each.end()
    rendering._WARM.clear()
    with pytest.raises(Conflict, match=r"papers\.not_drawn"):
        drawn()
    assert not rendering._WARM


def test_a_failure_tells_nothing_of_what_stands_in_the_paper() -> None:
    broken = {**Sheet("receipt", "题", [{"kind": "unknown"}], date(2026, 9, 18), "x").as_values(), "number": "秘密"}
    with pytest.raises(Conflict) as refused:
        render(broken)
    assert refused.value.code == "papers.not_drawn"
    assert "秘密" not in repr(refused.value)


def test_a_signer_that_fails_ends_the_process_and_the_next_paper_is_drawn() -> None:
    class Failing:
        key_id, algorithm = "x", ES256
        public_jwk: ClassVar[dict[str, str]] = {}
        certificates = a_chain().signer.certificates

        def sign(self, data: bytes) -> bytes:  # noqa: ARG002
            raise Conflict("keys.token_refused")

    with pytest.raises(Conflict, match=r"keys\.token_refused"):
        drawn(signer=Failing(), authority="x")
    assert "王小明" in text_of(drawn())


def test_it_waits_for_less_than_a_minute() -> None:
    assert 1 <= drawing.IDLE_SECONDS < 60


# ---- frames ----


def fed(content: bytes) -> Any:
    left = bytearray(content)

    def read(count: int) -> bytes:
        piece = bytes(left[: min(count, 3)])  # a pipe gives what it has
        del left[: len(piece)]
        return piece

    return read


def test_a_frame_comes_as_it_went() -> None:
    assert read_frame(fed(packed(Frame.SIGN, b"abc" * 9))) == (Frame.SIGN, b"abc" * 9)
    assert read_frame(fed(packed(Frame.NO_GLYPH))) == (Frame.NO_GLYPH, b"")


@pytest.mark.parametrize(
    "content", [b"", b"P\x00\x00", b"P\x00\x00\x00\x05abc", b"?\x00\x00\x00\x00", b"P\xff\xff\xff\xff"]
)
def test_what_is_no_frame_is_told_as_broken(content: bytes) -> None:
    with pytest.raises(Broken):
        read_frame(fed(content))
