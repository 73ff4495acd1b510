"""Registers as files that an authority hands over: found by a keyed index, sealed line by line, replaced whole.

`KIND.json` says which file of lines is in use, which register it is of and which day; the lines are sorted by key.
"""

import base64
import json
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import BinaryIO

from yizhengtong.foundation.exchange.registers import forms
from yizhengtong.foundation.exchange.registers.contract import (
    Answer,
    Fact,
    Kind,
    Number,
    Question,
    Result,
    Told,
    names_of,
    unavailable,
)
from yizhengtong.foundation.vault.envelope import Place, UnknownEnvelope, open_envelope, seal
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import parse

log = logging.getLogger(__name__)

REGISTER_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_KEY_BYTES = 32
_LINES = re.compile(r"[a-z_]+-[0-9a-f]{32}\.lines")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder holds of a kind: the file in use, whose register, of which day, how many persons."""

    lines: str
    register: str
    as_of: date
    persons: int


class FileRegister:
    """One kind of a folder. Content older than `stale_after_days` before the day asked for is not used."""

    def __init__(self, folder: Path, kind: Kind, *, stale_after_days: int) -> None:
        self.folder, self.kind, self.stale_after = folder, kind, timedelta(days=stale_after_days)

    def ask(self, question: Question) -> Answer:
        try:
            manifest, entries = self._entries(question)
        except (OSError, ValueError, KeyError, TypeError, UnknownEnvelope):
            log.error("registers.file_unusable kind=%s", self.kind)
            return unavailable(self.kind)
        if manifest.as_of + self.stale_after < question.on:
            return unavailable(manifest.register, manifest.as_of)
        result = Result.FOUND if entries else Result.NOT_FOUND
        return Answer(result, manifest.register, manifest.as_of, tuple(entries))

    def _entries(self, question: Question) -> tuple[Manifest, list[Told]]:
        """Return what is there about the person; a file replaced between its manifest and its opening is read anew."""
        if question.kind != self.kind:
            raise ValueError("a question of another kind")
        manifest = read_manifest(self.folder, self.kind)
        try:
            return manifest, self._found(manifest, question)
        except FileNotFoundError:
            manifest = read_manifest(self.folder, self.kind)
            return manifest, self._found(manifest, question)

    def _found(self, manifest: Manifest, question: Question) -> list[Told]:
        keys = dict.fromkeys(key_of(self.kind, number) for number in question.numbers)
        with (self.folder / manifest.lines).open("rb") as file:
            sealed = [(key, line) for key in keys if (line := _look_up(file, key)) is not None]
        return [
            {name: told[name] for name in question.wanted}
            for key, envelope in sealed
            for told in _opened(self.kind, key, envelope)
        ]


def key_of(kind: Kind, number: Number) -> str:
    """Return what stands for a number in the file of a kind, in 32 hexadecimal digits; another in every other kind."""
    core = parse(number.kind, number.text).core
    return blind_index(f"registers.{kind}", f"{number.kind}:{core}").hex()


def write_register(
    folder: Path, kind: Kind, rows: Iterable[tuple[Number, Fact]], *, as_of: date, register: str
) -> Manifest:
    """Put a register in place of the one before, at once and whole. Several rows of one number are its entries.

    Raises ValueError for a code of a register that is none; kernel.errors.Invalid for a number that cannot be right.
    """
    entries: dict[str, list[Told]] = {}
    for number, fact in rows:
        entries.setdefault(key_of(kind, number), []).append(forms.told_of(fact, names_of(kind)))
    lines = (_line(key, seal(_content(entries[key]), _place(kind, key))) for key in sorted(entries))
    return put_lines(folder, kind, lines, register=register, as_of=as_of, persons=len(entries))


def put_lines(folder: Path, name: str, lines: Iterable[bytes], *, register: str, as_of: date, persons: int) -> Manifest:
    """Put lines of whatever form, sorted by their keys, in place of those under a name, at once and whole.

    Raises ValueError for a code of a register that is none.
    """
    if not REGISTER_CODE.fullmatch(register):
        raise ValueError("a register's code is 1 to 40 small letters, digits, dots, hyphens or underscores")
    with _locked(folder, name):
        return _put(folder, name, lines, register=register, as_of=as_of, persons=persons)


def read_manifest(folder: Path, kind: str) -> Manifest:
    """Return what a folder holds of a kind. Raises FileNotFoundError, ValueError, KeyError."""
    stored = json.loads((folder / f"{kind}.json").read_bytes())
    if not _LINES.fullmatch(stored["lines"]):
        raise ValueError("a manifest names a file that is none of its folder")
    as_of = date.fromisoformat(stored["as_of"])
    return Manifest(stored["lines"], str(stored["register"]), as_of, int(stored["persons"]))


def has_register(folder: Path, kind: str) -> bool:
    """Whether a register of this kind was ever put into the folder."""
    return (folder / f"{kind}.json").is_file()


def sealed_lines(folder: Path, kind: Kind) -> Iterator[tuple[str, bytes]]:
    """Yield key and envelope of each person of the file in use."""
    with (folder / read_manifest(folder, kind).lines).open("rb") as file:
        for line in file:
            yield _read_line(line)


def replace_envelopes(folder: Path, kind: Kind, anew: Callable[[str, bytes], bytes]) -> None:
    """Put the envelope that `anew` gives for a key and its envelope in place of each, whole and at once."""
    with _locked(folder, kind):
        manifest = read_manifest(folder, kind)
        lines = (_line(key, anew(key, envelope)) for key, envelope in sealed_lines(folder, kind))
        _put(folder, kind, lines, register=manifest.register, as_of=manifest.as_of, persons=manifest.persons)


def place_of(kind: Kind, key: str) -> Place:
    """Return where a person's entries are sealed to."""
    return _place(kind, key)


