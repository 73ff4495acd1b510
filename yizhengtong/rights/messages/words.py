"""Words for what messages speak of: items, permits, offices, reasons. By language, so that each reader has theirs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from yizhengtong.foundation.texts import knows, say
from yizhengtong.foundation.texts.catalogue import LANGUAGES

Words = Mapping[str, str]


def in_all(code: str, facts: Mapping[str, object] | None = None, region: str = "") -> Words:
    """Return the words of a code in every language."""
    return {language: say(code, language, facts, region=region) for language in LANGUAGES}


def item_words(item: str) -> Words:
    """Return what a service item is called; one without a name of its own is an application for a permit."""
    code = f"messages.item_{item.replace('.', '_')}"
    return in_all(code if knows(code) else "messages.item")


def permit_words(kind: str, region: str) -> Words:
    """Return what a permit is called; the name follows the holder's region."""
    for code in (f"messages.permit_{kind}_{region.lower()}", f"messages.permit_{kind}"):
        if knows(code):
            return in_all(code)
    return in_all("messages.permit")


def office_words(name: str) -> Words:
    """Return an office's name, the same in every language: it is a proper name."""
    return dict.fromkeys(LANGUAGES, name) if name else in_all("messages.office")


def reasons_of(findings: Sequence[Mapping[str, Any]], region: str) -> list[Words]:
    """Return in words what stands against an application, as a notice keeps it."""
    return [_reason(each, region) for each in findings if not each["met"]] or [in_all("messages.see_notice")]


def _reason(stored: Mapping[str, Any], region: str) -> Words:
    code, facts = stored["code"], {name: _thawed(value) for name, value in stored["facts"].items()}
    ending = "unmet" if stored["met"] is False else "open"
    told = f"{code}.{ending}"
    return in_all(told if knows(told) else code, facts, region)


def _thawed(value: Any) -> Any:
    return date.fromisoformat(value["day"]) if isinstance(value, Mapping) and set(value) == {"day"} else value
