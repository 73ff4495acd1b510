"""An operator of the deployment: one process under the worker's role that runs commands, one after the other.

As a program it reads a command's words as a line of JSON, and answers what the command printed, or how it failed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class OperatorBeside:
    """Runs commands as `bin/yzt` does, in the process of an operator."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home = home
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.beside"], cwd=ROOT, env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *words: str) -> str:
        """Run `bin/yzt WORDS` and return what it printed. Raises AssertionError when it fails."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the operator's process ended"
        answer: dict[str, Any] = json.loads(line)
        assert "failed" not in answer, f"{words[0]}: {answer.get('failed')}"
        return str(answer["said"])

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=60)


def main() -> None:
    """Run what is asked for until nothing more is."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
    django.setup()

    from django.conf import settings

    from yizhengtong.project.demonstration.operating import OperatorHere

    operator = OperatorHere(settings.CONFIGURATION.home)
    for line in sys.stdin:
        try:
            answer = {"said": operator.run(*json.loads(line))}
        except Exception as error:  # noqa: BLE001 told to the test, which fails
            answer = {"failed": repr(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
