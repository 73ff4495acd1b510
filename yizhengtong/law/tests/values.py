"""Values of the law as plain Python, for comparison with what a test expects."""

from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from yizhengtong.kernel.findings import Source
from yizhengtong.law.reading import Library
from yizhengtong.law.schema import Entry


def plain_value(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, tuple):
        return [plain_value(each) for each in value]
    return value


def sparse_value(value: object) -> object:
    """Return a value without the parts that are as they would be unsaid."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        said_parts = {
            name: getattr(value, name)
            for name, field in fields.items()
            if field.is_required() or getattr(value, name) != field.default
        }
        return {name: sparse_value(part) for name, part in said_parts.items()}
    return [sparse_value(each) for each in value] if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Said:
    """One value of one pack, whatever other packs say."""

    value: Any
    entry: Entry
    source: Source


def value_in(library: Library, path: str, key: str) -> Said:
    """Return the only value of `key` in one pack."""
    file = library.files[path]
    (found,) = [parameter for parameter in file.parameters if parameter.key == key]
    return Said(found.value, found.entry, file.source(found.entry.source))


def said(key: str, value: object, unit: str, certainty: str, source: str, *rows: str) -> Any:
    """Return a case of a table of values, marked with the rows it proves."""
    return pytest.param(key, value, unit, certainty, source, marks=pytest.mark.row(*rows), id=key)
