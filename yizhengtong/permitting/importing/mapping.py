"""Which heading is which field, and which word which value: columns.yaml, or an operator's copy of it."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from yizhengtong.foundation.lists.cells import EMPTY, Cell, written
from yizhengtong.kernel.errors import Invalid

Field = Literal[
    "name", "latin_name", "sex", "birth_date", "region", "phone", "travel_number", "travel_kind", "travel_valid_until",
    "permit_number", "issued_on", "last_valid_day", "permit_state", "ended_on", "authority", "issue_count", "county",
    "address", "stay_since", "stay_until", "reported_by",
]  # fmt: skip
_DEFAULTS = Path(__file__).with_name("columns.yaml")


class Columns(BaseModel):
    """A mapping as it stands in its file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    columns: dict[Field, list[str]]
    words: dict[Field, dict[str, list[str]]]
    defaults: dict[Field, str] = {}

    @model_validator(mode="after")
    def names_each_heading_once(self) -> Self:
        headings = [folded(heading) for names in self.columns.values() for heading in names]
        if len(set(headings)) != len(headings):
            raise ValueError("a heading stands for two fields")
        return self

    @cached_property
    def field_of_heading(self) -> Mapping[str, Field]:
        return {folded(heading): field for field, names in self.columns.items() for heading in names}

    @cached_property
    def value_of_word(self) -> Mapping[str, Mapping[str, str]]:
        return {
            field: {folded(word): value for value, words in values.items() for word in words}
            for field, values in self.words.items()
        }

    @cached_property
    def hash(self) -> str:
        """Return what tells this mapping from others."""
        return sha256(self.model_dump_json().encode()).hexdigest()

    def fields(self, headings: Sequence[str]) -> list[Field | None]:
        """Return the field of each column, None for one that is not taken over.

        Raises Invalid `importing.column_twice` or `importing.columns_missing`.
        """
        found = [self.field_of_heading.get(folded(heading)) for heading in headings]
        taken = [field for field in found if field is not None]
        if len(set(taken)) != len(taken):
            raise Invalid("importing.column_twice")
        if "name" not in taken or not {"travel_number", "permit_number"} & set(taken):
            raise Invalid("importing.columns_missing")
        return found

    def cell(self, cells: Mapping[Field, Cell], field: Field) -> Cell:
        """Return a line's cell, or what the mapping sets where it is empty."""
        cell = cells.get(field, EMPTY)
        return cell if written(cell) else Cell(text=self.defaults.get(field, ""))

    def word(self, field: Field, text: str) -> str | None:
        """Return the value that a word stands for, None for an unknown one."""
        return self.value_of_word.get(field, {}).get(folded(text))


def read_mapping(path: Path | None = None) -> Columns:
    """Return the mapping of a file, the project's own without one. Raises Invalid `importing.mapping_wrong`."""
    try:
        # Somebody's own file is read by PyYAML itself: libyaml would end the process where it is nested too deeply.
        return Columns.model_validate(yaml.safe_load((path or _DEFAULTS).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError, ValidationError) as wrong:
        raise Invalid("importing.mapping_wrong") from wrong


def folded(text: str) -> str:
    """Return a heading or word as it is compared: any width and case, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
