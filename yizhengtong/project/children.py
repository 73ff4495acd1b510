"""How the project starts other programs: under which account, and that none outlives us.

Standard library only: the process that watches the others stays small.
"""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system under which a child runs."""

    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        """Whether this process already runs under it."""
        return self.uid == os.geteuid()

    def take(self, path: Path) -> None:
        """Make the account the owner of one file or folder; nothing to do unless we are root."""
        if not self.is_ours:
            os.chown(path, self.uid, self.gid)


def our_account() -> Account:
    """Return the account of this process. One without a name (a container's number) is called by its number."""
    return account_of(os.geteuid())


def account_of(uid: int) -> Account:
    """Return the account with this number."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(name=str(uid), uid=uid, gid=os.getegid() if uid == os.geteuid() else uid)
    return Account(name=entry.pw_name, uid=uid, gid=entry.pw_gid)


def spawn(
    command: Sequence[str],
    *,
    parent_death_signal: int = signal.SIGTERM,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: int | IO[bytes] | None = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
    own_group: bool = True,
) -> subprocess.Popen[bytes]:
    """Start a program that the kernel signals with `parent_death_signal` when the starting *thread* ends.

    With `own_group` a Ctrl-C at the terminal reaches only us, and stopping stays in our order.
    Raises OSError (PermissionError when the account cannot reach or execute the program).
    """
    other = account is not None and not account.is_ours
    return subprocess.Popen(  # noqa: S603 - programs of ours, never a shell
        list(command),
        env=dict(env) if env is not None else None,
        cwd=cwd,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        user=account.uid if account and other else None,
        group=account.gid if account and other else None,
        extra_groups=[] if other else None,
        start_new_session=own_group,
        preexec_fn=die_with_parent(parent_death_signal),  # noqa: PLW1509 - we start no threads
    )


def run_to_end(
    command: Sequence[str], *, account: Account, env: Mapping[str, str], stdin: bytes = b"", timeout_seconds: float = 60
) -> subprocess.CompletedProcess[bytes]:
    """Run a short program in `/` as `account` and return its exit code and its output, both streams in `stdout`.

    Raises OSError as `spawn` does, and subprocess.TimeoutExpired after killing it.
    """
    pipe = subprocess.PIPE
    process = spawn(
        command,
        parent_death_signal=signal.SIGKILL,
        account=account,
        env=env,
        cwd=Path("/"),  # the current folder may be closed to the account
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.STDOUT,
    )
    try:
        output, _ = process.communicate(stdin, timeout=timeout_seconds)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return subprocess.CompletedProcess(list(command), process.returncode, output)


def can_reach(path: Path, account: Account) -> bool:
    """Say whether the account may enter the nearest folder above `path` that exists already."""
    if account.is_ours:
        return True
    nearest = path if path.is_dir() else next(parent for parent in path.parents if parent.is_dir())
    return run_to_end(["/usr/bin/test", "-x", str(nearest)], account=account, env={}).returncode == 0


def wait_until_ended(
    process: subprocess.Popen[bytes], seconds: float, is_urgent: Callable[[], bool] = lambda: False
) -> bool:
    """Wait for the end for at most `seconds`, less when it becomes urgent. Return whether it has ended."""
    slices = max(1, round(seconds / _SLICE_SECONDS))
    for _ in range(slices):
        try:
            process.wait(_SLICE_SECONDS)
        except subprocess.TimeoutExpired:
            if is_urgent():
                break
        else:
            return True
    return process.poll() is not None


_SLICE_SECONDS = 0.1


def die_with_parent(number: int) -> Callable[[], None]:
    """Return what a child of this process does right after its fork, so that the kernel ends it when we end.

    subprocess calls it after setuid, which would have cleared the request.
    """
    parent = os.getpid()

    def ask_the_kernel() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it died before we could ask
            os.kill(os.getpid(), number)

    return ask_the_kernel
