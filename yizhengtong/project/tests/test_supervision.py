"""The supervisor: services are watched, restarted, and all end in bounded time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from yizhengtong.project.supervision import Process, Supervisor

CHECKOUT = Path(__file__).resolve().parents[3]
STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(60)\n"
)


def wait_for(is_so: Callable[[], bool]) -> None:
    """Look until it is so, at most a minute."""
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        status = Path("/proc", str(pid), "stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


class Recorder:
    """A service that writes down what is done to it, and asks for a stop when first looked at where told to."""

    def __init__(self, name: str, story: list[str], *, asks_to_stop: bool = False) -> None:
        self.name = name
        self.story = story
        self.asks_to_stop = asks_to_stop

    def start(self) -> None:
        self.story.append(f"start {self.name}")

    def poll(self) -> int | None:
        if self.asks_to_stop:
            self.asks_to_stop = False
            os.kill(os.getpid(), signal.SIGTERM)
        return None

    def stop(self, *, seconds: float, is_urgent: Callable[[], bool]) -> None:
        self.story.append(f"stop {self.name} {seconds:g} {is_urgent()}")


def test_services_stop_in_reverse_order_when_a_stop_is_asked_for() -> None:
    story: list[str] = []
    with Supervisor(say=story.append) as supervisor:
        for name in ("database", "worker"):
            supervisor.start(Recorder(name, story))
        supervisor.start(Recorder("web", story, asks_to_stop=True))
        assert supervisor.run() == 0
    assert story == [
        *("start database", "start worker", "start web"),
        *("stop web 10 False", "web: stopped", "stop worker 10 False", "worker: stopped"),
        *("stop database 10 False", "database: stopped"),
    ]


def test_a_service_that_keeps_dying_is_given_up_and_ends_all_with_an_error() -> None:
    story: list[str] = []
    with Supervisor(first_delay_seconds=0.01, quick_deaths_allowed=2, say=story.append) as supervisor:
        supervisor.start(Recorder("database", story))
        supervisor.start(Process("web", ["sh", "-c", "exit 3"]))
        assert supervisor.run() == 1
    assert story == [
        "start database",
        "web: ended with 3, starting again in 0.01 s",
        "web: ended with 3, starting again in 0.02 s",
        "web: ended with 3, again and again; stopping everything",
        *("stop database 10 False", "database: stopped"),
    ]


def test_a_service_that_came_up_is_started_again_at_once_however_often_it_is_killed(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    program = f"echo >>{starts}; [ $(wc -l <{starts}) -lt 6 ] || kill -TERM $PPID; sleep 0.2; kill -KILL $$"
    story: list[str] = []
    with Supervisor(
        first_delay_seconds=0.01, quick_deaths_allowed=2, healthy_seconds=0.1, say=story.append
    ) as supervisor:
        supervisor.start(Process("web", ["sh", "-c", program]))
        assert supervisor.run() == 0
    assert story[:5] == ["web: ended with -9, starting again in 0.01 s"] * 5


@pytest.mark.parametrize(("end", "code"), [("kill -KILL $$", -9), ("exit 0", 0)])
def test_a_service_killed_or_ended_in_order_before_it_came_up_is_not_taken_for_one_that_cannot_start(
    tmp_path: Path, end: str, code: int
) -> None:
    starts = tmp_path / "starts"
    program = f"echo >>{starts}; [ $(wc -l <{starts}) -lt 8 ] || kill -TERM $PPID; {end}"
    story: list[str] = []
    with Supervisor(first_delay_seconds=0.01, quick_deaths_allowed=2, say=story.append) as supervisor:
        supervisor.start(Process("web", ["sh", "-c", program]))
        assert supervisor.run() == 0
    assert story[:7] == [f"web: ended with {code}, starting again in 0.01 s"] * 7


def test_a_killed_program_is_started_again_and_what_it_started_ends_with_it(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    program = f"sleep 60 & echo $$ $! >>{pids}; wait"
    code = (
        "import sys\nfrom yizhengtong.project.supervision import Process, Supervisor\n"
        "with Supervisor(first_delay_seconds=0.01) as supervisor:\n"
        "    supervisor.start(Process('web', ['sh', '-c', sys.argv[1]]))\n"
        "    sys.exit(supervisor.run())\n"
    )
    watcher = subprocess.Popen([sys.executable, "-c", code, program], cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    wait_for(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    first = [int(word) for word in pids.read_text().split()]
    os.kill(first[0], signal.SIGKILL)
    wait_for(lambda: len(pids.read_text().split()) == 4)
    second = [int(word) for word in pids.read_text().split()[2:]]
    wait_for(lambda: not any(map(is_alive, first)))
    watcher.send_signal(signal.SIGINT)
    assert watcher.wait(60) == 0
    wait_for(lambda: not any(map(is_alive, second)))


def test_the_programs_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom yizhengtong.project.supervision import Process\n"
        "process = Process('web', ['sleep', '60'])\nprocess.start()\nprint(process.pid, flush=True)\ntime.sleep(60)\n"
    )
    watcher = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE)
    assert watcher.stdout is not None
    pid = int(watcher.stdout.readline())
    watcher.kill()
    watcher.wait()
    watcher.stdout.close()
    wait_for(lambda: not is_alive(pid))


@pytest.mark.parametrize("is_urgent", [False, True])
def test_a_program_that_ignores_the_stop_is_killed_in_bounded_time(tmp_path: Path, is_urgent: bool) -> None:
    log = tmp_path / "stubborn.log"
    process = Process("stubborn", [sys.executable, "-c", STUBBORN], log=log)
    process.start()
    wait_for(lambda: "ready" in log.read_text())
    before = time.monotonic()
    process.stop(seconds=60 if is_urgent else 0.2, is_urgent=lambda: is_urgent)
    assert time.monotonic() - before < 30
    assert process.poll() == -signal.SIGKILL
    assert log.stat().st_mode & 0o777 == 0o600


def test_output_carries_the_name_line_by_line_and_its_end_wakes_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    process = Process("web", ["sh", "-c", "printf 'one\\ntw'; printf 'o\\n'"])
    process.start()
    wait_for(lambda: process.poll() == 0)
    process.pass_on_output()
    assert capfd.readouterr().out == "web | one\nweb | two\n"
    assert process.output is None


def test_a_call_hands_back_the_exit_code_and_is_cut_short_by_a_stop() -> None:
    with Supervisor() as supervisor:
        assert supervisor.call("migrate", ["sh", "-c", "exit 5"]) == 5
        before = time.monotonic()
        code = supervisor.call("migrate", ["sh", "-c", f"kill -TERM {os.getpid()}; sleep 60"])
        assert time.monotonic() - before < 30
        assert code != 0
        assert supervisor.is_stopping


def test_watching_imports_no_framework() -> None:
    code = (
        "import sys\nimport yizhengtong.project.supervision, yizhengtong.project.database\n"
        "sys.exit(any(name.split('.')[0] in {'django', 'pydantic', 'psycopg'} for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=False).returncode == 0
