#!/usr/bin/env python3
"""Check an export of the audit trail: python3 audit_checker.py EXPORT [--own FOLDER]

For an outside auditor: needs Python 3.9 or later and the package `cryptography`, nothing of the platform. Keep
trust.json and checkpoints.jsonl of earlier exports in a folder of your own: who rewrites database, checkpoint file and
export cannot rewrite yours. Exit status 0: whole; 1: findings, a line each with its code; 2: cannot be read.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SENTENCES = {
    "audit.trust_missing": "The trust file names no public key that fits its own name.",
    "audit.checkpoint_unreadable": "Checkpoint {at} is not in the form of a checkpoint.",
    "audit.checkpoint_out_of_order": "Checkpoint {at} does not follow the one before it.",
    "audit.checkpoint_key_unknown": "Checkpoint {at} is signed by a key that was not announced by the key before it.",
    "audit.checkpoint_forged": "The signature of checkpoint {at} is not that of its key.",
    "audit.checkpoints_differ": "Checkpoint {at} differs between the checkpoint file and the other copy.",
    "audit.checkpoint_file_short": "From checkpoint {at} on, the checkpoint file lacks what the other copy has.",
    "audit.checkpoints_not_in_database": "From checkpoint {at} on, the database lacks what the checkpoint file has.",
    "audit.link_missing": "Links are missing from {at} on.",
    "audit.link_broken": "Link {at} (entry {entry}) does not follow from the one before it: changed, moved or put in.",
    "audit.link_not_as_signed": "Link {at} (entry {entry}) is not the one that a checkpoint signed.",
    "audit.entry_missing": "Entry {entry} (link {at}) is gone, and no checkpoint states that it expired.",
    "audit.entry_edited": "Entry {entry} (link {at}) was changed after it was sealed.",
    "audit.entry_inserted": "Entry {entry} has no link: it was put in behind the seal.",
    "audit.tail_cut": "The trail ends before link {at}, which a checkpoint signed.",
    "audit.expired_count_wrong": "Up to link {at} another number of entries expired than the checkpoints state.",
    "audit.start_not_signed": "No checkpoint signs link {at}, after which the export begins.",
    "audit.root_replaced": "note: checkpoint {at} begins anew with a key of your own trust file; the old one was lost.",
    "audit.resumed": "note: checkpoint {at} states that what some before it signed was lost in a restore.",
    "audit.tail_not_signed": "note: the links up to {at} are not signed yet.",
    "audit.expiry_not_carried_out": "note: some entries up to link {at} that are stated as expired are still there.",
}


KINDS = dict.fromkeys(("link", "at", "key", "hash", "previous", "signature"), str)
KINDS.update(number=int, sequence=int, expired=list)
CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Checker:
    def __init__(self, folder, own=None):
        self.manifest = json.loads((folder / "manifest.json").read_text())
        self.trail, self.inserted = folder / "trail.tsv", lines_of(folder / "inserted.txt")
        self.lines, self.stored = (lines_of(folder / f"checkpoints{copy}.jsonl") for copy in ("", ".database"))
        self.earlier = lines_of((own or folder) / "checkpoints.jsonl")
        self.hash_name, self.last, self.links, self.entries = "sha256", 0, 0, 0
        self.found, self.signed, self.up_to, self.counts, self.covered, self.pending = [], {}, {}, {}, {}, 0
        trust = [json.loads((each / "trust.json").read_text())["keys"] for each in (own, folder) if each]
        self.roots = {known["key"] for known in trust[0] if own and known.get("root")}
        keys = {known["key"]: bytes.fromhex(known["public"]) for each in trust for known in each}
        self.keys = {key: public for key, public in keys.items() if hashlib.sha256(public).hexdigest()[:32] == key}
        self.root = trust[0][0]["key"] if trust[0] and trust[0][0]["key"] in self.keys else ""

    def add(self, code, at=0, entry=""):
        self.found.append((code, at, entry))

    def hash(self, text):
        return hashlib.new(self.hash_name, text).hexdigest()

    def check(self):
        self.found += [] if self.root else [("audit.trust_missing", 0, "")]
        self.check_checkpoints()
        self.compare(self.stored)
        self.compare(self.earlier, is_whole=False)
        self.check_trail()
        self.found += [("audit.entry_inserted", 0, entry.decode()) for entry in self.inserted]
        return sorted(set(self.found), key=lambda each: (each[1], each[0]))

    def check_checkpoints(self):
        active, kept = self.root, []
        for number, line in enumerate(self.lines, start=1):
            body = read(line)
            if number == 1 and body and body["hash"] in ("sha256", "sm3"):
                self.hash_name = body["hash"]
            if body and body.get("new_root") and body["key"] in self.roots:
                active = body["key"]
                self.add("audit.root_replaced", number)
            fault = self.fault_of(body, number, active)
            if fault:
                self.add(fault, number)
                continue
            active = body.get("next_key", {}).get("key", active)
            if body.get("resumed"):
                kept = [each for each in kept if each["number"] <= body["resumed"]["after"]]
                self.add("audit.resumed", number)
            if kept and body["sequence"] < kept[-1]["sequence"]:
                self.add("audit.checkpoint_out_of_order", number)
            else:
                kept.append(body)
        for body in kept:
            self.signed.setdefault(body["sequence"], []).append(body["link"].encode())
            self.last = body["sequence"]
            for stated in body["expired"]:
                name = stated["class"].encode()
                self.up_to[name] = max(self.up_to.get(name, 0), stated["up_to"])
                self.counts[name] = self.counts.get(name, 0) + stated["count"]

    def fault_of(self, body, number, active):
        if body is None:
            return "audit.checkpoint_unreadable"
        previous = self.hash(self.lines[number - 2]) if number > 1 else ""
        if body["number"] != number or body["previous"] != previous:
            return "audit.checkpoint_out_of_order"
        if body["key"] != active or active not in self.keys:
            return "audit.checkpoint_key_unknown"
        text = CANONICAL({name: value for name, value in body.items() if name != "signature"}).encode()
        try:
            Ed25519PublicKey.from_public_bytes(self.keys[active]).verify(bytes.fromhex(body["signature"]), text)
        except (InvalidSignature, ValueError):
            return "audit.checkpoint_forged"
        return None

    def compare(self, others, is_whole=True):
        numbers = [n for n in range(min(len(self.lines), len(others))) if self.lines[n] != others[n]]
        self.found += [("audit.checkpoints_differ", number + 1, "") for number in numbers]
        if len(self.lines) < len(others):
            self.add("audit.checkpoint_file_short", len(self.lines) + 1)
        elif is_whole and len(self.lines) > len(others) + 1:  # one more was written while the export was made
            self.add("audit.checkpoints_not_in_database", len(others) + 1)

    def check_trail(self):
        after, until = self.manifest["after"], self.manifest["until"]
        previous, expected = self.manifest["link"].encode(), after + 1
        if previous not in (self.signed.get(after, []) if after else [b"0" * 64]):
            self.add("audit.start_not_signed", after)
        with self.trail.open("rb") as trail:
            for row in trail:
                previous, expected = self.check_row(row.rstrip(b"\n"), previous, expected)
        if expected - 1 < (until or self.last):
            self.add("audit.tail_cut", expected)
        elif not until and expected - 1 > self.last:
            self.add("audit.tail_not_signed", expected - 1)
        for name, count in {} if after or until else self.counts.items():
            if self.covered.get(name, 0) != count:
                self.add("audit.expired_count_wrong", self.up_to[name])
        if self.pending:
            self.add("audit.expiry_not_carried_out", max(self.up_to.values()))

    def check_row(self, row, previous, expected):
        link, number, key, name, entry_hash, line = row.split(b"\t", 5)
        sequence, entry, is_there = int(number), key.decode(), line != b"\\N"
        if sequence != expected:
            self.add("audit.link_missing", expected)
        elif self.hash(b"\t".join([previous, number, key, name, entry_hash])).encode() != link:
            self.add("audit.link_broken", sequence, entry)
        if any(signed != link for signed in self.signed.get(sequence, [])):
            self.add("audit.link_not_as_signed", sequence, entry)
        if sequence <= self.up_to.get(name, 0):
            self.covered[name] = self.covered.get(name, 0) + 1
            self.pending += is_there
        elif not is_there:
            self.add("audit.entry_missing", sequence, entry)
        if is_there and self.hash(line).encode() != entry_hash:
            self.add("audit.entry_edited", sequence, entry)
        self.links, self.entries = self.links + 1, self.entries + is_there
        return link, sequence + 1


def lines_of(path):
    text = path.read_bytes() if path.exists() else b""
    return text.removesuffix(b"\n").split(b"\n") if text else []


def read(line):
    try:
        body = json.loads(line)
    except ValueError:
        return None
    is_sound = isinstance(body, dict) and CANONICAL(body).encode() == line
    return body if is_sound and all(isinstance(body.get(name), kind) for name, kind in KINDS.items()) else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path)
    parser.add_argument("--own", type=Path, help="folder with your own earlier trust.json and checkpoints.jsonl")
    options = parser.parse_args()
    try:
        checker = Checker(options.export, options.own)
        found = checker.check()
    except (OSError, ValueError, KeyError) as problem:
        sys.stderr.write(f"The export cannot be read: {type(problem).__name__}\n")
        return 2
    for code, at, entry in found:
        sys.stdout.write(f"{code}: {SENTENCES[code].format(at=at, entry=entry or '-')}\n")
    sys.stdout.write(f"root key {checker.root}: {checker.links} links, {checker.entries} entries\n")
    return int(any(not SENTENCES[code].startswith("note") for code, _, _ in found))


if __name__ == "__main__":
    sys.exit(main())
