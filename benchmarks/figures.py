"""Figures: what was measured, in which unit, beside its limit; and the statistics they are made with."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    `limit`: what the shortest honest program reaches in the same run, in the same unit. `target`: what the project
    asks for; `at_least` says on which side of it the figure must lie.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    target: float | None = None
    at_least: bool = True

    @property
    def ratio(self) -> float | None:
        """Return value by limit, None without a limit."""
        return self.value / self.limit if self.limit else None

    @property
    def is_on_target(self) -> bool | None:
        """Whether the target is met, None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def line(self) -> str:
        """Return `name value unit limit ratio`, and the target where there is one."""
        words = [self.name, shown(self.value), self.unit, shown(self.limit), shown(self.ratio)]
        if self.target is not None:
            sign, verdict = (">=" if self.at_least else "<="), ("met" if self.is_on_target else "missed")
            words.append(f"target {sign} {shown(self.target)}: {verdict}")
        return " ".join(words)


def shown(value: float | None) -> str:
    """Return a number with three digits that count, `-` for none."""
    if value is None:
        return "-"
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def percentile(samples: Sequence[float], share: float) -> float:
    """Return the smallest sample that at least `share` of them do not exceed (nearest rank). Raises ValueError."""
    if not samples or not 0 < share <= 1:
        raise ValueError("samples, and a share above 0 and up to 1, are needed")
    ranked = sorted(samples)
    return ranked[math.ceil(share * len(ranked)) - 1]


def middle(values: Sequence[float]) -> float:
    """Return the median of the rounds. Raises ValueError where there is none."""
    if not values:
        raise ValueError("no round was measured")
    return float(median(values))
