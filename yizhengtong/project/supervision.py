"""The programs of one installation, watched by one small process: started in order, restarted, stopped in reverse.

Standard library only; Django lives in the children. Signal handlers only take notes: all work happens in `run`, `call`
and `stop`, each of which returns soon after a stop was asked for.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Any, Protocol

from yizhengtong.project.children import spawn, wait_until_ended

_LONGEST_DELAY_SECONDS = 30.0
_KILLED_SECONDS = 2.0
_NO_FAILURES = (0, -signal.SIGKILL)


class Service(Protocol):
    """Something that runs beside us: a Process, or the embedded database."""

    @property
    def name(self) -> str:
        """Return the word it is called by in messages."""

    def start(self) -> object:
        """Start, or start again after an end."""

    def poll(self) -> int | None:
        """Return None while it runs, else its exit code."""

    def stop(self, *, seconds: float, is_urgent: Callable[[], bool]) -> None:
        """End it within `seconds`, sooner when it becomes urgent, by force where needed."""


class Process:
    """A program in a process group of its own, writing to a log file or, line by line with its name, to our output."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        log: Path | None = None,
        is_quoted: bool = True,
    ) -> None:
        """Prepare; `env` replaces the whole environment. The log is appended to, for its owner's eyes only.

        Without a log file and not `is_quoted`, it writes straight to our output.
        """
        self.name = name
        self._command = list(command)
        self._env = env
        self._cwd = cwd
        self.log = log
        self._is_quoted = is_quoted
        self._popen: subprocess.Popen[bytes] | None = None
        self._unfinished = b""

    @property
    def output(self) -> IO[bytes] | None:
        """Return the pipe to read from where there is no log file, until its end."""
        pipe = self._popen.stdout if self._popen else None
        return None if pipe is None or pipe.closed else pipe

    @property
    def pid(self) -> int | None:
        """Return its process number once started."""
        return self._popen.pid if self._popen else None

    def start(self) -> None:
        """Start the program. Raises OSError when it cannot be executed."""
        with contextlib.ExitStack() as stack:
            output: int | IO[bytes] | None = subprocess.PIPE if self._is_quoted else None
            if self.log:
                output = stack.enter_context(_open_log(self.log))
            errors = subprocess.STDOUT if output is not None else None
            self._popen = spawn(self._command, env=self._env, cwd=self._cwd, stdout=output, stderr=errors)
        if self.output:
            os.set_blocking(self.output.fileno(), False)

    def poll(self) -> int | None:
        """Return None while it runs, else its exit code, negative for a signal; what it started ends with it."""
        if self._popen is None:
            return 0
        was_running = self._popen.returncode is None
        code = self._popen.poll()
        if was_running and code is not None:
            self._kill_group()
        return code

    def stop(self, *, seconds: float = 10, is_urgent: Callable[[], bool] = lambda: False) -> None:
        """Ask by SIGTERM, then kill the whole group: nothing it started stays behind."""
        if self._popen is None or self.poll() is not None:
            return
        self._popen.terminate()
        wait_until_ended(self._popen, seconds, lambda: self.pass_on_output() or is_urgent())
        self._kill_group()
        wait_until_ended(self._popen, _KILLED_SECONDS)
        self.pass_on_output()

    def pass_on_output(self) -> bool:
        """Write whole lines that arrived to our output, each with the name. Return False: it is not urgent."""
        if self.output is None:
            return False
        with contextlib.suppress(BlockingIOError):
            while arrived := os.read(self.output.fileno(), 65536):
                *lines, self._unfinished = (self._unfinished + arrived).split(b"\n")
                for line in lines:
                    sys.stdout.write(f"{self.name} | {line.decode(errors='replace')}\n")
            self.output.close()
        sys.stdout.flush()
        return False

    def _kill_group(self) -> None:
        if self._popen is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)


@dataclass(slots=True)
class _Watched:
    """A service and what is known of its health. Times are of the monotonic clock, in seconds."""

    service: Service
    started_at: float
    quick_deaths: int = 0
    restart_at: float | None = None


