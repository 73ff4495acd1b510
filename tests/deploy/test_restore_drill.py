"""The restore drill: the journeys' data backed up, restored elsewhere, and looked at row by row and file by file."""

import gzip
import json
import shutil
import stat
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection
from psycopg import sql

from tests.deploy.place import Place, seal_everything
from yizhengtong.project.backup.rows import FILE_COLUMNS, FOLLOWED, LEFT_OUT

SAMPLE = 40
PASSPHRASE = "a passphrase for the drill\n"
OF_THE_SEALER = {"audit_entry.transaction_id", "audit_position.transaction_id"}
"""Its position names the cluster, so it sees for itself that it is in another one."""

SET_ANEW = {"events_event", "events_subscription", "procrastinate_jobs", "procrastinate_events"}
OPEN_EVERYTHING = """
from hashlib import sha256
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.documents.storage import read_content
from yizhengtong.registry.people.models import Person
opened = 0
for document in Document.objects.all():
    assert sha256(read_content(document.stored_name)).hexdigest() == document.sha256, document.pk
    opened += 1
names = sorted(person.name for person in Person.objects.all())
print(opened, sha256("".join(names).encode()).hexdigest())
"""
FOLLOW = """
from tests.support.events import deliver_everything
from yizhengtong.foundation.events import journal
from yizhengtong.kernel.ids import new_id
seen = []
journal.subscribe("drill", frozenset({"drill.before", "drill.after"}), lambda event: seen.append(event.kind))
journal.publish("drill.after", on=("drill", new_id()), person_id=None)
deliver_everything("drill")
print(seen)
"""
BEFORE = """
from tests.support.events import deliver_everything
from yizhengtong.foundation.events import journal
from yizhengtong.kernel.ids import new_id
seen = []
journal.subscribe("drill", frozenset({"drill.before", "drill.after"}), lambda event: seen.append(event.kind))
journal.publish("drill.before", on=("drill", new_id()), person_id=None)
deliver_everything("drill")
journal.publish("drill.before", on=("drill", new_id()), person_id=None)
print(seen)
"""


