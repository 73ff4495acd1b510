"""Comparing names without touching them: what is stored is what is printed (Q9).

variants.csv holds pairs of one character in two writings: those named by the facts this project rests on (C), and
common surnames (M: known, no source at hand). Rare characters, characters of private use areas, simplified characters
of several origins (范/範, 余/餘, 于/於) and different romanisations are left out: there two names compare as different,
and an officer looks at the documents. Where a number has to be right as well, `writings` compares more freely.
"""

import csv
import unicodedata
from functools import cache
from pathlib import Path

LONGEST_NAME = 120
"""Characters. Longer than any name a travel document has room for."""

LONGEST_NATION = 20
"""Characters of a 民族 as printed. What the platform takes, not a number of the law."""

LONGEST_ADDRESS = 200
"""Characters of an address in the household register. What the platform takes, not a number of the law."""

_VARIANTS = Path(__file__).with_name("variants.csv")
_SEPARATORS = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
_SELECTORS = [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]
"""Variation selectors choose between shapes of one character."""


def same_name(a: str, b: str) -> bool:
    """Say whether two writings are one name: width, case, spaces, variation selectors and listed variants aside."""
    return folded(a) == folded(b)


def without_selectors(text: str) -> str:
    """Return a text without the marks that choose between shapes of one character."""
    return text.translate(dict.fromkeys(_SELECTORS, ""))


def folded(name: str) -> str:
    """Return the form in which names are compared and indexed. Never shown, never stored in place of the name."""
    normal = unicodedata.normalize("NFKC", name).casefold().translate(_variants())
    return "".join(letter for letter in normal if unicodedata.category(letter) not in _SEPARATORS)


@cache
def _variants() -> dict[int, str]:
    with _VARIANTS.open(encoding="utf-8", newline="") as file:
        table = {ord(row["variant"]): row["base"] for row in csv.DictReader(file)}
    return table | dict.fromkeys(_SELECTORS, "")
