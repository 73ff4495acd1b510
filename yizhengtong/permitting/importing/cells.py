"""What one cell of a list says: shared with every room that reads lists."""

from yizhengtong.foundation.lists.cells import (
    EMPTY,
    EXACT_DIGITS,
    WITHOUT_END,
    Cell,
    cell_of,
    day_written,
    is_blank,
    number_written,
    written,
)

__all__ = [
    "EMPTY",
    "EXACT_DIGITS",
    "WITHOUT_END",
    "Cell",
    "cell_of",
    "day_written",
    "is_blank",
    "number_written",
    "written",
]
