"""Checking a trail, wherever its lines come from: checkpoints first, then every link and entry. No database here."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from yizhengtong.foundation.audit.canonical import NOTHING, START, hash_named
from yizhengtong.foundation.audit.checkpoints import hash_of_line, is_signed_by, key_id, read_line
from yizhengtong.foundation.audit.findings import Found, Report, Statements


def check_checkpoints(
    lines: Sequence[bytes],
    trust: Sequence[Mapping[str, Any]],
    report: Report,
    own: Sequence[Mapping[str, Any]] | None = None,
) -> tuple[Statements, list[dict[str, Any] | None]]:
    """Check every line of a checkpoint file: form, order, key, signature. Returns what the sound ones state.

    `own`: a trust file that whoever checks has kept: its first key is the root, and a key marked `root` in it may begin
    anew where a checkpoint says that the old one was lost.
    """
    statements = Statements()
    kept = [*(own or ()), *trust]
    keys = _keys_of(kept)
    active = str(kept[0].get("key")) if kept else ""
    roots = {known.get("key") for known in own or () if known.get("root")}
    report.root = keys.get(active, b"").hex()
    if not report.root:
        report.add("audit.trust_missing")
    bodies: list[dict[str, Any] | None] = []
    for number, line in enumerate(lines, start=1):
        body = read_line(line)
        previous = hash_of_line(lines[number - 2], statements.hash_name) if number > 1 else ""
        if body is not None and number == 1:
            statements.hash_name = body["hash"] if body["hash"] in ("sha256", "sm3") else "sha256"
        if body is not None and body.get("new_root") and body["key"] in roots:
            active = body["key"]
            report.note("audit.root_replaced", number)
        code = _fault_of(body, number, previous, active, keys)
        bodies.append(None if code else body)
        if code:
            report.add(code, number)
        if body is not None and not code and (following := body.get("next_key")):
            active = following["key"]
    for sound in _in_force(bodies, report):
        statements.take(sound)
    report.checkpoints = len(lines)
    return statements, bodies


def _keys_of(trust: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """Return the public keys by name; one whose name is not its own is none."""
    found = {}
    for known in trust:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            public = bytes.fromhex(known["public"])
            if key_id(public) == known["key"]:
                found[known["key"]] = public
    return found


def _fault_of(
    body: Mapping[str, Any] | None, number: int, previous: str, active: str, keys: Mapping[str, bytes]
) -> str | None:
    """Return the code of what is wrong with one checkpoint, the first that applies."""
    if body is None:
        return "audit.checkpoint_unreadable"
    if body["number"] != number or body["previous"] != previous:
        return "audit.checkpoint_out_of_order"
    if body["key"] != active or active not in keys:
        return "audit.checkpoint_key_unknown"
    if not is_signed_by(body, keys[active]):
        return "audit.checkpoint_forged"
    return None


def _in_force(bodies: Iterable[Mapping[str, Any] | None], report: Report) -> list[Mapping[str, Any]]:
    """Return the sound checkpoints without those that a later one declares lost with a restored backup."""
    kept: list[Mapping[str, Any]] = []
    for body in bodies:
        if body is None:
            continue
        if resumed := body.get("resumed"):
            kept = [each for each in kept if each["number"] <= resumed["after"]]
            report.note("audit.resumed", body["number"])
        if kept and body["sequence"] < kept[-1]["sequence"]:
            report.add("audit.checkpoint_out_of_order", body["number"])
            continue
        kept.append(body)
    return kept


def compare_with_database(lines: Sequence[bytes], stored: Sequence[bytes], report: Report) -> None:
    """Compare the file outside with the database's copies: which lines differ, and which are missing on which side."""
    for number, (line, copy) in enumerate(zip(lines, stored, strict=False), start=1):
        if line != copy:
            report.add("audit.checkpoints_differ", number)
    if len(lines) < len(stored):
        report.add("audit.checkpoint_file_short", len(lines) + 1)
    if len(lines) > len(stored) + 1:
        report.add("audit.checkpoints_not_in_database", len(stored) + 1)
    elif len(lines) > len(stored):
        report.note("audit.checkpoint_not_stored_yet", len(lines))


