"""What the figures of `endorsement` are made of: the worse kind of sweep, by rounds that are neighbours in time."""

from datetime import date
from pathlib import Path

from benchmarks.endorsement import KINDS, Side, figures
from benchmarks.figures import Figure
from yizhengtong.project.database import ConnectionInfo

DAILY, BACKLOG = KINDS


def a_side(daily: list[float], backlog: list[float]) -> Side:
    side = Side(10, ConnectionInfo(Path("/nowhere"), Path("/nowhere"), 0, ""), date(2026, 11, 21))
    for of in (side.seconds, side.by_clock, side.by_cpu, side.copied):
        of.update({DAILY: daily, BACKLOG: backlog})
    side.done.update({DAILY: [5] * len(daily), BACKLOG: [50] * len(backlog)})
    return side


def by_name(small: Side, large: Side) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures(small, large)}


def test_a_machine_that_slows_down_between_the_rounds_does_not_change_the_ratio() -> None:
    found = by_name(a_side([100.0, 200.0, 400.0], [50.0] * 3), a_side([90.0, 180.0, 360.0], [50.0] * 3))
    assert found["cost_ratio"].value == 1.0
    assert found["cost_ratio"].is_on_target
    assert found[f"us_per_permit.{DAILY}"].ratio == 0.9


def test_the_worse_kind_of_sweep_counts_and_more_than_a_tenth_is_missed() -> None:
    found = by_name(a_side([100.0], [100.0]), a_side([50.0], [111.0]))
    assert found["cost_ratio"].value == 1.11
    assert "missed" in found["cost_ratio"].line
    assert "missed" in found["cost_ratio.by_cpu"].line


def test_seconds_and_permits_are_those_of_the_larger_side() -> None:
    found = by_name(a_side([1.0], [2.0]), a_side([10.0], [20.0]))
    assert (found[f"seconds.{DAILY}"].value, found[f"seconds.{BACKLOG}"].value) == (10.0, 20.0)
    assert found[f"permits_swept.{BACKLOG}"].value == 50
