"""Looks whether a locked package has a known weakness, without a network: against requirements/advisories.json.

`audit_dependencies.py` tells what it finds, how old the advisories are and whether they are all there are; exit code 1
when a package is affected. `--strict` also when the advisories are old or not complete: for a release.

`--refresh EXPORT` replaces the advisories by those of an OSV export (https://ossf.github.io/osv-schema/): a ZIP or a
folder of JSON files, fetched where there is a network. Only those of locked packages are kept.
"""

import json
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from sbom import ROOT, locked

ADVISORIES = ROOT / "requirements" / "advisories.json"
OLD_DAYS = 30
_MOST_BYTES = 4_000_000  # of one advisory


def versions() -> dict[str, set[str]]:
    """Return the versions of every package in any lock."""
    found: dict[str, set[str]] = {}
    for lock in sorted((ROOT / "requirements").glob("*.lock")):
        for name, version, _ in locked(lock.read_text()):
            found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def affected(known: dict[str, set[str]], advisories: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each locked version that an advisory names."""
    for advisory in advisories:
        name = canonicalize_name(advisory["package"])
        for version in sorted(known.get(name, ())):
            if any(SpecifierSet(each, prereleases=True).contains(version) for each in advisory["affected"]):
                yield f"{name} {version}: {advisory['id']} (affected: {' or '.join(advisory['affected'])})"


def doubts(kept: dict[str, Any], today: date) -> list[str]:
    """Return why finding nothing may mean little."""
    days = (today - date.fromisoformat(kept["taken_on"])).days
    return [
        *([f"the advisories are {days} days old"] if days > OLD_DAYS else []),
        *([] if kept["is_complete"] else [f"the advisories are not all there are: {kept['source']}"]),
    ]


def refreshed(export: Path, known: dict[str, set[str]], today: date) -> dict[str, Any]:
    """Return the advisories of an OSV export that are about locked packages."""
    found = {}
    for told in _records(export):
        for entry in told.get("affected", ()):
            package = entry.get("package", {})
            name = canonicalize_name(package.get("name", ""))
            specifiers = sorted({*_ranges(entry), *(f"=={version}" for version in entry.get("versions", ()))})
            if package.get("ecosystem") == "PyPI" and name in known and specifiers and "withdrawn" not in told:
                found[told["id"], name] = {"id": told["id"], "package": name, "affected": specifiers}
    return {
        "taken_on": today.isoformat(),
        "is_complete": True,
        "source": "an OSV export",
        "advisories": [found[key] for key in sorted(found)],
    }


def _records(export: Path) -> Iterator[dict[str, Any]]:
    if export.is_dir():
        yield from (json.loads(path.read_text()) for path in sorted(export.glob("**/*.json")))
        return
    with zipfile.ZipFile(export) as packed:
        for entry in packed.infolist():
            if entry.filename.endswith(".json") and entry.file_size <= _MOST_BYTES:
                yield json.loads(packed.read(entry))


def _ranges(entry: dict[str, Any]) -> Iterator[str]:
    """Yield a specifier for each span of versions; events come in the order of the versions."""
    for told in entry.get("ranges", ()):
        if told.get("type") != "ECOSYSTEM":
            continue
        since = ""
        for event in told["events"]:
            if "introduced" in event:
                since = "" if event["introduced"] == "0" else f">={event['introduced']},"
            elif "fixed" in event:
                yield f"{since}<{event['fixed']}"
            elif "last_affected" in event:
                yield f"{since}<={event['last_affected']}"
        if "introduced" in told["events"][-1]:
            yield since.rstrip(",") or ">=0"


def main(arguments: list[str]) -> int:
    today = datetime.now(UTC).date()
    known = versions()
    if arguments[:1] == ["--refresh"]:
        text = json.dumps(refreshed(Path(arguments[1]), known, today), indent=1)
        ADVISORIES.write_text(text + "\n", encoding="utf-8")
    kept = json.loads(ADVISORIES.read_text())
    found, doubtful = list(affected(known, kept["advisories"])), doubts(kept, today)
    for line in found:
        print(f"affected: {line}")
    for line in doubtful:
        print(f"doubtful: {line}")
    print(f"{len(found)} of {len(known)} packages have a known weakness in {len(kept['advisories'])} advisories.")
    return int(bool(found) or ("--strict" in arguments and bool(doubtful)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
