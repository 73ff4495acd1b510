"""PostgreSQL's client programs, of the server's own major version, and how they are run."""

import contextlib
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.db import connection

from yizhengtong.kernel.errors import Conflict
from yizhengtong.project.database import DatabaseProblem, embedded_bindir

_DEBIAN = "/usr/lib/postgresql/{major}/bin"
_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
_SAID_LINES = 3
_FOR_OUR_EYES_ONLY = 0o077


def server_major() -> int:
    """Return the major version of the server behind this process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        (number,) = cursor.fetchone()
        return int(number) // 10_000


def client_program(name: str, major: int) -> Path:
    """Return the program of exactly this major version. Raises Conflict `backup.no_programs`."""
    for folder in _folders(major):
        path = folder / name
        if path.is_file() and _major_of(path) == major:
            return path
    raise Conflict("backup.no_programs", name=name, major=major)


def connection_environment() -> dict[str, str]:
    """Return the environment by which a client program reaches our database: no password on a command line."""
    parameters: Mapping[str, Any] = connection.get_connection_params()
    given = {_VARIABLES[name]: str(parameters[name]) for name in _VARIABLES if parameters.get(name)}
    tls = {f"PG{name.upper()}": str(value) for name, value in parameters.items() if name.startswith("ssl")}
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LC_ALL": "C.UTF-8",
        "HOME": "/nonexistent",
        **given,
        **tls,
    }


def run_program(command: list[str], *, hear: Callable[[str], object] = len) -> None:
    """Run a client program to its end, handing on each line it says. Raises Conflict `backup.program_failed`."""
    said: list[str] = []
    with subprocess.Popen(  # noqa: S603 programs of PostgreSQL, never a shell
        command,
        env=connection_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        umask=_FOR_OUR_EYES_ONLY,
    ) as process:
        assert process.stdout is not None  # noqa: S101 narrows the type
        for line in process.stdout:
            hear(line)
            said = [*said[1 - _SAID_LINES :], line.strip()]
    if process.returncode:
        words = _without_values(" / ".join(said))
        raise Conflict("backup.program_failed", name=Path(command[0]).name, status=process.returncode, said=words)


def _folders(major: int) -> list[Path]:
    folders = [Path(os.environ["YZT_POSTGRES_BINDIR"])] if os.environ.get("YZT_POSTGRES_BINDIR") else []
    with contextlib.suppress(DatabaseProblem):
        folders.append(embedded_bindir())
    return [*folders, Path(_DEBIAN.format(major=major)), *map(Path, os.environ.get("PATH", "").split(":"))]


def _major_of(path: Path) -> int:
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.search(r"\(PostgreSQL\) (\d+)", told)
    return int(found.group(1)) if found else 0


def _without_values(said: str) -> str:
    """Leave out what PostgreSQL quotes of a row (`DETAIL: Key (…)=(…)`, `CONTEXT: COPY …`): it may be personal."""
    return re.sub(r"(DETAIL|CONTEXT):.*?(?= / |$)", r"\1 left out", said)
