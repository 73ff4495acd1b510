"""Keeping figures: results.json and the page made from it."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.figures import Figure
from benchmarks.results import MEANINGS, PAGE, RESULTS, keep, render

FIGURES = [Figure("cases_per_second", 4.0, "1/s", limit=16.0, target=10.0)]


def test_figures_are_kept_with_their_ratio_and_what_they_were_measured_on(tmp_path: Path) -> None:
    keep("cases", FIGURES, results=tmp_path / "results.json", page=tmp_path / "page.md")
    kept = json.loads((tmp_path / "results.json").read_text())["cases"]
    assert kept["figures"][0]["ratio"] == 0.25
    assert set(kept["machine"]) == {"processor", "cores", "memory", "kernel", "python"}
    assert kept["measured_at"].endswith("+00:00")


def test_measuring_one_bench_leaves_the_figures_of_the_others(tmp_path: Path) -> None:
    results, page = tmp_path / "results.json", tmp_path / "page.md"
    keep("cases", FIGURES, results=results, page=page)
    keep("decide", [Figure("decisions_per_second", 20_000, "1/s")], results=results, page=page)
    assert set(json.loads(results.read_text())) == {"cases", "decide"}
    assert "## cases" in page.read_text()
    assert "## decide" in page.read_text()


def test_the_page_says_how_to_repeat_what_was_missed_and_what_others_published(tmp_path: Path) -> None:
    keep("cases", FIGURES, results=tmp_path / "results.json", page=tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text()
    assert "make bench NAME=cases" in page
    assert "| cases_per_second | 4.00 | 1/s | 16.0 | 0.250 | ≥ 10.0: **missed** |" in page
    assert "22.5 uploads/s" in page
    assert "338 ms" in page


def test_the_page_in_the_checkout_is_that_of_the_results_in_it() -> None:
    assert PAGE.read_text() == render(json.loads(RESULTS.read_text()))


def test_the_results_in_the_checkout_hold_every_bench() -> None:
    assert set(json.loads(RESULTS.read_text())) == set(MEANINGS)


def test_an_unknown_bench_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed"]) == 2
    assert "speed" in capsys.readouterr().err
