"""What is told before somebody applies: the pack says which points, here are their words and their fingerprint.

S0-T33…39; what the press reports of Taiwan's authorities is told neutrally and without advice (facts: C as reported).
"""

import json
from dataclasses import dataclass
from hashlib import sha256

from yizhengtong.foundation.texts import LANGUAGES, say
from yizhengtong.law.law import Law

_TAIWAN = "TW"
ITEM = "settlement.approval"


@dataclass(frozen=True, slots=True)
class InformationNotice:
    """The points of the notice, by code. `hash` names exactly these words in all three languages."""

    points: tuple[str, ...]
    hash: str


def information_notice(law: Law) -> InformationNotice:
    """Return the notice of a place and day."""
    points = tuple(f"settlement.notice_{point}" for point in law.value("settle.notice"))
    words = [[point, *words_of_point(point)] for point in points]
    return InformationNotice(points, sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest())


def words_of_point(point: str) -> tuple[str, ...]:
    """Return the words of a point in the three languages, as they are said to residents of Taiwan."""
    return tuple(say(point, language, region=_TAIWAN) for language in LANGUAGES)
