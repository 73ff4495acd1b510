"""From a kind and its facts to words in a language."""

from collections.abc import Mapping, Sequence
from datetime import date

from yizhengtong.foundation.notifications.guard import fill
from yizhengtong.foundation.notifications.kinds import Kind, Words
from yizhengtong.foundation.texts import knows, say

Facts = Mapping[str, object]
_GAP = "—"
SAMPLE_DAY = date(2026, 12, 22)


def render(
    words: Words, kind: Kind, facts: Facts, language: str, *, region: str = "", with_gaps: bool = False
) -> Words:
    """Return the words with their facts. Raises KeyError for a fact that they need and do not get.

    `with_gaps`: a dash stands for it instead. The inbox rather tells with a gap than not at all.
    """
    values = dict.fromkeys(kind.placeholders, _GAP) if with_gaps else {}
    values |= {name: shown(facts[name], language, region) for name in kind.placeholders if name in facts}
    return Words(fill(words.subject, values), fill(words.text, values))


def shown(value: object, language: str, region: str = "") -> str:
    """Return a fact in words: a day, a code's words, words by language, or a list of those."""
    if isinstance(value, date):
        return value.isoformat() if language == "en" else f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, Mapping):
        return shown(value[language], language, region)
    if isinstance(value, str):
        return say(value, language, region=region) if "." in value and knows(value) else value
    if isinstance(value, Sequence):
        parts = [shown(each, language, region).rstrip("。.") for each in value]  # the sentence around them has its own
        return ("; " if language == "en" else "；").join(parts)
    return str(value)


def sample_facts(kind: Kind) -> dict[str, object]:
    """Return facts to preview a kind with: of nobody."""
    return {name: _SAMPLES[type_] for name, type_ in kind.placeholders.items()}


_SAMPLES: Mapping[str, object] = {
    "date": SAMPLE_DAY,
    "words": {"zh-Hans": "居住证", "zh-Hant": "居住證", "en": "residence permit"},
    "count": 3,
    "code": "428301",
    "reasons": [{"zh-Hans": "居住地材料不全", "zh-Hant": "居住地材料不全", "en": "proof of residence incomplete"}],
    "name": "陈样",
}
