"""`make check` runs everything whatever fails, and fails when one does."""

import sys

import check
import pytest


def test_every_check_runs_and_one_failure_fails_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = [sys.executable, "-c", "print('what is wrong'); raise SystemExit(3)"]
    right = [sys.executable, "-c", "print('quiet')"]
    monkeypatch.setattr(check, "checks", lambda: {"first": wrong, "second": ["/nowhere/program"], "third": right})
    assert check.main([]) == 1
    printed = capsys.readouterr().out
    assert printed.count("failed ") == 2
    assert "ok " in printed
    assert "what is wrong" in printed
    assert "/nowhere/program is missing. Run: make setup" in printed
    assert "quiet" not in printed
    assert check.main(["third"]) == 0
    assert check.main(["fourth"]) == 2


def test_what_the_issue_asks_for_is_checked() -> None:
    words = " ".join(" ".join(command) for command in check.checks().values())
    for word in ("mypy", "ruff check", "ruff format", "lint-imports", "makemigrations", "lintmigrations"):
        assert word in words
    for lint in ("lint_law_literals", "lint_addresses", "lint_personal_data", "yizhengtong.law.document --check"):
        assert lint in words
