"""The sealer's signing hand: what the last checkpoint was, the next one, the next key, and the way on after a restore.

A line is on the disk outside the database before its copy is in the database. Who starts compares the two and
continues only when they fit; what does not fit is for a person to settle (`yzt audit resume`).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from yizhengtong.foundation.audit.canonical import START
from yizhengtong.foundation.audit.checkpoints import CheckpointFile, SigningKeys, hash_of_line, read_line, signed
from yizhengtong.foundation.audit.reading import Row, one


class Stopped(Exception):
    """Sealing does not go on until a person has looked: the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Signer:
    """Signs checkpoints of the chain in one database. Used by who holds the sealer's lock."""

    def __init__(
        self,
        connection: "Connection[Row]",
        file: CheckpointFile,
        keys: SigningKeys,
        hash_name: str,
        *,
        now: Callable[[], datetime],
        at_step: Callable[[str], None] = lambda _step: None,
    ) -> None:
        self._connection = connection
        self._file = file
        self._keys = keys
        self._now = now
        self._at_step = at_step
        self._last: bytes | None = None
        self._body: dict[str, Any] = {"number": 0, "sequence": 0, "hash": hash_name}
        self._key = ""

    @property
    def sequence(self) -> int:
        """How far the last checkpoint reaches."""
        return int(self._body["sequence"])

    @property
    def hash_name(self) -> str:
        """The hash of this chain: chosen when it began, kept since."""
        return str(self._body["hash"])

    def prepare(self) -> None:
        """Compare file, database and keys, mend what a crash between two steps leaves. Raises Stopped."""
        self._compare()
        self._choose_key()

    def _compare(self) -> None:
        last, stored = self._file.last(), one(self._connection, _LAST)
        number, line = (int(stored[0]), str(stored[1]).encode()) if stored else (0, None)
        body = _read(last)
        if body is None or body["number"] < number:
            if number:
                raise Stopped("audit.checkpoint_file_short")
        elif body["number"] == number and last != line:
            raise Stopped("audit.checkpoints_differ")
        elif body["number"] > number + 1 or not self._is_in_chain(body):
            raise Stopped("audit.database_behind")
        elif last is not None and body["number"] == number + 1:
            self._store(last, body)
        if last is not None and body is not None:
            self._take(last, body)

    def has_news(self) -> bool:
        """Whether the chain is longer than the last checkpoint says."""
        head = one(self._connection, _HEAD)
        return head is not None and int(head[0]) > self.sequence

    def sign(self, *, expired: Sequence[dict[str, Any]] = (), **statements: Any) -> None:
        """Sign the chain as it is, with what this checkpoint states besides; on the disk and stored on return."""
        key = self._keys.get(self._key)
        if key is None:
            raise Stopped("audit.key_missing")
        head = one(self._connection, _HEAD)
        body = {
            "number": self._body["number"] + 1,
            "sequence": int(head[0]) if head else 0,
            "link": bytes(head[1]).hex() if head else START.decode(),
            "at": self._now().astimezone(UTC).isoformat(timespec="milliseconds"),
            "key": self._key,
            "hash": self.hash_name,
            "previous": hash_of_line(self._last, self.hash_name) if self._last else "",
            "expired": list(expired),
            **statements,
        }
        line = signed(body, key)
        self._at_step("checkpoint signed")
        self._file.append(line)
        self._at_step("checkpoint appended")
        self._store(line, body)
        self._at_step("checkpoint stored")
        self._take(line, body)

    def rotate(self) -> str:
        """Announce a new key by a checkpoint of the old one; the next checkpoint is signed by it. Returns its name."""
        name, public = self._keys.make()
        self._at_step("key made")
        self.sign(next_key={"key": name, "public": public})
        self._at_step("key announced")
        self._choose_key()
        self._keys.request.unlink(missing_ok=True)
        return name

    def replace_root(self, reason: str) -> str:
        """Begin anew with a key that nobody announced, because the old one is lost. Returns its name.

        Every check finds this until whoever checks has put the key into a trust file of their own (docs/audit.md).
        """
        self._compare()
        name, public = self._keys.make()
        self._key = name
        self.sign(new_root={"key": name, "public": public, "reason": reason})
        self._trust({"key": name, "public": public})
        return name

    def resume(self, reason: str) -> str:
        """Go on after file and database were found not to fit. Returns what was done: `nothing`, `file`, `database`.

        A file that is short gets its lines from the database. A database that is behind (restored from a backup) goes
        on from its own end by a checkpoint that says after which one everything signed was lost.
        """
        lines = self._file.lines()
        stored = [str(row[0]).encode() for row in self._connection.execute(_ALL).fetchall()]
        if stored[: len(lines)] == lines:
            for line in stored[len(lines) :]:
                self._file.append(line)
        if self._fits():
            self.prepare()
            return "file" if len(stored) > len(lines) else "nothing"
        bodies = [_read(line) for line in lines]
        if lines[: len(stored)] != stored or None in bodies:
            raise Stopped("audit.checkpoints_differ")
        for line, body in list(zip(lines, bodies, strict=True))[len(stored) :]:
            self._store(line, {**(body or {}), "expired": []})
        kept = [body for body in bodies if body and self._is_in_chain(body)]
        self._take(lines[-1], bodies[-1] or {})
        self._choose_key()
        self.sign(resumed={"after": kept[-1]["number"] if kept else 0, "reason": reason})
        return "database"

    def _fits(self) -> bool:
        last, stored = self._file.last(), one(self._connection, _LAST)
        body = _read(last)
        if body is None:
            return last is None and stored is None
        return stored is not None and str(stored[1]).encode() == last and self._is_in_chain(body)

    def _is_in_chain(self, body: dict[str, Any]) -> bool:
        """Whether the database's chain has the link that a checkpoint signed."""
        if body["sequence"] == 0:
            return True
        row = one(self._connection, "SELECT link FROM audit_link WHERE sequence = %s", body["sequence"])
        return row is not None and bytes(row[0]).hex() == body["link"]

    def _take(self, line: bytes, body: dict[str, Any]) -> None:
        self._last, self._body = line, body

    def _store(self, line: bytes, body: dict[str, Any]) -> None:
        with self._connection.transaction():
            self._connection.execute(_STORE, [body["number"], body["sequence"], line.decode()])
            for stated in body["expired"]:
                self._connection.execute(_STATE, [stated["expiry"], body["number"]])

    def _choose_key(self) -> None:
        """Find the key that signs next: the announced one, the last one, or, for a new chain, a new one."""
        trust = self._file.trust()
        announced = self._body.get("next_key") or self._body.get("new_root")
        if self._last is None and not trust:
            name, public = self._keys.make()
            announced = {"key": name, "public": public}
        self._key = announced["key"] if announced else self._body.get("key", "") or trust[-1]["key"]
        if announced and all(known["key"] != announced["key"] for known in trust):
            self._trust({name: announced[name] for name in ("key", "public")})
        if self._keys.get(self._key) is None:
            raise Stopped("audit.key_missing")

    def _trust(self, key: Mapping[str, str]) -> None:
        """Add a key to the trust file; those before it end now."""
        at = self._now().astimezone(UTC).isoformat(timespec="seconds")
        ended = [{**known, "until": known.get("until") or at} for known in self._file.trust()]
        self._file.save_trust([*ended, {**key, "from": at, "until": None}])


def _read(line: bytes | None) -> dict[str, Any] | None:
    body = read_line(line) if line is not None else None
    if line is not None and body is None:
        raise Stopped("audit.checkpoints_differ")
    return body


_LAST = "SELECT number, line FROM audit_checkpoint ORDER BY number DESC LIMIT 1"
_ALL = "SELECT line FROM audit_checkpoint ORDER BY number"
_HEAD = "SELECT sequence, link FROM audit_link ORDER BY sequence DESC LIMIT 1"
_STORE = "INSERT INTO audit_checkpoint (number, sequence, line) VALUES (%s, %s, %s)"
_STATE = "INSERT INTO audit_statement (expiry_id, checkpoint_number) VALUES (%s, %s)"
