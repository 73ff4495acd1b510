"""Finds addresses of package registries in committed files, and any web address in a lock.

A lock says what is installed (names, versions, hashes), the machine says from where: its mirror stays its own affair.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tracked import ROOT, committed_files

# Written in pieces: this file is a committed file too.
_HOSTS = [
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("npmmirror", "com"),
    ("yarnpkg", "com"),
    ("deb.debian", "org"),
    ("security.debian", "org"),
    ("archive.ubuntu", "com"),
    ("pypi.tuna.tsinghua.edu", "cn"),
    ("mirrors.aliyun", "com"),
    ("proxy.golang", "org"),
    ("crates", "io"),
    ("conda.anaconda", "org"),
]
_REGISTRY = re.compile("|".join(rf"\b{re.escape(name)}\.{end}\b" for name, end in _HOSTS), re.IGNORECASE)
_ADDRESS = re.compile("[a-z]+" + "://", re.IGNORECASE)
_LOCK = re.compile(r"(\.lock|\.in|^package-lock\.json|^npm-shrinkwrap\.json|^requirements.*\.txt|^\.npmrc)$")


def addresses_in(name: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield line and address for each one that `text`, a file called `name`, must not hold."""
    for number, line in enumerate(text.splitlines(), start=1):
        found = _REGISTRY.search(line) or (_LOCK.search(name) and _ADDRESS.search(line))
        if found:
            yield number, found.group()


def main(paths: Iterable[Path]) -> int:
    """Print every finding as file:line and return 1 when there is one."""
    findings = 0
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # images and the like
        for number, address in addresses_in(path.name, text):
            findings += 1
            print(f"{path.relative_to(ROOT)}:{number}: {address} must not be in a commit; locks carry hashes only")
    return int(findings > 0)


if __name__ == "__main__":
    sys.exit(main(committed_files()))
