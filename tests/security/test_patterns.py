"""Every regular expression of ours takes time in proportion to the text, whatever the text (no ReDoS).

Found are those that modules keep compiled and those written where they are used, such as a field's `pattern`.
"""

import ast
import contextlib
import importlib
import re
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import yizhengtong
from yizhengtong.foundation.documents import pdfs
from yizhengtong.foundation.exchange import fields
from yizhengtong.foundation.exchange.registers import files
from yizhengtong.kernel.errors import Invalid

ROOT = Path(yizhengtong.__file__).parent
CALLS = {"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
PIECES = ("a", "A", "0", "9", " ", "-", ".", ":", "/", "_", '"', "(", "+", "王", "\t", "\n", "#", "%", ",", "[", "a-",
          "0-", "a.", "a ", "0 ", " /", "A0", "a0_", "aA0 -", "W/", "//", "0,", "/F", "#46", "\0")  # fmt: skip
ENDS = ("", "!", "\0", "王!")
SHORT, LONG = 24, 3000
MATCHED_ONLY = {pdfs._PLAIN_FILTER.pattern, fields._BETWEEN.pattern, files._LINES.pattern}
"""Patterns that are tried at one place of a text, never at every place of it."""
INSTANT_SECONDS = 0.004
"""Of the processor. Below this a pattern is quick however it grows: so long a text costs nobody anything."""


def written(path: Path) -> Iterator[str | bytes]:
    """Yield the patterns that stand as constants in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == "re" and function.attr in CALLS:
            yield from constants(node.args[:1])
        yield from constants([keyword.value for keyword in node.keywords if keyword.arg in {"pattern", "regex"}])


def constants(nodes: list[ast.expr]) -> Iterator[str | bytes]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            yield node.value


def kept() -> Iterator[str | bytes]:
    """Yield the patterns that modules keep compiled, those put together from pieces too."""
    importlib.import_module("yizhengtong.project.urls")  # with all that serves a request
    for name, module in sorted(sys.modules.items()):
        if name.startswith("yizhengtong.") and ".tests" not in name:
            yield from (value.pattern for value in vars(module).values() if isinstance(value, re.Pattern))


@cache
def patterns() -> list[str | bytes]:
    files = [path for path in ROOT.rglob("*.py") if "tests" not in path.parts]
    return sorted({*kept(), *(pattern for path in files for pattern in written(path))}, key=repr)


def texts(length: int) -> Iterator[str]:
    for piece in PIECES:
        for end in ENDS:
            yield piece * (length // len(piece)) + end


def seconds(compiled: re.Pattern[Any], text: str, tries: int = 1) -> float:
    """Return the quickest of so many tries."""
    subject = text.encode() if isinstance(compiled.pattern, bytes) else text
    taken = []
    for _ in range(tries):
        begun = time.thread_time()
        compiled.match(subject)
        compiled.fullmatch(subject)
        if compiled.pattern not in MATCHED_ONLY:
            compiled.search(subject)
        taken.append(time.thread_time() - begun)
    return min(taken)


def is_harmless(pattern: str | bytes) -> bool:
    """Whether doubling a text costs no more than about twice the time, beginning with texts too short to hang on."""
    compiled: re.Pattern[Any] = re.compile(pattern)
    return all(
        seconds(compiled, shorter) < INSTANT_SECONDS and grows_evenly(compiled, longer, twice)
        for shorter, longer, twice in zip(texts(SHORT), texts(LONG), texts(2 * LONG), strict=True)
    )


def grows_evenly(compiled: re.Pattern[Any], longer: str, twice: str) -> bool:
    if seconds(compiled, longer) > 50 * INSTANT_SECONDS:
        return False
    doubled = seconds(compiled, twice)
    if doubled > INSTANT_SECONDS:  # perhaps something else ran meanwhile
        doubled = seconds(compiled, twice, tries=3)
    return doubled < INSTANT_SECONDS or doubled < 3 * seconds(compiled, longer, tries=3)


def test_there_are_patterns_of_both_kinds() -> None:
    assert len(patterns()) > 25
    assert any(isinstance(pattern, bytes) for pattern in patterns())
    assert r"^\d{6}$" in patterns()


@pytest.mark.parametrize("pattern", patterns(), ids=repr)
def test_a_pattern_takes_time_in_proportion_to_the_text(pattern: str | bytes) -> None:
    assert is_harmless(pattern)


def test_an_exponential_pattern_would_be_found() -> None:
    assert not is_harmless(r"(a+)+$")


def test_a_quadratic_pattern_would_be_found() -> None:
    assert not is_harmless(r"a*!")


FILTERS = (b"/Filter[", b"/Filter /", b"/Filter[/A", b"/Filter    ", b"/F#69lter", b"/Filter[/Filter/A ")


@pytest.mark.parametrize("piece", FILTERS)
def test_looking_for_the_filters_of_a_pdf_takes_time_in_proportion_to_it(piece: bytes) -> None:
    def taken(length: int) -> float:
        begun = time.thread_time()
        with contextlib.suppress(Invalid):
            pdfs._refuse_unbounded_filters(piece * (length // len(piece)))
        return time.thread_time() - begun

    assert min(taken(400_000) for _ in range(3)) < max(4 * min(taken(200_000) for _ in range(3)), 0.05)
