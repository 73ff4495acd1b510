"""The bench of credentials yields what the page promises, with the targets that are asked for."""

import pytest

from benchmarks import credentials_formats


def test_both_formats_are_measured_beside_signing_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials_formats, "_ROUNDS", 1)
    monkeypatch.setattr(credentials_formats, "_ROUND_SECONDS", 0.001)
    figures = {figure.name: figure for figure in credentials_formats.measure()}
    assert figures["sd_jwt_ratio"].target == 0.4
    assert figures["mdoc_ratio"].target == 0.25
    for name in ("sd_jwt", "mdoc"):
        rate, ratio = figures[f"{name}_per_second"], figures[f"{name}_ratio"]
        assert rate.limit is not None
        assert ratio.value == pytest.approx(rate.value / rate.limit), "one round: the median of the ratios is its ratio"
        assert 0 < ratio.value < 1, "a credential cannot cost less than its signature"
