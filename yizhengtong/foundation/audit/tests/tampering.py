"""Ways to tamper with a trail, by one who owns the database and the folder of checkpoints; and how to undo it."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection

from yizhengtong.foundation.audit.canonical import START, hash_named, link_after
from yizhengtong.foundation.audit.checkpoints import CheckpointFile, key_id, line_of, read_line, signed
from yizhengtong.foundation.audit.reading import Row, copied, open_session
from yizhengtong.foundation.audit.tests.trails import as_thief
from yizhengtong.foundation.audit.verifying import rows_between

TABLES = ("entry", "link", "position", "checkpoint", "expiry", "statement")


@dataclass(frozen=True, slots=True)
class Scene:
    """What a thief has before him."""

    database: "Connection[Row]"
    file: CheckpointFile

    def run(self, statement: str, *parameters: Any) -> None:
        self.database.execute(statement.encode(), parameters)

    def entries(self) -> list[str]:
        """Return the ids of entries that are there, in the order of their links."""
        rows = self.database.execute(
            b"SELECT l.entry_id FROM audit_link l JOIN audit_entry e ON e.id = l.entry_id ORDER BY l.sequence"
        )
        return [row[0] for row in rows.fetchall()]

    def last(self) -> int:
        row = self.database.execute(b"SELECT max(sequence) FROM audit_link").fetchone()
        assert row is not None
        return int(row[0])

    def signed_last(self) -> int:
        return int(json.loads(self.file.lines()[-1])["sequence"])

    def write(self, lines: list[bytes]) -> None:
        self.file.path.write_bytes(b"".join(line + b"\n" for line in lines))

    def state(self) -> list[bytes]:
        """Return everything that is sealed or seals: rows in order, files."""
        found = []
        for table in TABLES:
            with self.database.cursor().copy(_in_order(table)) as copy:
                found.append(b"".join(copy))
        return found + [path.read_bytes() for path in sorted(self.file.folder.iterdir())]

    def chain_again(self, after: int) -> None:
        """Compute every link after a sequence anew over the entries as they are."""
        open_session(self.database)
        hashed, link = hash_named("sha256"), START
        rows = list(copied(self.database, rows_between(0, self.last())))
        for row in rows:
            stored, number, key, retention, entry_hash, line = row.split(b"\t", 5)
            if int(number) > after:
                entry_hash = entry_hash if line.startswith(b"\\N") else hashed(line).encode()
                stored = link_after(link, b"\t".join([number, key, retention, entry_hash]), hashed)
                self.run(
                    "UPDATE audit_link SET link = decode(%s, 'hex'), entry_hash = decode(%s, 'hex')"
                    " WHERE sequence = %s",
                    stored.decode(), entry_hash.decode(), int(number),
                )  # fmt: skip
            link = stored


def _in_order(table: str) -> str:
    return f"COPY (SELECT * FROM audit_{table} ORDER BY 1) TO STDOUT"  # noqa: S608 our own names


def edit(scene: Scene, n: int) -> None:
    columns = ("action", "purpose", "actor_kind", "kind", "request_id")
    ids = scene.entries()
    scene.run(f"UPDATE audit_entry SET {columns[n % 5]} = 'x' WHERE id = %s", ids[n % len(ids)])  # noqa: S608 ours


def edit_time(scene: Scene, n: int) -> None:
    ids = scene.entries()
    scene.run("UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE id = %s", ids[n % len(ids)])


def edit_person(scene: Scene, n: int) -> None:
    ids = scene.entries()
    scene.run("UPDATE audit_entry SET person_id = gen_random_uuid() WHERE id = %s", ids[n % len(ids)])


def edit_and_chain_again(scene: Scene, n: int) -> None:
    ids = scene.entries()[: scene.signed_last() - 3]
    scene.run("UPDATE audit_entry SET action = 'x' WHERE id = %s", ids[n % len(ids)])
    scene.chain_again(0)


def delete(scene: Scene, n: int) -> None:
    ids = scene.entries()
    scene.run("DELETE FROM audit_entry WHERE id = %s", ids[n % len(ids)])


def delete_with_link(scene: Scene, n: int) -> None:
    ids = scene.entries()[:-1]
    scene.run("DELETE FROM audit_link WHERE entry_id = %s", ids[n % len(ids)])
    scene.run("DELETE FROM audit_entry WHERE id = %s", ids[n % len(ids)])


def delete_as_if_expired(scene: Scene, n: int) -> None:
    ids = scene.entries()
    scene.run("DELETE FROM audit_entry WHERE id = %s", ids[n % len(ids)])
    scene.run("UPDATE audit_link SET retention = 'log' WHERE entry_id = %s", ids[n % len(ids)])


def insert(scene: Scene, n: int) -> None:
    scene.run(
        "INSERT INTO audit_entry (id, at, kind, action, actor_kind, object_kind, purpose, fields, request_id,"
        " transaction_id) VALUES (gen_random_uuid(), now(), 'act', 'x', 'system', 'case', 'p', '[]', '', '3')"
    )


def reorder(scene: Scene, n: int) -> None:
    one = 1 + n % (scene.last() - 1)
    scene.run("CREATE TEMPORARY TABLE two AS SELECT * FROM audit_link WHERE sequence IN (%s, %s)", one, one + 1)
    scene.run("DELETE FROM audit_link WHERE sequence IN (%s, %s)", one, one + 1)
    scene.run(
        "INSERT INTO audit_link (sequence, entry_id, retention, entry_hash, link)"
        " SELECT %s - sequence, entry_id, retention, entry_hash, link FROM two", 2 * one + 1,
    )  # fmt: skip
    scene.run("DROP TABLE two")


def swap_links(scene: Scene, n: int) -> None:
    one = 1 + n % (scene.last() - 1)
    scene.run("UPDATE audit_link SET link = decode(md5(link::text) || md5('x'), 'hex') WHERE sequence = %s", one)


def cut_tail(scene: Scene, n: int) -> None:
    first = scene.signed_last() - n % 4
    scene.run("DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_link WHERE sequence >= %s)", first)
    scene.run("DELETE FROM audit_link WHERE sequence >= %s", first)


def cut_tail_and_checkpoints(scene: Scene, n: int) -> None:
    cut_tail(scene, n)
    scene.run("DELETE FROM audit_statement")
    scene.run("DELETE FROM audit_checkpoint WHERE sequence > %s", scene.last())


def cut_checkpoint_file(scene: Scene, n: int) -> None:
    lines = scene.file.lines()
    scene.write(lines[: -1 - n % (len(lines) - 1)])


def cut_last_line_short(scene: Scene, n: int) -> None:
    scene.file.path.write_bytes(scene.file.path.read_bytes()[: -2 - n % 40])


def empty_checkpoint_file(scene: Scene, n: int) -> None:
    scene.write([])


def drop_checkpoint(scene: Scene, n: int) -> None:
    lines = scene.file.lines()
    del lines[n % (len(lines) - 1)]
    scene.write(lines)


def reorder_checkpoints(scene: Scene, n: int) -> None:
    lines = scene.file.lines()
    at = n % (len(lines) - 1)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    scene.write(lines)


def forge_checkpoint(scene: Scene, n: int) -> None:
    lines = scene.file.lines()
    body = json.loads(lines[n % len(lines)])
    body["at"] = "2020-01-01T00:00:00.000+00:00"
    lines[n % len(lines)] = line_of(body)
    scene.write(lines)


def forge_checkpoint_everywhere(scene: Scene, n: int) -> None:
    forge_checkpoint(scene, n)
    number = 1 + n % len(scene.file.lines())
    line = scene.file.lines()[number - 1].decode()
    scene.run("UPDATE audit_checkpoint SET line = %s WHERE number = %s", line, number)


def replace_key(scene: Scene, n: int) -> None:
    """Sign the last checkpoint with a key of one's own, known to the trust file, in file and database."""
    own = Ed25519PrivateKey.generate()
    public = own.public_key().public_bytes_raw()
    lines = scene.file.lines()
    body = dict(read_line(lines[-1]) or {})
    del body["signature"]
    lines[-1] = signed({**body, "key": key_id(public)}, own)
    scene.write(lines)
    scene.run("UPDATE audit_checkpoint SET line = %s WHERE number = %s", lines[-1].decode(), body["number"])
    known = {"key": key_id(public), "public": public.hex(), "from": body["at"], "until": None}
    scene.file.save_trust([*scene.file.trust(), known])


