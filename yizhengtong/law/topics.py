"""D1–D28: the points where the texts disagree or leave a choice, with every value seen and the one chosen."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from yizhengtong.law.errors import ErrorList, Place
from yizhengtong.law.keys import KEYS
from yizhengtong.law.schema import Row, Rows, Shape, Words
from yizhengtong.law.values import Certainty


class Seen(Shape):
    """A value seen: in words, where, and typed by `key` where it is a value of one."""

    words: Words
    where: Words
    rows: Rows = ()
    certainty: Certainty
    key: str | None = None
    value: Any = None


class Chosen(Shape):
    """What this platform does for holders of the Hong Kong, Macao and Taiwan permit in Jinan, and why."""

    words: Words
    why: Words
    certainty: Certainty
    keys: tuple[str, ...] = ()


class Topic(Shape):
    """One point of D1–D28, or one more of the same kind (`also_…`)."""

    id: Row | Annotated[str, StringConstraints(pattern=r"^also_[a-z_]+$")]
    topic: Words
    keys: tuple[str, ...] = ()
    seen: tuple[Seen, ...] = Field(min_length=1)
    chosen: Chosen


def check_topic(topic: Topic, place: Place, errors: ErrorList) -> None:
    """Refuse unknown keys and values that their own key could not have."""
    for key in (*topic.keys, *topic.chosen.keys):
        if key not in KEYS:
            errors.add(Place(place.file, place.line, f"{topic.id}: {key}"), "law.unknown_key")
    for seen in topic.seen:
        if seen.key is not None:
            _check_seen(topic.id, seen.key, seen, place, errors)


def _check_seen(topic: str, key: str, seen: Seen, place: Place, errors: ErrorList) -> None:
    where = Place(place.file, place.line, f"{topic}: {key}", seen.where)
    if key not in KEYS:
        errors.add(where, "law.unknown_key")
        return
    try:
        KEYS[key].adapter.validate_python(seen.value)
    except ValidationError as error:
        errors.add(where, "law.wrong_type", at="value", why=error.errors()[0]["msg"])
