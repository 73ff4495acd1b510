"""Pages as a visitor gets them: the client, the words between the tags, the laws put in force."""

import html
import re
from collections.abc import Mapping
from typing import Any

from django.test import Client

_TAG = re.compile(r"<[^>]+>")
_CODE = re.compile(r"(?:guide|guiding|when|front|applications|settlement|residence|privacy|pages|resident)\.[a-z_]+\w")
_GAP = re.compile(r"\{[a-z_]+\}")


def get(path: str, language: str = "zh-Hans", **query: str) -> Any:
    """Ask for a page in a language that the browser speaks: no choice is made, no cookie set."""
    accepts = {"zh-Hans": "zh-CN", "zh-Hant-HK": "zh-HK", "zh-Hant-TW": "zh-TW", "en": "en"}[language]
    return Client().get(path, query, headers={"Accept-Language": accepts})


def post(path: str, answers: Mapping[str, object], language: str = "zh-Hans") -> Any:
    """Send a form as a browser does, with Django's check of tokens switched on."""
    accepts = {"zh-Hans": "zh-CN", "zh-Hant-HK": "zh-HK", "zh-Hant-TW": "zh-TW", "en": "en"}[language]
    return Client(enforce_csrf_checks=True).post(path, dict(answers), headers={"Accept-Language": accepts})


def words_of(answer: Any) -> str:
    """Return the words of a page, white space made one blank."""
    return re.sub(r"\s+", " ", html.unescape(_TAG.sub(" ", answer.content.decode())))


def missing_words(answer: Any) -> set[str]:
    """Return codes and gaps that stand on a page where words should."""
    return set(_CODE.findall(words_of(answer))) | set(_GAP.findall(words_of(answer)))
