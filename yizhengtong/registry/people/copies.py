"""What rooms above keep of a person, for the copy that the person may take along (个人信息保护法 art. 45).

A room adds its part when its app is ready; who makes the copy (rights.privacy) need not know the room.
"""

from collections.abc import Callable, Mapping, Sequence

from yizhengtong.registry.people.models import Person

Row = Mapping[str, object]
"""A row as JSON can hold it, instants and days as they are."""
Part = Callable[[Person], Sequence[Row]]

_parts: dict[str, Part] = {}


def add_part(name: str, part: Part) -> None:
    """Take in what a room keeps, under a name of its own; called once, when its app is ready."""
    _parts[name] = part


def parts_of(person: Person) -> Mapping[str, Sequence[Row]]:
    """Return every part of a person's copy by its name. Who may have it, and the record, are the caller's."""
    return {name: part(person) for name, part in sorted(_parts.items())}
