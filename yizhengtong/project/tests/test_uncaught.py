"""The worker and the sealer log what nobody catches by kind and place; commands show it to who called them."""

import subprocess
import sys
import threading

import pytest
from django.core import management

from yizhengtong.foundation.observability import uncaught
from yizhengtong.project import manage


@pytest.fixture(autouse=True)
def _hooks_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setenv("DATABASE_URL", "postgresql:///nowhere")
    monkeypatch.setattr(management, "execute_from_command_line", lambda _words: None)


@pytest.mark.parametrize(
    ("words", "is_logged"),
    [
        (["procrastinate", "worker", "--concurrency", "2"], True),
        (["procrastinate", "shell"], False),
        (["check"], False),
    ],
)
def test_the_worker_logs_its_end_and_a_command_shows_it(
    words: list[str], is_logged: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["yzt", *words])
    manage.main()
    assert (sys.excepthook is uncaught._on_end) is is_logged
    assert (threading.excepthook is uncaught._on_end_of_thread) is is_logged


def test_the_sealer_logs_its_end_as_a_line_of_json_without_its_words() -> None:
    program = """
from yizhengtong.project.sealer import log_as_the_others_do
log_as_the_others_do()
raise ValueError("Wang Xiaoming")
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False).stderr
    assert told.startswith("{")
    assert '"event": "observability.process_failed"' in told
    assert '"error": ["ValueError"]' in told
    assert "Wang" not in told
