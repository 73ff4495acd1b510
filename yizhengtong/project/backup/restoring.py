"""Restoring: verify the backup, fill an empty database and an empty folder, set anew what belongs to a cluster."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.vault.keyring import reload
from yizhengtong.kernel.errors import Conflict
from yizhengtong.kernel.ids import new_id
from yizhengtong.project.backup import manifest as written
from yizhengtong.project.backup.keys import missing_master
from yizhengtong.project.backup.manifest import DATABASE, FILES, Manifest
from yizhengtong.project.backup.programs import client_program, run_program, server_major
from yizhengtong.project.backup.rows import count_rows, release_jobs, set_positions_anew
from yizhengtong.project.roles.applying import apply_roles, missing_roles

Say = Callable[[str], None]
_JOBS = 2
_TOLD_EVERY_SECONDS = 2.0


def restore(folder: Path, *, say: Say, roles: bool = True) -> Manifest:
    """Restore a backup into the database and the folder of files of this process, both empty.

    Raises NotFound `backup.not_a_backup` and Conflict: `backup.newer`, `backup.wrong_keys`, `backup.damaged`,
    `backup.database_not_empty`, `backup.files_not_empty`, `backup.program_failed`, `backup.rows_differ`.
    """
    begun = time.monotonic()
    manifest = check(folder, say=say)
    ensure_empty()
    _fill_database(folder, say)
    _check_rows(manifest)
    reload()  # unwraps every key: one that does not fit raises KeyProblem before anybody works with it
    _fill_files(folder, say)
    _set_anew(manifest, say)
    if roles:
        _give_rights(say)
    say(f"restored in {time.monotonic() - begun:.1f} s")
    return manifest


def check(folder: Path, *, say: Say) -> Manifest:
    """Read the whole backup and compare it with its manifest, this release and the keys at hand. Changes nothing."""
    manifest = written.read_manifest(folder)
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if set(manifest.migrations) - known - _replaced():
        raise Conflict("backup.newer", version=manifest.version)
    absent = missing_master(manifest.keys)
    if absent:
        raise Conflict("backup.wrong_keys", name=absent)
    begun = time.monotonic()
    written.verify(folder, manifest)
    say(f"verified {len(manifest.database)} + {manifest.files} files in {time.monotonic() - begun:.1f} s")
    return manifest


def ensure_empty() -> None:
    """Raise Conflict unless database and folder of files are empty."""
    with connection.cursor() as cursor:
        cursor.execute(_OBJECTS)
        (tables,) = cursor.fetchone()
    if tables:
        raise Conflict("backup.database_not_empty", tables=tables)
    files = Path(settings.YZT_FILES)
    if files.is_dir() and next(files.iterdir(), None):
        raise Conflict("backup.files_not_empty", path=files)


_OBJECTS = """
    SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
        AND relnamespace = current_schema()::regnamespace
"""


def _fill_database(folder: Path, say: Say) -> None:
    """Run pg_restore. Owner and privileges are not those of the old server: roles are applied again afterwards."""
    major = server_major()
    begun = time.monotonic()
    program = str(client_program("pg_restore", major))
    database = str(connection.get_connection_params()["dbname"])
    listed = subprocess.run(  # noqa: S603 a program of PostgreSQL, never a shell
        [program, "--list", folder / DATABASE], capture_output=True, text=True, check=False
    ).stdout
    total = sum(1 for line in listed.splitlines() if line and not line.startswith(";"))
    options = ["--no-owner", "--no-privileges", "--exit-on-error", f"--jobs={_JOBS}", "--verbose"]
    progress = _Progress(total, say)
    run_program([program, *options, f"--dbname={database}", str(folder / DATABASE)], hear=progress.hear)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    say(f"database: restored in {time.monotonic() - begun:.1f} s")


class _Progress:
    """Counts what pg_restore finishes and says so now and then."""

    def __init__(self, total: int, say: Say) -> None:
        self._total, self._say = total, say
        self._done, self._told = 0, time.monotonic()

    def hear(self, line: str) -> None:
        self._done += "finished item" in line or ": creating" in line
        if time.monotonic() - self._told > _TOLD_EVERY_SECONDS:
            self._told = time.monotonic()
            self._say(f"database: {min(self._done, self._total)} of {self._total} steps")


def _check_rows(manifest: Manifest) -> None:
    connection.ensure_connection()
    found = count_rows(connection.connection)
    differing = [table for table, count in manifest.rows.items() if found.get(table) != count]
    if differing:
        raise Conflict("backup.rows_differ", tables=", ".join(differing))


def _fill_files(folder: Path, say: Say) -> None:
    """Copy every file, and compare what was written once more with the list."""
    target = Path(settings.YZT_FILES)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    listed = written.read_list(folder)
    folders = set()
    for count, (name, kept) in enumerate(listed.items(), 1):
        (target / name).parent.mkdir(exist_ok=True, mode=0o700)
        folders.add((target / name).parent)
        if written.copied(folder / FILES / name, target / name) != kept:
            raise Conflict("backup.damaged", damaged=1, first=name)
        if count % 1000 == 0:
            say(f"files: {count} of {len(listed)}")
    written.flush_folders([*folders, target])
    say(f"files: {len(listed)} restored")


def _set_anew(manifest: Manifest, say: Say) -> None:
    """Set what belongs to the old cluster anew, in one transaction with the audit entry of the restore."""
    with transaction.atomic():
        events, jobs = set_positions_anew(), release_jobs()
        record_act(
            "operations.restore", by=SYSTEM, on=("backup", new_id()), person_id=None, purpose=manifest.started_at
        )
    say(f"events: {events} numbered anew, {jobs} jobs given back; everybody signs in again")


def _give_rights(say: Say) -> None:
    """Give the processes' roles their rights again, where the server has them; the backup holds none."""
    missing = missing_roles()
    if missing:
        say(f"roles: the server has no {', '.join(missing)}; run bin/yzt roles create, then bin/yzt roles apply")
    else:
        say(f"roles: {len(apply_roles())} rights given again")


def _replaced() -> set[str]:
    """Return migrations that a squashed one of this release stands for."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    pairs = (pair for migration in loader.disk_migrations.values() for pair in migration.replaces)
    return {f"{app}.{name}" for app, name in pairs}
