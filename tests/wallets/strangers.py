"""Asking other people's programs, in Node, what they make of ours: many questions at once, for its start is slow."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest

STAND_IN = Path(__file__).parent / "stand_in"
_SECONDS = 120


def needs(package: str) -> None:
    """Skip a test where Node or a package is missing; fail it in CI."""
    if shutil.which("node") and (STAND_IN / "node_modules" / package).is_dir():
        return
    missing = f"node or {package} is missing. Run: python3 scripts/setup.py wallets"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


def ask(script: str, questions: Sequence[Any]) -> list[dict[str, Any]]:
    """Return a script's answers to a list of questions in JSON."""
    answers: list[dict[str, Any]] = run(script, questions)
    assert len(answers) == len(questions)
    return answers


def run(script: str, asked: Any) -> Any:
    """Return what a script answers in JSON. Raises AssertionError with its exit status and what it wrote.

    It reads a file and no pipe: on a pipe that does not block, Node's `readFileSync(0)` fails with EAGAIN where we have
    not written yet.
    """
    with TemporaryFile("w+", encoding="utf-8") as given:
        json.dump(asked, given)
        given.seek(0)
        done = subprocess.run(
            ["node", str(STAND_IN / script)], stdin=given, text=True, capture_output=True, timeout=_SECONDS,
            cwd=STAND_IN, check=False,
        )  # fmt: skip
    assert done.returncode == 0, f"{script} ended with {done.returncode}: {done.stderr[-2000:]}"
    return json.loads(done.stdout)