def replace_root(scene: Scene, n: int) -> None:
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    scene.file.save_trust([{"key": key_id(public), "public": public.hex(), "from": "", "until": None}])


def change_stored_checkpoint(scene: Scene, n: int) -> None:
    number = 1 + n % len(scene.file.lines())
    scene.run("UPDATE audit_checkpoint SET line = replace(line, '\"number\"', '\"humber\"') WHERE number = %s", number)


TAMPERINGS: Mapping[Callable[[Scene, int], None], set[str]] = {
    edit: {"audit.entry_edited"},
    edit_time: {"audit.entry_edited"},
    edit_person: {"audit.entry_edited"},
    edit_and_chain_again: {"audit.link_not_as_signed"},
    delete: {"audit.entry_missing"},
    delete_with_link: {"audit.link_missing"},
    delete_as_if_expired: {"audit.link_broken"},
    insert: {"audit.entry_inserted"},
    reorder: {"audit.link_broken"},
    swap_links: {"audit.link_broken"},
    cut_tail: {"audit.tail_cut"},
    cut_tail_and_checkpoints: {"audit.tail_cut"},
    cut_checkpoint_file: {"audit.checkpoint_file_short"},
    cut_last_line_short: {"audit.checkpoint_unreadable"},
    empty_checkpoint_file: {"audit.checkpoint_file_short"},
    drop_checkpoint: {"audit.checkpoint_out_of_order"},
    reorder_checkpoints: {"audit.checkpoint_out_of_order"},
    forge_checkpoint: {"audit.checkpoint_forged"},
    forge_checkpoint_everywhere: {"audit.checkpoint_forged"},
    replace_key: {"audit.checkpoint_key_unknown"},
    replace_root: {"audit.checkpoint_key_unknown"},
    change_stored_checkpoint: {"audit.checkpoints_differ"},
}


@contextmanager
def scene_of(file: CheckpointFile, kept: Path) -> Iterator[Scene]:
    """Give a thief the trail; afterwards everything is as it was."""
    shutil.copytree(file.folder, kept)
    with as_thief() as database:
        saved = {}
        for table in TABLES:
            with database.cursor().copy(f"COPY audit_{table} TO STDOUT".encode()) as copy:
                saved[table] = b"".join(copy)
        try:
            yield Scene(database, file)
        finally:
            database.execute(f"TRUNCATE {', '.join(f'audit_{table}' for table in TABLES)} CASCADE".encode())
            for table in TABLES:
                with database.cursor().copy(f"COPY audit_{table} FROM STDIN".encode()) as copy:
                    copy.write(saved[table])
            shutil.rmtree(file.folder)
            shutil.move(kept, file.folder)
