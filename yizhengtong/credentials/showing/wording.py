"""What is shown, in words for who reads it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from yizhengtong.credentials.showing.claims import Value
from yizhengtong.foundation.texts import knows
from yizhengtong.permitting.permits.rules import Standing

Say = Callable[..., str]


def worded(values: Mapping[str, Value], say: Say) -> list[tuple[str, Value]]:
    """Return (label, words) of each claim in its order; a day stays a day."""
    return [(say(f"showing.claim_{name}"), _words(name, value, say)) for name, value in values.items()]


def labels(names: Iterable[str], say: Say) -> list[str]:
    """Return the labels of claims."""
    return [say(f"showing.claim_{name}") for name in names]


def standing_words(standing: Standing, say: Say) -> str:
    """Return how a permit stands; an end is an end, whatever brought it about."""
    code = "showing.standing_good" if standing.is_valid else f"showing.standing_{standing.reason}"
    return say(code if knows(code) and not standing.has_ended else "showing.standing_ended")


def _words(name: str, value: Value, say: Say) -> Value:
    if isinstance(value, bool):
        return say("showing.yes" if value else "showing.no")
    if isinstance(value, date):
        return value
    code = f"showing.{name}_{value}"
    return say(code) if name == "kind" and knows(code) else value
