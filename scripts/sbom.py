"""Says what is linked into the running platform: CycloneDX 1.6 from runtime.lock and what is installed.

`sbom.py [FILE]` prints it, or writes it to a file; `sbom.py --check` only looks. Either way a package without a known
licence, or with one that would bind the whole platform (GPL, AGPL, SSPL), ends with exit code 1. Names, versions,
hashes and licences only; the same lock gives the same text.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "runtime.lock"
_ENTRY = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^ \\]+)(?P<marker> ;[^\\]*)?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_BINDING = re.compile(r"\b(?:A?GPL|SSPL|GNU (?:Affero )?General Public)", re.IGNORECASE)
_CLASSIFIER = "License :: "
_SHORT = 60  # characters: longer ones are whole licence texts


@dataclass(frozen=True)
class Package:
    """One locked package. `licence` is an SPDX expression or what its makers wrote; empty when they wrote nothing."""

    name: str
    version: str
    hashes: tuple[str, ...]
    licence: str
    is_installed: bool


def locked(lock: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield name, version and hashes of every package of a lock, in its order."""
    for block in re.split(r"\n(?=\S)", lock):
        entry = _ENTRY.match(block)
        if entry:
            yield entry["name"], entry["version"], tuple(_HASH.findall(block))


def packages(lock: str) -> list[Package]:
    """Return every locked package with the licence its installed copy names."""
    found = []
    for name, version, hashes in locked(lock):
        try:
            installed = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # of another platform, by a marker
            found.append(Package(name, version, hashes, "", is_installed=False))
            continue
        found.append(Package(name, version, hashes, licence_of(installed.metadata), is_installed=True))
    return found


def licence_of(told: Any) -> str:
    """Return the licence that a package tells: the expression, else the classifiers, else the text if it is short."""
    if told.get("License-Expression"):
        return str(told["License-Expression"])
    classified = [each for each in told.get_all("Classifier") or [] if each.startswith(_CLASSIFIER)]
    if classified:
        return " AND ".join(each.rpartition(" :: ")[2] for each in classified)
    text = str(told.get("License") or "").strip()
    return text if len(text) <= _SHORT else text.splitlines()[0][:_SHORT]


def is_binding(licence: str) -> bool:
    """Whether every way to take a licence would bind what it is linked into. The LGPL does not bind its users."""
    ways = re.split(r"\bOR\b", licence)
    return bool(licence) and all(_BINDING.search(re.sub(r"\bLGPL|Lesser General Public", "", way)) for way in ways)


def faults(found: list[Package]) -> list[str]:
    """Return what is wrong with what is linked, a line each."""
    here = [package for package in found if package.is_installed]
    return [
        *(f"{package.name} {package.version}: no licence is known" for package in here if not package.licence),
        *(f"{package.name} {package.version}: {package.licence}" for package in here if is_binding(package.licence)),
    ]


def document(found: list[Package]) -> dict[str, Any]:
    """Return the CycloneDX document."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "yizhengtong", "licenses": [_licence("Apache-2.0")]}},
        "components": [_component(package) for package in found if package.is_installed],
    }


def _component(package: Package) -> dict[str, Any]:
    return {
        "type": "library",
        "name": package.name,
        "version": package.version,
        "purl": f"pkg:pypi/{package.name}@{package.version}",
        "licenses": [_licence(package.licence)],
        "hashes": [{"alg": "SHA-256", "content": each} for each in package.hashes],
    }


def _licence(licence: str) -> dict[str, Any]:
    is_expression = re.fullmatch(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*", licence)
    return {"expression": licence} if is_expression else {"license": {"name": licence}}


def main(arguments: list[str]) -> int:
    found = packages(LOCK.read_text())
    wrong = faults(found)
    print(*(f"sbom: {line}" for line in wrong), sep="\n", end="\n" if wrong else "", file=sys.stderr)
    if arguments != ["--check"]:
        text = json.dumps(document(found), indent=1, ensure_ascii=False) + "\n"
        if arguments:
            Path(arguments[0]).write_text(text, encoding="utf-8")
        else:
            print(text, end="")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
