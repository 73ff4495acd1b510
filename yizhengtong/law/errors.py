"""What is wrong with a pack, each with its place in the file and the article it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from yizhengtong.foundation.yaml_files import read_yaml


@dataclass(frozen=True, slots=True, order=True)
class PackError:
    """One thing wrong: `line` counts from 1; `key` is a parameter or a path in the file; `article` may be empty."""

    file: str
    line: int
    key: str
    article: str
    code: str
    message: str

    def __str__(self) -> str:
        article = f", {self.article}" if self.article else ""
        return f"{self.file}:{self.line}: {self.key}{article}: {self.message} [{self.code}]"


class PackErrors(Exception):
    """The packs as they stand cannot be law. `errors` holds everything that is wrong, in file and line order."""

    def __init__(self, errors: Iterable[PackError]) -> None:
        self.errors = tuple(sorted(errors))
        super().__init__("\n".join(str(error) for error in self.errors))


class ErrorList:
    """Collects what is wrong while a pack is read, so that all of it is told at once."""

    def __init__(self) -> None:
        self.errors: list[PackError] = []

    def add(self, place: "Place", code: str, **facts: object) -> None:
        words = texts().get(code, {}).get("en", code)
        known = {"file": place.file, "line": place.line, "key": place.key, "article": place.article, **facts}
        message = words.format_map(known)
        self.errors.append(PackError(place.file, place.line, place.key, place.article, code, message))

    def raise_if_any(self) -> None:
        if self.errors:
            raise PackErrors(self.errors)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the packs something stands."""

    file: str
    line: int
    key: str
    article: str = ""


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """The words of every code of this room, in zh-Hans, zh-Hant and en."""
    loaded: Mapping[str, Mapping[str, str]] = read_yaml(Path(__file__).parent / "texts.yaml")
    return loaded
