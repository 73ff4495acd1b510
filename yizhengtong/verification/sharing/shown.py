"""Which purposes of showing serve which purposes of relying parties: data of ours, in shown.yaml."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from yizhengtong.credentials.showing.purposes import purposes as purposes_of_showing
from yizhengtong.foundation.yaml_files import read_yaml
from yizhengtong.verification.relying_parties.purposes import purposes


def to_be_shown(purpose: str) -> tuple[str, ...]:
    """Return what a holder may show a permit for to whom it is checked for a purpose, what fits best first."""
    return _table()[purpose]


@cache
def _table() -> Mapping[str, tuple[str, ...]]:
    """Raises ValueError for a purpose that is missing, serves nothing or that nobody knows."""
    table = read_yaml(Path(__file__).with_name("shown.yaml"))
    found = {code: tuple(shown) for code, shown in table.items()}
    wrong = set(found) ^ set(purposes())
    wrong |= {name for each in found.values() for name in each} - set(purposes_of_showing())
    wrong |= {code for code, shown in found.items() if not shown}
    if wrong:
        raise ValueError(f"shown.yaml: {', '.join(sorted(wrong))}")
    return found
