"""Reading a list line by line: CSV in UTF-8, GB18030 or UTF-16, or the first sheet of an Excel workbook.

Nothing of a list is copied: it is read where it lies. A workbook is a zip of XML, so what it would unpack to is looked
at before it is opened.
"""

import codecs
import contextlib
import csv
import zipfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import openpyxl

from yizhengtong.foundation.lists.cells import Cell, cell_of
from yizhengtong.kernel.errors import Invalid

_PIECE = 1 << 20
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_LONGEST_UNPACKED = 2 << 30
_DENSEST = 200
_FIRST_BYTES = 2048
_LONGEST_CELL = 4096
_SEPARATORS = ",\t;"

Line = tuple[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class List:
    """An open list: its headings, and the lines below them with their numbers in the file, from 2 on."""

    headings: Sequence[str]
    lines: Iterator[Line]


@contextmanager
def open_list(path: Path) -> Iterator[List]:
    """Open a list. Raises Invalid `importing.list_unreadable`, `.list_too_large`, `.list_empty`, `.old_excel`."""
    with contextlib.closing(_readable(path)) as lines:
        first = next(lines, None)
        if first is None:
            raise Invalid("importing.list_empty")
        yield List([cell.text.strip() for cell in first[1]], lines)


def _readable(path: Path) -> Generator[Line, None, None]:
    try:
        with path.open("rb") as file:
            start = file.read(8)
            if start.startswith(_OLD_EXCEL):
                raise Invalid("importing.old_excel")
            yield from _workbook(file) if start.startswith(b"PK\x03\x04") else _separated(path)
    except (OSError, UnicodeError, csv.Error, zipfile.BadZipFile, KeyError) as unreadable:
        raise Invalid("importing.list_unreadable") from unreadable


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def encoding_of(path: Path) -> str:
    """Return a text's encoding: by its mark, else UTF-8 where all of it is, else GB18030."""
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        return "utf-8-sig" if _is_utf8(file) else "gb18030"


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separated(path: Path) -> Iterator[Line]:
    with path.open(encoding=encoding_of(path), newline="") as file:
        head = file.readline()
        separator = max(_SEPARATORS, key=head.count)
        file.seek(0)
        for line, cells in enumerate(csv.reader(file, delimiter=separator), 1):
            if any(len(cell) > _LONGEST_CELL for cell in cells):
                raise Invalid("importing.list_unreadable")
            if line == 1 or any(cell.strip() for cell in cells):
                yield line, [Cell(text=cell) for cell in cells]


def _workbook(file: BinaryIO) -> Iterator[Line]:
    _refuse_bombs(file)
    file.seek(0)
    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
            if line == 1 or any(value not in {None, ""} for value in values):
                yield line, [cell_of(value) for value in values]
    finally:
        book.close()


def _refuse_bombs(file: BinaryIO) -> None:
    """Refuse what unpacks to too much, or declares entities of its own."""
    file.seek(0)
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
        unpacked, size = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
        if unpacked > _LONGEST_UNPACKED or unpacked > _DENSEST * max(size, _PIECE):
            raise Invalid("importing.list_too_large")
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with packed.open(part) as opened:
                    if b"<!DOCTYPE" in opened.read(_FIRST_BYTES).replace(b"\0", b""):
                        raise Invalid("importing.list_unreadable")
