"""Pack texts into plain values that remember their lines. Bounded in size, depth and kind before anything is built."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from yizhengtong.law.errors import ErrorList, Place

MOST_CHARACTERS = 1_000_000
MOST_EVENTS = 200_000
DEEPEST = 14
_MOST_DIGITS = 40
_UNBUILT = (yaml.YAMLError, ValueError, ArithmeticError, LookupError, AttributeError)
"""What PyYAML raises at values that are none of their kind: `!!bool perhaps`, `!!int ""`, a time before the first."""

Path = tuple[str | int, ...]


class _PackLoader(yaml.SafeLoader):
    """SafeLoader whose lists are tuples: what a pack says does not change after reading."""


def _tuple(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> tuple[object, ...]:
    return tuple(loader.construct_object(child, deep=True) for child in node.value)


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    """Return an integer of as many digits as a law could name: YAML counts in sixties too, by the square of them."""
    if len(node.value) > _MOST_DIGITS:
        raise yaml.constructor.ConstructorError(problem="a number is too long", problem_mark=node.start_mark)
    return loader.construct_yaml_int(node) if node.tag.endswith(":int") else loader.construct_yaml_float(node)


_PackLoader.add_constructor("tag:yaml.org,2002:seq", _tuple)
_PackLoader.add_constructor("tag:yaml.org,2002:int", _number)
_PackLoader.add_constructor("tag:yaml.org,2002:float", _number)


@dataclass(frozen=True, slots=True)
class Document:
    """A pack file read: its values, and the line (from 1) on which each path begins."""

    file: str
    values: Mapping[str, object]
    lines: Mapping[Path, int] = field(repr=False)

    def line(self, path: Path) -> int:
        """The line of the nearest known place on the way to `path`."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1

    def place(self, path: Path, key: str = "", article: str = "") -> Place:
        return Place(self.file, self.line(path), key or ".".join(str(part) for part in path), article)


def read(file: str, text: str, errors: ErrorList) -> Document | None:
    """The document in `text`, or None with the reasons added to `errors`."""
    try:
        node = _compose(file, text, errors)
        if node is None:
            return None
        lines: dict[Path, int] = {}
        _note_lines(file, node, (), lines, errors)
        loader = _PackLoader("")
        values = loader.construct_document(node)
    except _UNBUILT as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        errors.add(Place(file, line, "-"), "law.not_yaml", why=getattr(error, "problem", None) or str(error))
        return None
    return Document(file, values, lines)


def _compose(file: str, text: str, errors: ErrorList) -> yaml.MappingNode | None:
    if len(text) > MOST_CHARACTERS:
        errors.add(Place(file, 1, "-"), "law.file_too_large", most=MOST_CHARACTERS)
        return None
    if not _is_bounded(file, text, errors):
        return None
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    if not isinstance(node, yaml.MappingNode):
        errors.add(Place(file, 1, "-"), "law.not_a_mapping")
        return None
    return node


def _is_bounded(file: str, text: str, errors: ErrorList) -> bool:
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            errors.add(Place(file, line, "-"), "law.alias_in_pack")
            return False
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or count > MOST_EVENTS:
            errors.add(Place(file, line, "-"), "law.file_too_deep", most=DEEPEST)
            return False
    return True


def _note_lines(file: str, node: yaml.Node, path: Path, lines: dict[Path, int], errors: ErrorList) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            _note_lines(file, child, (*path, index), lines, errors)
    elif isinstance(node, yaml.MappingNode):
        _note_mapping(file, node, path, lines, errors)


def _note_mapping(file: str, node: yaml.MappingNode, path: Path, lines: dict[Path, int], errors: ErrorList) -> None:
    seen: set[str] = set()
    for key_node, child in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(problem="a key must be a word", problem_mark=key_node.start_mark)
        key = str(key_node.value)
        inner = (*path, key)
        if key in seen:
            errors.add(Place(file, line, ".".join(str(part) for part in inner)), "law.key_twice")
        seen.add(key)
        lines[inner] = line
        _note_lines(file, child, inner, lines, errors)
