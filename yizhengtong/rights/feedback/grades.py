"""The five grades of 好差评 (国办发〔2019〕51号), and for how long a page at the window takes one."""

from collections.abc import Mapping

GRADES: Mapping[int, str] = {
    5: "very_satisfied",
    4: "satisfied",
    3: "fairly_satisfied",
    2: "dissatisfied",
    1: "very_dissatisfied",
}
"""非常满意, 满意, 基本满意, 不满意, 非常不满意 = 5…1, the best first, as they are shown."""
LEAST_SATISFIED = 3
PAGE_SECONDS = 30 * 60
"""How long a page that an officer opened at the window can be filled in."""
WORD_BYTES = 16
"""How much chance is in the word that such a page's address ends with."""