@pytest.fixture(scope="module")
def backup(lived: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the lived installation, with one event delivered and one not."""
    assert "drill.before" in lived.python(BEFORE)
    seal_everything(lived)
    folder = tmp_path_factory.mktemp("backups")
    lived.done("backup", str(folder))
    return next(path for path in folder.iterdir() if path.is_dir())


def test_the_drill_brings_back_every_row_every_file_and_the_whole_trail(
    lived: Place, empty: Place, backup: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first of this file: what the backup is compared with goes on living."""
    begun = time.monotonic()
    told = empty.done("restore", str(backup), "--without-roles")
    seconds = time.monotonic() - begun
    with psycopg.connect(lived.database) as before, psycopg.connect(empty.database) as after:
        tables = [name for name in _tables(before) if name not in LEFT_OUT]
        assert len(tables) > 30
        compared = sum(_compared(before, after, table) for table in tables if table not in SET_ANEW)
        assert _count(after, "audit_entry") == _count(before, "audit_entry") + 1  # the restore itself
    assert compared > 200
    assert empty.python(OPEN_EVERYTHING) == lived.python(OPEN_EVERYTHING)
    with capsys.disabled():
        print(f"\nrestore drill: {len(tables)} tables, {compared} rows compared, {seconds:.1f} s")
    assert "verified" in told
    assert "numbered anew" in told
    shutil.copytree(lived.home / "checkpoints", empty.home / "checkpoints")
    seal_everything(empty)
    assert "The trail is whole" in empty.done("audit", "verify")


def test_events_are_delivered_once_and_in_order_across_a_restore(empty: Place, backup: Path) -> None:
    empty.done("restore", str(backup), "--without-roles")
    assert "['drill.before', 'drill.after']" in empty.python(FOLLOW)


def test_nobody_is_signed_in_after_a_restore(lived: Place, empty: Place, backup: Path) -> None:
    empty.done("restore", str(backup), "--without-roles")
    with psycopg.connect(lived.database) as before, psycopg.connect(empty.database) as after:
        assert _count(before, "django_session") > 0
        assert _count(after, "django_session") == 0


def test_a_restore_overwrites_nothing(lived: Place, empty: Place, backup: Path) -> None:
    refused = lived.run("restore", str(backup))
    assert refused.returncode == 1
    assert "The database is not empty" in refused.stderr
    (empty.home / "files" / "aa").mkdir(parents=True)
    refused = empty.run("restore", str(backup))
    assert refused.returncode == 1
    assert "The folder of files" in refused.stderr
    with psycopg.connect(empty.database) as connection:
        assert _tables(connection) == []


def test_a_damaged_backup_is_seen_before_anything_is_written(
    lived: Place, empty: Place, backup: Path, tmp_path: Path
) -> None:
    for folder in ("files", "database"):
        damaged = tmp_path / folder
        shutil.copytree(backup, damaged)
        path = next(each for each in sorted((damaged / folder).rglob("*")) if each.is_file())
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        refused = empty.run("restore", str(damaged))
        assert refused.returncode == 1
        assert "damaged" in refused.stderr
    with psycopg.connect(empty.database) as connection:
        assert _tables(connection) == []


def test_a_backup_is_not_restored_beside_other_keys(lived: Place, empty: Place, backup: Path) -> None:
    master = empty.home / "keys" / "master"
    name, secret = master.read_text().split()
    master.write_text(f"{name} {secret[::-1]}\n")
    refused = empty.run("restore", str(backup))
    assert refused.returncode == 1
    assert "keys here are not those" in refused.stderr


def test_a_backup_of_a_newer_release_is_refused(empty: Place, backup: Path, tmp_path: Path) -> None:
    shutil.copytree(backup, tmp_path / "newer")
    manifest = json.loads((backup / "manifest.json").read_text())
    manifest["migrations"].append("casework.9999_of_tomorrow")
    (tmp_path / "newer" / "manifest.json").write_text(json.dumps(manifest))
    refused = empty.run("restore", str(tmp_path / "newer"))
    assert refused.returncode == 1
    assert "newer release" in refused.stderr


def test_the_keys_bundle_holds_what_signs_the_trail_and_puts_it_where_the_sealer_looks(
    lived: Place, empty_place: Place, tmp_path: Path
) -> None:
    seal_everything(lived)
    signing = {path.name: path.read_bytes() for path in (lived.home / "keys" / "audit").glob("*.key")}
    assert signing
    (lived.home / "keys" / "audit" / "rotate").touch()  # a request to the sealer, and no key
    lived.done("backup_keys", str(tmp_path / "keys.sealed"), stdin=PASSPHRASE)
    (lived.home / "keys" / "audit" / "rotate").unlink()
    elsewhere = empty_place.with_settings(audit_keys=str(tmp_path / "of_the_sealer"))
    told = elsewhere.done("restore_keys", str(tmp_path / "keys.sealed"), stdin=PASSPHRASE)
    assert {path.name: path.read_bytes() for path in (tmp_path / "of_the_sealer").iterdir()} == signing
    assert "rotate" not in told
    again = empty_place.with_settings(audit_keys=str(tmp_path / "of_a_third"))
    elsewhere.done("backup_keys", str(tmp_path / "again.sealed"), stdin=PASSPHRASE)
    again.done("restore_keys", str(tmp_path / "again.sealed"), stdin=PASSPHRASE)
    assert {path.name: path.read_bytes() for path in (tmp_path / "of_a_third").iterdir()} == signing


def test_no_backup_holds_a_key_and_only_its_account_can_read_it(lived: Place, backup: Path) -> None:
    secrets = [path.read_bytes().split()[-1] for path in (lived.home / "keys").rglob("*") if path.is_file()]
    assert len(secrets) >= 2
    files = [path for path in backup.rglob("*") if path.is_file()]
    for path in files:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        assert not any(secret in content or bytes.fromhex(secret.decode()) in content for secret in secrets)
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700


def test_the_next_backup_links_the_files_of_the_last_one_and_old_ones_go(lived: Place, backup: Path) -> None:
    first = {path.name: path.stat().st_ino for path in (backup / "files").rglob("*") if path.is_file()}
    told = lived.done("backup", str(backup.parent))
    newest = max(path for path in backup.parent.iterdir() if path.is_dir())
    assert {path.name: path.stat().st_ino for path in (newest / "files").rglob("*") if path.is_file()} == first
    assert f"{len(first)} are those of the last backup" in told
    lived.done("backup", str(backup.parent / "few"))
    lived.done("backup", str(backup.parent / "few"), "--keep", "1")
    assert len([path for path in (backup.parent / "few").iterdir() if path.is_dir()]) == 1
    shutil.rmtree(newest)


def test_a_file_that_a_row_names_and_the_disk_lost_is_told_and_the_rest_is_kept(lived: Place, tmp_path: Path) -> None:
    path = next(each for each in sorted((lived.home / "files").rglob("*")) if each.is_file())
    aside = path.rename(lived.home / "aside")
    try:
        told = lived.run("backup", str(tmp_path / "backups"))
    finally:
        aside.rename(path)
    assert told.returncode == 1
    assert "1 files that rows name are not on the disk" in told.stderr
    (whole,) = (each for each in (tmp_path / "backups").iterdir() if each.is_dir())
    assert json.loads((whole / "manifest.json").read_text())["missing"] == [f"{path.parent.name}/{path.name}"]


def test_a_backup_goes_neither_into_the_home_nor_keys_beside_backups(lived: Place, backup: Path) -> None:
    refused = lived.run("backup", str(lived.home / "backups"))
    assert refused.returncode == 1
    assert "inside the platform's own" in refused.stderr
    for place in (backup / "keys", backup.parent / "keys"):
        refused = lived.with_settings(backups=str(backup.parent)).run("backup_keys", str(place), stdin="x" * 20)
        assert refused.returncode == 1
        assert "Keys do not go where backups are" in refused.stderr
        assert not place.exists()


def test_a_backup_that_was_cut_off_is_none_and_is_cleared_away(lived: Place, tmp_path: Path) -> None:
    partial = tmp_path / "20200101T000000000000Z.partial"
    partial.mkdir()
    refused = lived.run("restore", str(partial), "--check")
    assert refused.returncode == 1
    assert "no whole backup" in refused.stderr
    lived.done("backup", str(tmp_path))
    assert not partial.exists()


def test_every_model_that_names_a_file_is_in_the_backup() -> None:
    columns = [(model._meta.db_table, str(f.column)) for model in apps.get_models() for f in model._meta.local_fields]
    named = {each for each in columns if "stored_name" in each[1] or "file_name" in each[1]}
    assert named == set(FILE_COLUMNS)


@pytest.mark.django_db
def test_every_column_that_belongs_to_one_cluster_is_set_anew() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE udt_name IN ('xid8', 'pg_lsn', 'pg_snapshot', 'oid') AND table_schema = current_schema()"
        )
        assert {name for (name,) in cursor.fetchall()} == FOLLOWED | OF_THE_SEALER


def _tables(session: "psycopg.Connection[Any]") -> list[str]:
    statement = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
    return [str(row[0]) for row in session.execute(statement).fetchall()]


def _compared(before: "psycopg.Connection[Any]", after: "psycopg.Connection[Any]", table: str) -> int:
    """Take random rows of a table and find each, whole, in the other database. Returns how many."""
    rows = before.execute(
        sql.SQL("SELECT t::text FROM {} t ORDER BY random() LIMIT {}").format(sql.Identifier(table), SAMPLE)
    ).fetchall()
    wanted = [row[0] for row in rows]
    found = after.execute(
        sql.SQL("SELECT count(*) FROM {} t WHERE t::text = ANY(%s)").format(sql.Identifier(table)), [wanted]
    ).fetchone()
    assert found is not None
    assert found[0] == len(wanted), table
    return len(wanted)


def _count(session: "psycopg.Connection[Any]", table: str) -> int:
    row = session.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])
