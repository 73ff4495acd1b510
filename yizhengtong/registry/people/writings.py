"""Writings of one name, where a number has to be right as well (Q9): what is stored stays as it is printed.

`names.folded` is strict, because by it persons are found and told apart. Here a number has already named the person,
and a form that knows no traditional characters, no rare ones or no dots is not to shut them out. So much counts as one
writing, beyond width, case and variation selectors:

- traditional and simplified characters and the forms of Hong Kong and Taiwan (writings.txt, a class to a line; derived
  from the dictionaries of OpenCC), also where one simplified character stands for several (余, 餘);
- a rare character and the code of a private use area under which GB 18030 or Hong Kong's HKSCS once had it;
- spaces, dots between parts of a name, hyphens, apostrophes, commas and accents, or none;
- in Latin letters the given names first or last.

Another romanisation is another name, and so is one with a character left out or a question mark in its place.
"""

import unicodedata
from functools import cache
from pathlib import Path

from yizhengtong.registry.people.names import without_selectors

_CLASSES = Path(__file__).with_name("writings.txt")
_DROPPED = frozenset(
    {"Cc", "Cf", "Cn", "Cs", "Mc", "Me", "Mn"} | {f"P{each}" for each in "cdefios"} | {f"Z{each}" for each in "lps"}
)
"""Punctuation, spaces, controls and accents; private codes that stand for nothing known stay, and differ."""
_APOSTROPHES = frozenset("\u02b9\u02ba\u02bb\u02bc\u02bd\u02be\u02bf`\u00b4")
_GB_PRIVATE = range(0xE815, 0xE865)
_GB_2000 = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip
"""What GB 18030 left in the private use area until Unicode had it (its annex; Python's codec keeps the old codes)."""
_BIG5_AREAS = ((0xE000, 0xFA), (0xE311, 0x8E), (0xEEB8, 0x81))
"""Private use from a code on, by the first lead byte of Big5: 157 characters to each (Microsoft's code page 950)."""
_BIG5_LAST = 0xF6B0
_BIG5_ROW = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]


def fits(shown: str, *printed: str) -> bool:
    """Say whether what somebody typed off a document is a name printed there. Nothing fits an empty name.

    As much is done whatever fits: the time taken does not tell how much did.
    """
    wanted = frozenset([comparable(each) for each in printed]) - {""}
    return not wanted.isdisjoint(writings(shown))


def writings(shown: str) -> frozenset[str]:
    """Return the comparable forms that a text may stand for: of Latin letters every turn of its words."""
    words = shown.replace(",", " ").split()
    whole = comparable(shown)
    if not whole.isascii():
        return frozenset({whole})
    return frozenset({whole, *(comparable("".join(words[at:] + words[:at])) for at in range(len(words)))})


def comparable(name: str) -> str:
    """Return the form in which a name is compared. Never shown, never stored in place of the name."""
    normal = unicodedata.normalize("NFKC", _in_public_use(name)).casefold()
    letters = unicodedata.normalize("NFKD", without_selectors(normal))
    kept = (letter for letter in letters if unicodedata.category(letter) not in _DROPPED and letter not in _APOSTROPHES)
    return "".join(kept).translate(_classes())


def _in_public_use(name: str) -> str:
    """Return a name with characters in the place of the private codes that are known to stand for them."""
    if not any("\ue000" <= letter <= "\uf8ff" for letter in name):
        return name
    return "".join(map(_public, name))


def _public(letter: str) -> str:
    code = ord(letter)
    if code in _GB_2000:
        return chr(_GB_2000[code])
    if code in _GB_PRIVATE:
        at = code - _GB_PRIVATE.start
        # FE50 to FEA0, and no 7F among them
        return _decoded(bytes([0xFE, 0x50 + at + (0x50 + at >= 0x7F)]), "gb18030", letter)
    for first, lead in reversed(_BIG5_AREAS):
        if first <= code <= _BIG5_LAST:
            row, at = divmod(code - first, len(_BIG5_ROW))
            return _decoded(bytes([lead + row, _BIG5_ROW[at]]), "big5hkscs", letter)
    return letter


def _decoded(code: bytes, encoding: str, otherwise: str) -> str:
    try:
        return code.decode(encoding)
    except UnicodeDecodeError:
        return otherwise


@cache
def _classes() -> dict[int, str]:
    lines = _CLASSES.read_text(encoding="utf-8").split()
    return {ord(letter): line[0] for line in lines for letter in line[1:]}
