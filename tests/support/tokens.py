"""A PKCS#11 token of SoftHSM2: new, empty, and the test's own."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "1234"


@dataclass(frozen=True, slots=True)
class SoftToken:
    """A token by its label. `library`: python-pkcs11's; `pin_file`: what RFC 7512's pin-source names."""

    library: Any
    label: str
    pin_file: Path

    def address(self, path: str = "") -> str:
        """Return its RFC 7512 address; `path`: further parts of it, such as `;object=first`."""
        return f"pkcs11:token={self.label}{path}?module-path={MODULE}&pin-source=file:{self.pin_file}"


@contextmanager
def soft_token(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoftToken]:
    """Make a token in a folder; in CI its absence fails, elsewhere the test is told as not run."""
    if not MODULE.exists() or shutil.which("softhsm2-util") is None:
        if os.environ.get("CI"):
            pytest.fail("softhsm2 is missing. On Debian: apt install softhsm2")
        pytest.skip("softhsm2 is missing")
    pkcs11 = pytest.importorskip("pkcs11")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    label = f"yzt-{secrets.token_hex(4)}"
    made = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "5678"]
    subprocess.run(made, check=True, capture_output=True)
    library = pkcs11.lib(str(MODULE))
    library.reinitialize()
    (folder / "pin").write_text(f"{PIN}\n")
    yield SoftToken(library, label, folder / "pin")
    library.finalize()
