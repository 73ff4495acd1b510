"""The ids of the rows and points that packs cite (facts.md: S0-T01 … S4-30, D1 … D28)."""

import re
from collections.abc import Mapping

_LAST: Mapping[str, tuple[int, int]] = {
    "S0-T": (40, 2),
    "S0-L": (45, 2),
    "S1-": (103, 3),
    "S2-": (62, 2),
    "S3-": (51, 2),
    "S4-": (30, 2),
    "D": (28, 0),
}
_SHAPE = re.compile(r"^(S0-[TL]|S[1-4]-|D)(\d+)$")


def is_row(row: str) -> bool:
    """Say whether `row` is the id of a row, written as it is written there (S1-013, S2-13, D4)."""
    matched = _SHAPE.match(row)
    if matched is None:
        return False
    last, width = _LAST[matched[1]]
    return 1 <= int(matched[2]) <= last and matched[2] == str(int(matched[2])).zfill(width)