def _place(kind: Kind, key: str) -> Place:
    return Place(f"registers.{kind}", "facts", key)


def _content(entries: list[Told]) -> bytes:
    return json.dumps([forms.written(told) for told in entries], ensure_ascii=False, separators=(",", ":")).encode()


def _opened(kind: Kind, key: str, envelope: bytes) -> list[Told]:
    stored = json.loads(open_envelope(envelope, _place(kind, key)))
    return [forms.read(kind, each, names_of(kind)) for each in stored]


def _line(key: str, envelope: bytes) -> bytes:
    return key.encode() + b" " + base64.b64encode(envelope) + b"\n"


def _read_line(line: bytes) -> tuple[str, bytes]:
    key, _, envelope = line.rstrip(b"\n").partition(b" ")
    return key.decode("ascii"), base64.b64decode(envelope, validate=True)


def _look_up(file: BinaryIO, key: str) -> bytes | None:
    """Return the envelope at a key, by halving the file. No more of it is read than a few lines."""
    wanted, low, high = key.encode(), 0, file.seek(0, os.SEEK_END)
    while low < high:
        middle = (low + high) // 2
        start = _start_of_line(file, middle, low)
        file.seek(start)
        line = file.readline()
        found = line[:_KEY_BYTES]
        if found == wanted:
            return _read_line(line)[1]
        if found < wanted:
            low = start + len(line)
        else:
            high = start
    return None


def _start_of_line(file: BinaryIO, at: int, low: int) -> int:
    """Return where the line begins that the byte `at` lies in; `low` is the start of a line before it."""
    step = 256
    while True:
        begin = max(low, at - step)
        file.seek(begin)
        before = file.read(at - begin)
        newline = before.rfind(b"\n")
        if newline >= 0:
            return begin + newline + 1
        if begin == low:
            return low
        step *= 2


@contextmanager
def _locked(folder: Path, kind: str) -> Iterator[None]:
    """Let one at a time replace a register; who reads needs no lock."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / f".{kind}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def _put(folder: Path, kind: str, lines: Iterable[bytes], *, register: str, as_of: date, persons: int) -> Manifest:
    name = f"{kind}-{new_id().hex}.lines"
    _write(folder / name, lines)
    stored = {"lines": name, "register": register, "as_of": as_of.isoformat(), "persons": persons}
    draft = folder / f".{name}.json"
    _write(draft, [json.dumps(stored, indent=1).encode()])
    draft.replace(folder / f"{kind}.json")
    for old in folder.glob(f"{kind}-*.lines"):
        if old.name != name:
            old.unlink()
    return Manifest(name, register, as_of, persons)


def _write(path: Path, parts: Iterable[bytes]) -> None:
    with path.open("xb") as file:
        path.chmod(0o600)
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
