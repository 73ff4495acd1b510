"""The words for codes: every error, finding and notice, in simplified and traditional Chinese and English.

Each room keeps a `texts.yaml` beside its code: `code: {zh-Hans: …, zh-Hant: …, en: …}`. Codes never change, words may
(docs/adr/0010). `{mainland}` is 内地 to Hong Kong and Macao residents and 大陆 to Taiwan residents.
"""

from yizhengtong.foundation.texts.catalogue import (
    LANGUAGES,
    PAGE_LANGUAGES,
    base_of,
    day_in_words,
    knows,
    language_of,
    page_language_of,
    say,
)

__all__ = [
    "LANGUAGES",
    "PAGE_LANGUAGES",
    "base_of",
    "day_in_words",
    "knows",
    "language_of",
    "page_language_of",
    "say",
]
