"""Statistics and output lines of the benches."""

import pytest

from benchmarks.figures import Figure, middle, percentile, shown


def test_the_95th_percentile_of_a_hundred_samples_is_the_95th_smallest() -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], 0.95) == 95


def test_the_95th_percentile_of_few_samples_is_the_largest() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.95) == 3


def test_the_whole_share_is_the_largest_sample() -> None:
    assert percentile([1.0, 2.0], 1) == 2


@pytest.mark.parametrize("share", [0, 1.01, -0.5])
def test_a_share_outside_its_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        percentile([1.0], share)


def test_no_samples_have_no_percentile_and_no_middle() -> None:
    with pytest.raises(ValueError, match="samples"):
        percentile([], 0.95)
    with pytest.raises(ValueError, match="round"):
        middle([])


def test_one_slow_round_does_not_move_the_middle() -> None:
    assert middle([10.0, 11.0, 900.0]) == 11


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0.0, "0"),
        (0.01234, "0.0123"),
        (4.0549, "4.05"),
        (20954.4, "20954"),
        (99.96, "100.0"),
        (12.34, "12.3"),
    ],
)
def test_a_number_is_shown_with_three_digits_that_count(value: float | None, text: str) -> None:
    assert shown(value) == text


def test_a_figure_is_a_line_of_name_value_unit_limit_and_ratio() -> None:
    assert Figure("cases_per_second", 4.0, "1/s", limit=16.0).line == "cases_per_second 4.00 1/s 16.0 0.250"


def test_a_figure_without_a_limit_has_neither_limit_nor_ratio() -> None:
    assert Figure("requests_per_case", 22, "requests").line == "requests_per_case 22.0 requests - -"


def test_a_figure_on_its_target_says_so() -> None:
    assert Figure("cases_per_second", 10.0, "1/s", target=10.0).line.endswith("target >= 10.0: met")
    assert Figure("p95_ms", 100.0, "ms", target=100.0, at_least=False).line.endswith("target <= 100: met")


def test_a_figure_that_misses_its_target_says_so() -> None:
    assert Figure("cases_per_second", 9.99, "1/s", target=10.0).line.endswith("missed")
    assert Figure("p95_ms", 100.1, "ms", target=100.0, at_least=False).line.endswith("missed")


def test_without_a_target_nothing_is_met_or_missed() -> None:
    assert Figure("requests_per_case", 22, "requests").is_on_target is None