def compare_with_own(lines: Sequence[bytes], own: Sequence[bytes], report: Report) -> None:
    """Compare the file with what whoever checks has kept of it."""
    for number, (line, copy) in enumerate(zip(lines, own, strict=False), start=1):
        if line != copy:
            report.add("audit.checkpoints_differ", number)
    if len(lines) < len(own):
        report.add("audit.checkpoint_file_short", len(lines) + 1)


@dataclass(slots=True)
class Walk:
    """What walking along a stretch of the chain came to; stretches are walked apart and put together in order."""

    findings: list[Found] = field(default_factory=list)
    links: int = 0
    entries: int = 0
    last_sequence: int = 0
    last_link: bytes = START
    covered: dict[str, int] = field(default_factory=dict)
    """By class: links whose content a checkpoint states as expired."""
    pending: int = 0
    """How many of those still have their content."""

    def add(self, code: str, at: int, entry: bytes) -> None:
        self.findings.append(Found(code, at, entry.decode(errors="replace")))


def walk(rows: Iterable[bytes], after: int, link: bytes | None, statements: Statements) -> Walk:
    """Walk along links in order. `rows`: link, sequence, id, class, entry hash, entry's text, with tabs between.

    `after` and `link`: the sequence and the link before the first; None where it is not known.
    """
    result = Walk(last_sequence=after, last_link=link or START)
    hashed, signed, up_to = hash_named(statements.hash_name), statements.links, statements.up_to
    previous, expected = link, after + 1
    for row in rows:
        stored, number, key, retention, entry_hash, line = row.split(b"\t", 5)
        sequence = int(number)
        if sequence != expected:
            if previous is not None:  # where even the link before is not there, the stretch before has told it
                result.add("audit.link_missing", expected, b"")
        elif previous is not None and hashed(previous + row[64 : -len(line) - 1]).encode() != stored:
            result.add("audit.link_broken", sequence, key)
        if sequence in signed:
            _compare_signed(signed[sequence], stored, sequence, key, result)
        limit = up_to.get(retention.decode(), 0) if up_to else 0
        if sequence <= limit:
            result.covered[retention.decode()] = result.covered.get(retention.decode(), 0) + 1
        if line.startswith(NOTHING):
            if sequence > limit:
                result.add("audit.entry_missing", sequence, key)
        else:
            result.entries += 1
            result.pending += sequence <= limit
            if hashed(line).encode() != entry_hash:
                result.add("audit.entry_edited", sequence, key)
        result.links += 1
        previous, expected = stored, sequence + 1
    result.last_sequence, result.last_link = expected - 1, previous or START
    return result


def _compare_signed(signed: Iterable[tuple[int, str]], stored: bytes, sequence: int, key: bytes, result: Walk) -> None:
    if any(link.encode() != stored for _, link in signed):
        result.add("audit.link_not_as_signed", sequence, key)


def close(walks: Sequence[Walk], bounds: Sequence[int], statements: Statements, report: Report) -> None:
    """Put the stretches together and look at what only the whole shows: a cut tail, wrong counts of what expired.

    `bounds`: up to where each stretch was to go.
    """
    for result, until in zip(walks[:-1], bounds, strict=False):
        if result.last_sequence != until:
            result.add("audit.link_missing", result.last_sequence + 1, b"")
    for result in walks:
        report.findings += result.findings
        report.links += result.links
        report.entries += result.entries
    last = walks[-1].last_sequence
    if last < statements.last_sequence:
        report.add("audit.tail_cut", last + 1)
    elif last > statements.last_sequence:
        report.note("audit.tail_not_signed", last)
    for name, count in statements.counts.items():
        if sum(result.covered.get(name, 0) for result in walks) != count:
            report.add("audit.expired_count_wrong", statements.up_to[name])
    if sum(result.pending for result in walks):
        report.note("audit.expiry_not_carried_out", max(statements.up_to.values()))
