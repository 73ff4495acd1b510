"""The one text form of an entry that is hashed, and how hashes make a chain. Standard library only.

An entry's text is the line that PostgreSQL's COPY writes for `COLUMNS` (tabs between, `\\N` for nothing, backslash
escapes) in UTF-8, with DateStyle ISO and time zone UTC, after the number of the form. No newline. It is the same on
every version from 15 on, and an export holds these very lines. docs/audit.md describes it for outsiders.
"""

import hashlib
from collections.abc import Callable

FORM = b"1"
COLUMNS = (
    "id",
    "at",
    "kind",
    "action",
    "actor_kind",
    "actor_id",
    "office_id",
    "person_id",
    "object_kind",
    "object_id",
    "purpose",
    "fields",
    "request_id",
    "retention",
)
NOTHING = b"\\N"
START = b"0" * 64
"""What stands for the link before the first."""

HASHES = {"international": "sha256", "national": "sm3", "both": "sm3"}
"""The hash of a deployment's choice of algorithms (YZT_CRYPTO)."""

SESSION = "SET client_encoding TO 'UTF8'; SET datestyle TO 'ISO, YMD'; SET timezone TO 'UTC'"
"""What a database session must say before it writes the form."""

Hash = Callable[[bytes], str]


def hash_named(name: str) -> Hash:
    """Return the function from bytes to the hash in lower-case hexadecimal. Raises ValueError for an unknown name."""
    if name == "sha256":
        sha256 = hashlib.sha256
        return lambda text: sha256(text).hexdigest()
    if name not in HASHES.values():
        raise ValueError(f"there is no hash {name} here")
    return lambda text: hashlib.new(name, text).hexdigest()


def columns_of(alias: str) -> str:
    """Return the select list of an entry's text; every column is nothing where the row of a left join is missing."""
    return ", ".join([f"CASE WHEN {alias}.id IS NOT NULL THEN '1' END", *(f"{alias}.{name}" for name in COLUMNS)])


def place_of(sequence: int, line: bytes, hashed: Hash) -> bytes:
    """Return `sequence TAB id TAB retention TAB entry hash`: what a link says beside the link before it."""
    key = line.split(b"\t", 2)[1]
    retention = line[line.rindex(b"\t") + 1 :]
    return b"%d\t%b\t%b\t%b" % (sequence, key, retention, hashed(line).encode())


def link_after(previous: bytes, place: bytes, hashed: Hash) -> bytes:
    """Return the link of a place, in hexadecimal: the hash over the link before, a tab, and the place."""
    return hashed(previous + b"\t" + place).encode()
