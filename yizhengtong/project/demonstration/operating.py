"""What stands beside the API in a deployment: the operator's commands, the home folder, time that passes."""

import io
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Protocol

from django.core.management import call_command

_CODE_FILE = "messages/sms.jsonl"


class Operator(Protocol):
    """Somebody at the machine: `home` is the deployment's folder."""

    home: Path

    def run(self, *words: str) -> str:
        """Run `bin/yzt WORDS` and return what it printed."""
        ...


class OperatorHere:
    """Runs commands in this process, which is one of the deployment's."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *words: str) -> str:
        out = io.StringIO()
        call_command(words[0], *words[1:], stdout=out)
        return out.getvalue()


def load_register(operator: Operator, kind: str, line: Mapping[str, object], *, on: date, register: str) -> str:
    """Have an authority's list with one person taken in, and delete the list: it holds a number."""
    path = operator.home / f"{kind}.csv"
    path.touch(mode=0o600)
    path.write_text(f"{','.join(line)}\n{','.join(str(value) for value in line.values())}\n", encoding="utf-8")
    try:
        return operator.run(
            "registers", "load", kind, str(path), "--as-of", on.isoformat(), "--register", register
        ).strip()
    finally:
        path.unlink()


def sent_to(operator: Operator, address: str) -> list[str]:
    """Return the SMS that the development's file way delivered to a number, the newest first."""
    path = operator.home / _CODE_FILE
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    return [line["text"] for line in reversed(lines) if line["to"] == address]
