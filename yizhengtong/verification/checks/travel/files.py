"""The platform as a list that is handed over: one line a document, of keyed digests alone, replaced whole.

A line holds what stands for the number, and for birth date and names together with it. Who has the file and not the
keys can neither read it nor find anybody in it; who has both can only ask, as any caller can.
"""

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

from yizhengtong.foundation.exchange.registers.files import Manifest, has_register, put_lines, read_manifest
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.registry.people.writings import comparable, writings
from yizhengtong.verification.checks.travel.contract import UNAVAILABLE, Answer, Question, Result

log = logging.getLogger(__name__)

NAME = "travel_documents"
"""Of the list among the registers of the folder."""
_DIGEST = 32
"""Hexadecimal digits."""
_LINE = 4 * (_DIGEST + 1)
_NONE = "-" * _DIGEST


@dataclass(frozen=True, slots=True)
class Document:
    """A travel document in force. `latin_name` may be empty."""

    kind: DocumentKind
    number: str = field(repr=False)
    name: str = field(repr=False)
    latin_name: str = field(repr=False)
    birth_date: date = field(repr=False)


class FilePlatform:
    """The list of a folder. Content older than `stale_after_days` before the day asked for is not used."""

    def __init__(self, folder: Path, *, stale_after_days: int) -> None:
        self.folder, self.stale_after = folder, timedelta(days=stale_after_days)

    def ask(self, question: Question) -> Answer:
        try:
            manifest, line = self._found(question)
        except (OSError, ValueError, KeyError, TypeError):
            log.error("travel.file_unusable")
            return UNAVAILABLE
        if manifest.as_of + self.stale_after < question.on:
            return Answer(Result.UNAVAILABLE, manifest.as_of)
        return Answer(Result.AGREES if line and _agrees(line, question) else Result.DIFFERS, manifest.as_of)

    def _found(self, question: Question) -> tuple[Manifest, list[str] | None]:
        """Return the document's line; a file replaced between its manifest and its opening is read anew."""
        key = key_of(question.kind, question.number)
        manifest = read_manifest(self.folder, NAME)
        try:
            return manifest, _look_up(self.folder / manifest.lines, key)
        except FileNotFoundError:
            manifest = read_manifest(self.folder, NAME)
            return manifest, _look_up(self.folder / manifest.lines, key)


def has_list(folder: Path) -> bool:
    """Whether a list was ever put into the folder."""
    return has_register(folder, NAME)


def write_list(folder: Path, documents: Iterable[Document], *, as_of: date, register: str) -> Manifest:
    """Put a list in place of the one before, at once and whole; of one number twice the last counts.

    Raises ValueError for a code of a register that is none; kernel.errors.Invalid for a number that cannot be right.
    """
    lines = dict(map(_line, documents))
    return put_lines(
        folder, NAME, (lines[key] for key in sorted(lines)), register=register, as_of=as_of, persons=len(lines)
    )


def key_of(kind: DocumentKind, number: str) -> str:
    """Return what stands for a document in the list: for its lifelong part, whatever the issue count."""
    return blind_index("travel.number", f"{kind}:{parse(kind, number).core}").hex()


def _line(document: Document) -> tuple[str, bytes]:
    key = key_of(document.kind, document.number)
    names = [comparable(document.name), comparable(document.latin_name)]
    digests = [_of(key, "birth", document.birth_date.isoformat())]
    digests += [_of(key, "name", name) if name else _NONE for name in names]
    return key, f"{' '.join([key, *digests])}\n".encode()


def _agrees(line: list[str], question: Question) -> bool:
    key, birth, *names = line
    shown = {_of(key, "name", name) for name in writings(question.name) if name}
    return birth == _of(key, "birth", question.birth_date.isoformat()) and not shown.isdisjoint(names)


def _of(key: str, what: str, value: str) -> str:
    """Return the digest of a value of one document: the same name at another number has another."""
    return blind_index(f"travel.{what}", f"{key}:{value}").hex()


def _look_up(path: Path, key: str) -> list[str] | None:
    """Return the fields of the line at a key, by halving the file: every line is as long as any other."""
    wanted = key.encode()
    with path.open("rb") as file:
        low, high = 0, os.fstat(file.fileno()).st_size // _LINE
        while low < high:
            middle = (low + high) // 2
            line = _line_at(file, middle)
            if line[:_DIGEST] == wanted:
                return line.decode("ascii").split()
            low, high = (middle + 1, high) if line[:_DIGEST] < wanted else (low, middle)
    return None


def _line_at(file: BinaryIO, number: int) -> bytes:
    file.seek(number * _LINE)
    return file.read(_LINE)
