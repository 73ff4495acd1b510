"""Making a cluster: its files, its roles and their passwords. It appears whole or not at all."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from yizhengtong.project.children import run_to_end
from yizhengtong.project.database.connection import DATABASE, PROCESS_ROLES, ROLE
from yizhengtong.project.database.errors import CannotRun, WrongVersion
from yizhengtong.project.database.places import Places
from yizhengtong.project.database.programs import Programs

SUPERUSER = "postgres"  # the bootstrap superuser; the application never signs in as it
_FORMER_ROLE = "yzt"  # what the owner was called in 0.1.0
_FIRST_WITH_BUILTIN_LOCALE = 17
_FIRST_WITH_CHECKSUMS_BY_DEFAULT = 18


def server_environment() -> dict[str, str]:
    """Return the whole environment of PostgreSQL's programs: nothing of the caller's shell changes the database."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def ensure_cluster(programs: Programs, places: Places, *, may_create_databases: bool, is_durable: bool) -> None:
    """Make the cluster unless it is there; then see that the programs fit the data and the passwords are known.

    Raises WrongVersion when the data belong to another major version, CannotRun when a program fails.
    """
    if not places.data.exists():
        _make_cluster(programs, places, may_create_databases=may_create_databases, is_durable=is_durable)
    made_by = (places.data / "PG_VERSION").read_text().strip()
    if made_by != str(programs.major):
        raise WrongVersion(
            f"The data in {places.data} were made by PostgreSQL {made_by}; these programs are {programs.version}. "
            f"Run them with PostgreSQL {made_by} (--bindir), dump them by its pg_dump and restore into an empty home."
        )
    missing = [role for role in (ROLE, *PROCESS_ROLES) if not places.password_path(role).exists()]
    if missing:
        _give_passwords(programs, places, missing)


def read_password(places: Places) -> str:
    """Return the password of the application's role. Raises CannotRun when this account may not read it."""
    try:
        return places.password_path(ROLE).read_text().strip()
    except PermissionError:
        raise CannotRun(
            f"{places.password_path(ROLE)} is closed to this account. Run as the one that started it."
        ) from None


def write_password(path: Path, value: str, places: Places) -> None:
    """Write a password for its owner's eyes only, replacing what was there at once."""
    staging = path.with_name(f"{path.name}.new")
    staging.unlink(missing_ok=True)
    descriptor = os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{value}\n")
    if places.account.uid == places.folder.stat().st_uid:
        places.account.take(staging)
    staging.rename(path)


def _make_cluster(programs: Programs, places: Places, *, may_create_databases: bool, is_durable: bool) -> None:
    """Build beside the final place and rename: a start that was cut short leaves nothing half-made in use."""
    staging = places.folder / "data.new"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    places.account.take(staging)
    superuser_password = secrets.token_hex(24)
    passwords = {role: secrets.token_hex(24) for role in (ROLE, *PROCESS_ROLES)}
    with _password_file(places, superuser_password) as password_file:
        _run(programs, places, "initdb", *_initdb_options(programs, staging, password_file))
    roles = [f"CREATE ROLE {role} LOGIN PASSWORD '{password}'" for role, password in passwords.items()]
    database = f"CREATE DATABASE {DATABASE} OWNER {ROLE}"
    closed = f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC"
    _run_alone(programs, places, staging, [*roles, *_for_tests(may_create_databases), database, closed])
    if is_durable:
        _run(programs, places, "initdb", "--sync-only", "-D", str(staging))
    write_password(places.password_path(SUPERUSER), superuser_password, places)
    for role, password in passwords.items():
        write_password(places.password_path(role), password, places)
    staging.rename(places.data)


def _for_tests(may_create_databases: bool) -> list[str]:
    """In a cluster that is thrown away the owner makes databases, and takes the other roles on to try them."""
    if not may_create_databases:
        return []
    return [f"ALTER ROLE {ROLE} CREATEDB", f"GRANT {', '.join(PROCESS_ROLES)} TO {ROLE}"]


def _initdb_options(programs: Programs, data: Path, password_file: Path) -> list[str]:
    locale = ["--locale=C.UTF-8"]
    if programs.major >= _FIRST_WITH_BUILTIN_LOCALE:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
    checksums = [] if programs.major >= _FIRST_WITH_CHECKSUMS_BY_DEFAULT else ["--data-checksums"]
    authentication = ["--auth=scram-sha-256", f"--pwfile={password_file}", f"--username={SUPERUSER}"]
    return ["-N", "-D", str(data), "--encoding=UTF8", *locale, *checksums, *authentication]


@contextlib.contextmanager
def _password_file(places: Places, password: str) -> Iterator[Path]:
    """Hand initdb a password in a file only its account can read, for as long as it runs."""
    path = places.folder / "data.new.password"
    write_password(path, password, places)
    places.account.take(path)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _give_passwords(programs: Programs, places: Places, roles: Sequence[str]) -> None:
    """Give roles a new password where the file of the old one is gone, or the role itself; who owns the data may."""
    passwords = {role: secrets.token_hex(24) for role in roles}
    statements = [_unless_there(ROLE, f"ALTER ROLE {_FORMER_ROLE} RENAME TO {ROLE}", given=_FORMER_ROLE)]
    for role, password in passwords.items():
        statements += [_unless_there(role, f"CREATE ROLE {role}"), f"ALTER ROLE {role} LOGIN PASSWORD '{password}'"]
    _run_alone(programs, places, places.data, statements)
    for role, password in passwords.items():
        write_password(places.password_path(role), password, places)
    places.password_path(_FORMER_ROLE).unlink(missing_ok=True)


def _unless_there(role: str, statement: str, *, given: str = "") -> str:
    """Return a statement that does something unless a role exists, and only if another one does."""
    there = "EXISTS (SELECT FROM pg_roles WHERE rolname = '{}')"
    condition = f"NOT {there.format(role)}" + (f" AND {there.format(given)}" if given else "")
    return f"DO $$ BEGIN IF {condition} THEN {statement}; END IF; END $$"


def _run_alone(programs: Programs, places: Places, data: Path, statements: Sequence[str]) -> None:
    """Run statements, one a line, in the server's single-user mode: no socket, no password."""
    text = "".join(f"{statement}\n" for statement in statements)
    options = ["--single", "-D", str(data), "-c", "exit_on_error=on", "-c", "log_min_error_statement=panic"]
    _run(programs, places, "postgres", *options, "-c", "log_checkpoints=off", "postgres", stdin=text.encode())


def _run(programs: Programs, places: Places, name: str, *options: str, stdin: bytes = b"") -> None:
    command = [programs.path(name), *options]
    result = run_to_end(command, account=places.account, env=server_environment(), stdin=stdin)
    if result.returncode:
        lines = result.stdout.decode(errors="replace").splitlines()
        raise CannotRun(f"{name} failed with {result.returncode}:\n" + "\n".join(lines[-12:]))
