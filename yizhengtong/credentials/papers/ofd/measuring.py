"""How wide words are and where lines break, in the half-width and full-width cells of 宋体. Pure."""

import re
from collections.abc import Iterator
from unicodedata import combining, east_asian_width

_PIECES = re.compile(
    r"[!-~\u00a1-\u024f]+[ ]?"  # a word of Latin letters keeps the space after it
    r"|[（《〈“‘「『【〔]*[^!-~\u00a1-\u024f][，。；：、！？）》〉”’」』】〕…—]*"  # and a character its punctuation
)
_BY_CHARACTER: dict[str, float] = {}


def width_of(words: str) -> float:
    """Return the width in ems. GBK has a byte for what is half a cell wide and two for what fills one."""
    try:
        return len(words.encode("gbk")) / 2
    except UnicodeEncodeError:
        return sum(map(advance, words))


def advance(character: str) -> float:
    """Return the advance of one character in ems: 0 for what stands upon another, a half, or one."""
    known = _BY_CHARACTER.get(character)
    if known is None:
        known = _BY_CHARACTER[character] = _advance(character)
    return known


def _advance(character: str) -> float:
    try:
        return len(character.encode("gbk")) / 2
    except UnicodeEncodeError:
        return 0.0 if combining(character) else 1.0 if east_asian_width(character) in "WFA" else 0.5


def lines_of(words: str, ems: float) -> list[str]:
    """Return words in lines of at most so many ems: broken between words and characters, else within a word."""
    found: list[str] = []
    for line in words.splitlines() or [""]:
        found += [line] if width_of(line) <= ems else _broken(line, ems)
    return found


def _broken(words: str, ems: float) -> Iterator[str]:
    line, width = "", 0.0
    for piece in _PIECES.findall(words):
        wide = width_of(piece)
        if line and width + (wide - 0.5 if piece[-1] == " " else wide) > ems:
            yield line.rstrip()
            line, width = "", 0.0
        if wide > ems:
            for character in piece:
                step = advance(character)
                if width + step > ems:
                    yield line
                    line, width = "", 0.0
                line, width = line + character, width + step
            continue
        line, width = line + piece, width + wide
    if line:
        yield line.rstrip()


def deltas(words: str, size: float) -> str:
    """Return the advances between the characters as `DeltaX` has them, in millimetres; equal ones as `g count step`."""
    if len(words) < 2:
        return ""
    if words.isascii():
        return f"g {len(words) - 1} {size / 2:.4g}"
    if width_of(words) == len(words):
        return f"g {len(words) - 1} {size:.4g}"
    told: list[str] = []
    steps = [advance(each) for each in words[:-1]]
    before, count = steps[0], 0
    for step in steps:
        if step == before:
            count += 1
            continue
        told.append(_run(before * size, count))
        before, count = step, 1
    told.append(_run(before * size, count))
    return " ".join(told)


def _run(step: float, count: int) -> str:
    return f"{step:.4g}" if count == 1 else f"g {count} {step:.4g}"
