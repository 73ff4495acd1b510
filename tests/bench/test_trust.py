"""What the figure of `trust` is made of: rounds that are neighbours in time."""

from pathlib import Path

from benchmarks.trust import Side, figures
from yizhengtong.project.supervision import Process


def _side(rates: list[float], cpu_ms: list[float]) -> Side:
    return Side(0, Process("web", ["true"], env={}, cwd=Path("/")), rates, cpu_ms)


def test_a_machine_that_slows_down_between_the_rounds_does_not_change_what_trust_costs() -> None:
    trusted = _side([8.0, 4.0, 2.0], [120.0, 240.0, 480.0])
    bare = _side([10.0, 5.0, 2.5], [100.0, 200.0, 400.0])
    by_name = {figure.name: figure for figure in figures(trusted, bare)}
    assert by_name["cost_ratio"].value == 1.25
    assert by_name["cost_ratio.by_cpu"].value == 1.2
    assert by_name["cases_per_second.sealed_and_recorded"].value == 4.0


def test_trust_that_costs_more_than_half_a_case_is_a_missed_target() -> None:
    lines = [figure.line for figure in figures(_side([2.0], [160.0]), _side([4.0], [100.0]))]
    assert lines[0].startswith("cost_ratio 2.00 x")
    assert all("missed" in line for line in lines[:2])
