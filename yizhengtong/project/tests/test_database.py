"""The embedded database: starts, survives, refuses, ends."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from yizhengtong.project.children import account_of, our_account, spawn
from yizhengtong.project.database import (
    PROCESS_ROLES,
    AlreadyRunning,
    CannotRun,
    ConnectionInfo,
    EmbeddedPostgres,
    NotRunning,
    WrongVersion,
    attach,
    embedded_bindir,
    environment_of,
)
from yizhengtong.project.database.places import Places, find_places, make_folder, make_socket_folder
from yizhengtong.project.database.postmaster import find_postmaster
from yizhengtong.project.roles.passwords import new_passwords
from yizhengtong.project.roles.statements import creation

CHECKOUT = Path(__file__).resolve().parents[3]
NOTHING_SAID: list[str] = []


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account may enter, as pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="yzt-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home whose cluster is made here, as a process may be given any one of these tests first."""
    folder = Path(tempfile.mkdtemp(prefix="yzt-test-"))
    folder.chmod(0o711)
    with EmbeddedPostgres(None, folder):
        pass
    yield folder
    with EmbeddedPostgres(None, folder):  # refuses when a test has left it running
        pass
    shutil.rmtree(folder)


def ask(connection: ConnectionInfo, statement: str) -> object:
    """Run one statement as the application's role and return the first value."""
    with psycopg.connect(connection.url, autocommit=True) as client:
        cursor = client.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def wait_until_gone(pid: int) -> None:
    """Look until a process has ended, reaped or not, at most a minute."""
    until = time.monotonic() + 60
    status = Path("/proc", str(pid), "stat")
    while status.exists() and ") Z " not in status.read_text():
        assert time.monotonic() < until, "it still runs"
        time.sleep(0.01)