class Supervisor:
    """Starts services, keeps them running and stops them; a context manager that takes over SIGINT, SIGTERM and SIGHUP.

    One Ctrl-C stops in order, a second one makes it urgent. Use it from the main thread only.
    """

    def __init__(
        self,
        *,
        stop_seconds: float = 10,
        first_delay_seconds: float = 0.5,
        quick_deaths_allowed: int = 5,
        healthy_seconds: float = 10,
        say: Callable[[str], None] = print,
    ) -> None:
        """Prepare. Each service gets `stop_seconds` to end; a dead one starts again after a delay that doubles.

        A service that dies early more than `quick_deaths_allowed` times in a row ends all of them. Early is before
        `healthy_seconds`. One that came up, was killed from outside (memory ran short, an operator) or ended in order
        (the worker, when its database goes away) starts again after the first delay, however often; only one that
        fails and does not come up is given up.
        """
        self._stop_seconds = stop_seconds
        self._first_delay_seconds = first_delay_seconds
        self._quick_deaths_allowed = quick_deaths_allowed
        self._healthy_seconds = healthy_seconds
        self._say = say
        self._watched: list[_Watched] = []
        self._stops_asked = 0
        self._has_given_up = False
        self._signals = _Signals(self._note_stop)

    def __enter__(self) -> "Supervisor":
        self._signals.take_over()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            self._signals.give_back()

    @property
    def is_stopping(self) -> bool:
        """Whether a stop was asked for, or a service was given up."""
        return self._stops_asked > 0 or self._has_given_up

    def start(self, service: Service) -> None:
        """Start a service and watch it from now on. Raises what the service raises."""
        service.start()
        self.watch(service)

    def watch(self, service: Service) -> None:
        """Watch a service that the caller has started: it is restarted and stopped by us from now on."""
        self._watched.append(_Watched(service, started_at=time.monotonic()))

    def call(
        self, name: str, command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> int:
        """Run a program to its end, its output being ours, and return its exit code; a stop asked for ends it early."""
        process = Process(name, command, env=env, cwd=cwd, is_quoted=False)
        process.start()
        while process.poll() is None and not self.is_stopping:
            self._signals.wait(None, [])
        process.stop(seconds=self._stop_seconds, is_urgent=self._is_urgent)
        return process.poll() or 0

    def run(self) -> int:
        """Watch until a stop is asked for, then stop all. Return 0, or 1 when a service had to be given up."""
        while not self.is_stopping:
            now = time.monotonic()
            for watched in self._watched:
                self._look_after(watched, now)
            if not self.is_stopping:
                self._signals.wait(self._seconds_until_restart(now), self._outputs())
            self._pass_on_outputs()
        self.stop()
        return 1 if self._has_given_up else 0

    def stop(self) -> None:
        """End all services in reverse order, each in bounded time. May be called again."""
        while self._watched:
            service = self._watched.pop().service
            was_running = service.poll() is None
            service.stop(seconds=self._stop_seconds, is_urgent=self._is_urgent)
            if was_running:
                self._say(f"{service.name}: stopped")

    def _look_after(self, watched: _Watched, now: float) -> None:
        if watched.restart_at is not None:
            if now >= watched.restart_at:
                self._start_again(watched, now)
            return
        code = watched.service.poll()
        if code is not None:
            self._note_death(watched, now, f"ended with {code}", has_failed=code not in _NO_FAILURES)

    def _start_again(self, watched: _Watched, now: float) -> None:
        watched.restart_at, watched.started_at = None, now
        try:
            watched.service.start()
        except Exception as problem:  # noqa: BLE001 - counted as a death; what it was is said
            self._note_death(watched, now, f"did not start ({problem})")

    def _note_death(self, watched: _Watched, now: float, what: str, *, has_failed: bool = True) -> None:
        has_lived = not has_failed or now - watched.started_at >= self._healthy_seconds
        watched.quick_deaths = 1 if has_lived else watched.quick_deaths + 1
        if watched.quick_deaths > self._quick_deaths_allowed:
            self._has_given_up = True
            self._say(f"{watched.service.name}: {what}, again and again; stopping everything")
            return
        delay = min(self._first_delay_seconds * 2 ** (watched.quick_deaths - 1), _LONGEST_DELAY_SECONDS)
        watched.restart_at = now + delay
        self._say(f"{watched.service.name}: {what}, starting again in {delay:g} s")

    def _seconds_until_restart(self, now: float) -> float | None:
        planned = [watched.restart_at for watched in self._watched if watched.restart_at is not None]
        return max(0.0, min(planned) - now) if planned else None

    def _outputs(self) -> list[IO[bytes]]:
        return [process.output for process in self._processes() if process.output is not None]

    def _pass_on_outputs(self) -> None:
        for process in self._processes():
            process.pass_on_output()

    def _processes(self) -> list[Process]:
        return [watched.service for watched in self._watched if isinstance(watched.service, Process)]

    def _note_stop(self, _number: int, _frame: FrameType | None) -> None:
        """Only count: whatever waits could deadlock in here."""
        self._stops_asked += 1

    def _is_urgent(self) -> bool:
        return self._stops_asked > 1


class _Signals:
    """Our handlers while they are in force, and a sleep that any signal ends."""

    def __init__(self, note_stop: Callable[[int, FrameType | None], None]) -> None:
        self._note_stop = note_stop
        self._before: dict[int, Any] = {}
        self._reader, self._writer, self._wakeup_before = -1, -1, -1

    def take_over(self) -> None:
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wakeup_before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._note_stop)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)

    def give_back(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, seconds: float | None, outputs: Sequence[IO[bytes]]) -> None:
        """Sleep until a signal comes, a child ends or writes, or the time is over."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._reader, selectors.EVENT_READ)
            for output in outputs:
                selector.register(output, selectors.EVENT_READ)
            selector.select(seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._reader, 4096)


def _open_log(path: Path) -> IO[bytes]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
