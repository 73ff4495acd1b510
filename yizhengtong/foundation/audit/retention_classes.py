"""Which class an entry belongs to, from classes.yaml: looked up when an entry is written."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from yizhengtong.foundation.yaml_files import read_yaml


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = read_yaml(Path(__file__).with_name("classes.yaml"))
    return table


@cache
def class_of(kind: str, action: str, actor_kind: str) -> str:
    """Return archive, work or log for an entry."""
    table = _table()
    by_actor = table["by_actor"].get(f"{kind} {actor_kind}")
    return str(table["actions"].get(action) or by_actor or table["kinds"][kind])


def least_months(retention: str) -> int | None:
    """Return how many months a class is kept at least where this table says it, None where a pack does or never."""
    months = _table()["classes"][retention].get("at_least_months")
    return int(months) if months is not None else None
