"""`python -m yizhengtong.project.database run -- COMMAND`: a command with a database under it.

DATABASE_URL, one such variable for each process role (DATABASE_URL_WEB) and YZT_POSTGRES_BINDIR are set for the
command; its exit code is ours. A database that already runs for the home is used and left running.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from yizhengtong.project.children import spawn
from yizhengtong.project.database import (
    ConnectionInfo,
    DatabaseProblem,
    EmbeddedPostgres,
    NotRunning,
    attach,
    default_home,
    embedded_bindir,
    temporary_postgres,
)


def main(arguments: Sequence[str]) -> int:
    """Run the command named by `arguments` and return its exit code, 128 and the signal's number where one ended it."""
    options = _parse(arguments)
    try:
        with _database(options) as connection:
            return _run(options.command, connection, options.bindir)
    except DatabaseProblem as problem:
        print(problem, file=sys.stderr)
        return 1


@contextlib.contextmanager
def _database(options: argparse.Namespace) -> Iterator[ConnectionInfo]:
    if options.temporary:
        with temporary_postgres(options.bindir, say=_say) as connection:
            yield connection
        return
    home = options.home or default_home()
    try:
        connection = attach(home)
    except NotRunning:
        with EmbeddedPostgres(options.bindir, home, say=_say) as connection:
            yield connection
    else:
        yield connection


def _run(command: Sequence[str], connection: ConnectionInfo, bindir: Path | None) -> int:
    bindir = bindir or embedded_bindir()
    env = {**os.environ, **connection.environment, "YZT_POSTGRES_BINDIR": str(bindir)}
    try:
        process = spawn(command, env=env, stdin=None, own_group=False)
    except OSError as problem:
        print(f"{command[0]}: {problem.strerror}", file=sys.stderr)
        return 127
    with _signals_passed_to(process):
        code = process.wait()
    return 128 - code if code < 0 else code


@contextlib.contextmanager
def _signals_passed_to(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Outlive the command, so that its database is stopped after it. A terminal's Ctrl-C has reached it already."""

    def passed_on(number: int, _: FrameType | None) -> None:
        if number == signal.SIGTERM:
            process.send_signal(number)

    before = {number: signal.signal(number, passed_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m yizhengtong.project.database", description=__doc__)
    run = parser.add_subparsers(required=True).add_parser("run", help="run a command with a database under it")
    run.add_argument("--bindir", type=Path, help="the folder of PostgreSQL's programs (default: the embedded ones)")
    place = run.add_mutually_exclusive_group()
    place.add_argument("--home", type=Path, help="the installation's home (default: $YZT_HOME, else ./var)")
    place.add_argument("--temporary", action="store_true", help="an empty database, thrown away afterwards")
    run.add_argument("command", nargs="+", metavar="-- COMMAND")
    return parser.parse_args(arguments)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