def test_the_application_signs_in_as_an_ordinary_role_over_a_closed_socket(home: Path) -> None:
    with EmbeddedPostgres(None, home) as connection:
        role = (
            "SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert ask(connection, role) is False
        assert (
            ask(connection, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()")
            == "yzt_migrator"
        )
        assert ask(connection, "SHOW listen_addresses") == ""
        assert ask(
            connection, "SELECT datcollate || ' ' || pg_encoding_to_char(encoding) FROM pg_database LIMIT 1"
        ) == ("C.UTF-8 UTF8")
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert ask(connection, f"SHOW {name}") == "on"
        assert connection.socket_dir.stat().st_mode & 0o777 == 0o700


def test_a_wrong_or_missing_password_is_refused(home: Path) -> None:
    with EmbeddedPostgres(None, home) as connection:
        for wrong in ("x" * 48, ""):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(connection.url.replace(connection.password, wrong))
        assert connection.password not in repr(connection)


def test_acknowledged_rows_survive_each_kill_of_the_server(home: Path) -> None:
    server = EmbeddedPostgres(None, home)
    connection = server.start()
    ask(connection, "CREATE TABLE IF NOT EXISTS kept (cycle int)")
    for cycle in range(4):
        ask(connection, "INSERT INTO kept SELECT count(*) FROM kept")
        os.kill(connection.pid, signal.SIGKILL)
        while server.poll() is None:
            time.sleep(0.01)
        connection = server.start()
        assert ask(connection, "SELECT array_agg(cycle ORDER BY cycle) FROM kept") == list(range(cycle + 1))
    server.stop()


def test_a_second_start_is_refused_and_attaching_finds_the_first(home: Path) -> None:
    with EmbeddedPostgres(None, home) as connection:
        with pytest.raises(AlreadyRunning, match="already running"):
            EmbeddedPostgres(None, home).start()
        assert attach(home) == connection
    with pytest.raises(NotRunning, match="make up"):
        attach(home)


@pytest.mark.parametrize("claimed", ["ours", "a zombie"])
def test_a_stale_pid_file_that_names_a_living_stranger_does_not_stop_the_start(home: Path, claimed: str) -> None:
    stranger = subprocess.Popen(["sleep", "60" if claimed == "ours" else "0"])
    data = find_places(home).data
    if claimed == "a zombie":
        wait_until_gone(stranger.pid)  # it has ended, nobody has reaped it
    (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n1\n5432\n/nowhere\n\n1 1\nready\n")
    with EmbeddedPostgres(None, home) as connection:
        assert ask(connection, "SELECT 1") == 1
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize("seconds", ["60", "0"])
def test_a_stale_lock_of_the_socket_that_names_a_stranger_or_a_zombie_does_not_stop_the_start(
    home: Path, seconds: str
) -> None:
    with EmbeddedPostgres(None, home) as connection:
        lock = connection.socket_dir / ".s.PGSQL.5432.lock"
        content = lock.read_text().splitlines()
    stranger = spawn(["/bin/sleep", seconds], account=find_places(home).account, cwd=Path("/"))
    if seconds == "0":
        wait_until_gone(stranger.pid)  # it has ended, nobody has reaped it
    lock.write_text("\n".join([str(stranger.pid), *content[1:], ""]))
    try:
        with EmbeddedPostgres(None, home) as connection:
            assert ask(connection, "SELECT 1") == 1
    finally:
        stranger.kill()
        stranger.wait()


def test_the_server_ends_when_its_supervisor_is_killed_and_starts_again(home: Path) -> None:
    program = (
        "import pathlib, sys, time\n"
        "from yizhengtong.project.database import EmbeddedPostgres\n"
        "print(EmbeddedPostgres(None, pathlib.Path(sys.argv[1])).start().pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, cwd=CHECKOUT)
    assert supervisor.stdout is not None
    try:
        pid = int(supervisor.stdout.readline())
    finally:
        supervisor.kill()
        supervisor.wait()
        supervisor.stdout.close()
    with EmbeddedPostgres(None, home) as connection:
        assert connection.pid != pid
        assert ask(connection, "SELECT 1") == 1


def test_a_stop_ends_in_bounded_time_with_a_client_connected_and_a_frozen_backend(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yizhengtong.project.database.postgres._QUIT_SECONDS", 0.5)
    server = EmbeddedPostgres(None, home, say=NOTHING_SAID.append)
    connection = server.start()
    with psycopg.connect(connection.url) as client:
        backend = client.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        before = time.monotonic()
        server.stop(seconds=0.3)
        assert time.monotonic() - before < 30
    assert server.poll() == 0
    assert find_postmaster(connection.data_dir) is None
    wait_until_gone(backend)


def test_a_frozen_backend_of_a_killed_server_does_not_bar_the_next_start(home: Path) -> None:
    server = EmbeddedPostgres(None, home, start_seconds=60)
    connection = server.start()
    with psycopg.connect(connection.url) as client:
        os.kill(client.info.backend_pid, signal.SIGSTOP)
        os.kill(connection.pid, signal.SIGKILL)
        while server.poll() is None:
            time.sleep(0.01)
        assert ask(server.start(), "SELECT 1") == 1
        server.stop()


def test_an_urgent_stop_does_not_wait_for_clients(home: Path) -> None:
    server = EmbeddedPostgres(None, home, say=NOTHING_SAID.append)
    connection = server.start()
    with psycopg.connect(connection.url):
        before = time.monotonic()
        server.stop(seconds=60, is_urgent=lambda: True)
        assert time.monotonic() - before < 40


def test_a_lost_password_file_is_replaced_by_who_owns_the_data(home: Path) -> None:
    with EmbeddedPostgres(None, home) as connection:
        before = connection.password
    find_places(home).password_path("yzt_migrator").unlink()
    with EmbeddedPostgres(None, home) as connection:
        assert connection.password != before
        assert ask(connection, "SELECT 1") == 1
    assert find_places(home).password_path("yzt_migrator").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("role", ["yzt_migrator", *PROCESS_ROLES])
def test_every_process_has_a_role_of_its_own(home: Path, role: str) -> None:
    with EmbeddedPostgres(None, home) as connection:
        own = connection.as_role(role) if role in PROCESS_ROLES else connection
        flags = "SELECT current_user || rolsuper || rolbypassrls FROM pg_roles WHERE rolname = current_user"
        assert ask(own.in_database("postgres"), flags) == f"{role}falsefalse"
        assert environment_of(role, connection.environment) == {"DATABASE_URL": own.url}


def test_a_home_of_the_first_release_gets_the_roles_at_its_next_start(home: Path) -> None:
    """There the owner was called yzt, and was all there was."""
    with EmbeddedPostgres(None, home) as connection, psycopg.connect(connection.as_role("postgres").url) as session:
        for role in PROCESS_ROLES:
            session.execute(f"DROP ROLE {role}")
        session.execute("ALTER ROLE yzt_migrator RENAME TO yzt")
    places = find_places(home)
    places.password_path("yzt_migrator").rename(places.password_path("yzt"))
    for role in PROCESS_ROLES:
        places.password_path(role).unlink()
    with EmbeddedPostgres(None, home) as connection:
        assert (
            ask(connection, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'yzt'") == "yzt_migrator"
        )
        for role in PROCESS_ROLES:
            assert ask(connection.as_role(role).in_database("postgres"), "SELECT current_user::text") == role
    assert not places.password_path("yzt").exists()


def test_what_a_superuser_is_given_to_run_makes_the_roles_and_holds_no_password(
    open_folder: Path, tmp_path: Path
) -> None:
    passwords = tmp_path / "passwords"
    with EmbeddedPostgres(None, open_folder / "home", is_durable=False) as connection:
        statements = list(creation(new_passwords(str(passwords))))
        given = dict(line.split() for line in passwords.read_text().splitlines())
        assert passwords.stat().st_mode & 0o777 == 0o600
        assert not any(password in statement for password in given.values() for statement in statements)
        for _ in range(2):
            with psycopg.connect(connection.as_role("postgres").url) as session:
                for statement in statements:
                    session.execute(statement)
        for role in PROCESS_ROLES:
            own = replace(connection.as_role(role), password=given[role])
            assert ask(own.in_database("postgres"), "SELECT current_user::text") == role
    with pytest.raises(FileExistsError):
        new_passwords(str(passwords))


def test_data_of_another_major_version_are_refused_with_both_versions_named(home: Path) -> None:
    version = find_places(home).data / "PG_VERSION"
    version.write_text("17\n")
    try:
        with pytest.raises(WrongVersion, match=r"made by PostgreSQL 17; these programs are 18"):
            EmbeddedPostgres(None, home).start()
    finally:
        version.write_text("18\n")


def test_durability_and_access_cannot_be_set_away() -> None:
    for name in ("fsync", "synchronous_commit", "full_page_writes", "listen_addresses", "log_min_messages"):
        with pytest.raises(ValueError, match=name):
            EmbeddedPostgres(None, Path("x"), extra_settings={name: "off"})


def test_the_log_holds_no_value_of_a_failed_statement(home: Path) -> None:
    with EmbeddedPostgres(None, home) as connection, pytest.raises(psycopg.errors.InvalidTextRepresentation):
        ask(connection, "SELECT 'synthetic-person'::int")
    assert "synthetic" not in find_places(home).log.read_text()


def test_programs_that_are_not_there_are_named(open_folder: Path) -> None:
    with pytest.raises(CannotRun, match="no PostgreSQL in"):
        EmbeddedPostgres(open_folder / "nothing", open_folder / "home").start()


def test_a_home_with_a_long_path_gets_a_short_socket_folder_of_its_own(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    places = Places(home=home, folder=home / "database", account=our_account())
    make_folder(places)
    folder = make_socket_folder(places)
    assert len(str(folder / ".s.PGSQL.5432")) < 100
    assert folder.stat().st_mode & 0o777 == 0o700
    assert make_socket_folder(places) == folder
    folder.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of somebody else")
def test_a_short_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    places = Places(home=home, folder=home / "database", account=our_account())
    make_folder(places)
    folder = make_socket_folder(places)
    os.chown(folder, 65534, 65534)
    with pytest.raises(CannotRun, match="somebody else"):
        make_socket_folder(places)
    folder.rmdir()


def test_running_a_command_hands_back_its_exit_code_and_leaves_nothing(open_folder: Path) -> None:
    command = [sys.executable, "-m", "yizhengtong.project.database", "run", "--temporary", "--"]
    environment = {**os.environ, "TMPDIR": str(open_folder)}
    open_folder.chmod(0o1777)
    script = 'case "$DATABASE_URL" in postgresql://yzt_migrator:*) exit 7;; esac'
    result = subprocess.run([*command, "sh", "-c", script], cwd=CHECKOUT, env=environment, check=False)
    assert result.returncode == 7
    assert list(open_folder.iterdir()) == []


def test_as_root_the_server_runs_as_the_owner_of_the_home_else_as_nobody(tmp_path: Path) -> None:
    owner = account_of(tmp_path.stat().st_uid)
    expected = "nobody" if owner.uid == 0 else owner.name
    assert find_places(tmp_path / "home").account.name == expected


@pytest.mark.skipif(os.geteuid() != 0, reason="as an ordinary user the server is ourselves and nothing is closed to it")
def test_a_closed_checkout_runs_a_copy_and_keeps_its_data_elsewhere_and_says_so(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    for module in ("places", "postgres"):
        monkeypatch.setattr(f"yizhengtong.project.database.{module}.SHARED", open_folder / "shared")
    bindir = embedded_bindir()
    package = bindir.parent.parent
    closed = tmp_path / package.name / bindir.parent.name
    shutil.copytree(bindir.parent, closed, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    shutil.copytree(package.with_name(f"{package.name}.libs"), tmp_path / f"{package.name}.libs")
    said: list[str] = []
    for _ in range(2):
        with EmbeddedPostgres(closed / "bin", tmp_path / "var", say=said.append) as connection:
            assert ask(connection, "SELECT 1") == 1
            assert attach(tmp_path / "var") == connection
    assert open_folder in connection.data_dir.parents
    assert any("data are in" in line for line in said)
    assert any("runs a copy in" in line for line in said)
    assert len(list((open_folder / "shared").glob("postgresql-18-*"))) == 1
