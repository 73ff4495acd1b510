"""Draws one paper, in a process of its own: fonts of a hundred megabytes are gone again when it ends.

A script of the standard library and typst alone. Standard input: JSON with `fonts` (paths of files), `sheet` and
`format`. Standard output: the PDF, or the pages as PNG one after the other. Exit 3: a character that no font has.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import typst

NO_GLYPH = 3
_TEMPLATE = Path(__file__).with_name("paper.typ")
_STANDARDS: tuple[Literal["a-2a", "ua-1"], ...] = ("a-2a", "ua-1")
"""To be kept for long and read aloud; under them typst refuses a character without a glyph."""
_GLYPH_WORDS = ("could not be displayed", "glyph", "tofu", "no font")


def main() -> int:
    asked = json.loads(sys.stdin.buffer.read())
    with TemporaryDirectory() as folder:  # typst takes folders, and other fonts of theirs are not wanted
        for path in asked["fonts"]:
            Path(folder, Path(path).name).symlink_to(path)
        return _draw(asked, typst.Fonts(False, False, [folder]))


def _draw(asked: dict[str, Any], fonts: typst.Fonts) -> int:
    if asked["sheet"]["fonts"][0] not in fonts.families():
        return 1
    compiler = typst.Compiler(font_paths=fonts, sys_inputs={"sheet": json.dumps(asked["sheet"])})
    try:
        drawn = compiler.compile(
            _TEMPLATE.read_bytes(),
            format=asked["format"],
            ppi=asked.get("ppi"),
            pdf_standards=list(_STANDARDS) if asked["format"] == "pdf" else None,
        )
    except typst.TypstError as error:
        told = f"{error.message} {' '.join(error.hints)}".lower()
        if any(words in told for words in _GLYPH_WORDS):
            return NO_GLYPH
        if asked.get("explain"):  # never in service: what typst says may hold what stands in the paper
            sys.stderr.write(error.diagnostic)
        return 1
    for page in drawn if isinstance(drawn, list) else [drawn]:
        sys.stdout.buffer.write(page or b"")
    return 0


if __name__ == "__main__":
    sys.exit(main())
