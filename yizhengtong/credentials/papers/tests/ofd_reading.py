"""Reading an OFD back, as a stranger would: its parts, its words, where they stand, whether its signatures hold."""

import io
import os
import subprocess
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from lxml import etree  # type: ignore[import-untyped]

_IN = "{http://www.ofdspec.org/2016}"
_SCHEMAS = {
    "OFD.xml": "OFD", "Document.xml": "Document", "PublicRes.xml": "Res", "DocumentRes.xml": "Res",
    "Content.xml": "Page", "Signatures.xml": "Signatures", "Signature.xml": "Signature",
}  # fmt: skip
FOLDER = Path(os.environ.get("YZT_VECTORS", "../shared/vectors")) / "ofd-schema"
_HASHES = {"2.16.840.1.101.3.4.2.1": hashes.SHA256(), "1.2.156.10197.1.401": hashes.SM3()}


@dataclass(frozen=True, slots=True)
class Placed:
    """Words where they stand, in millimetres."""

    words: str
    left: float
    top: float
    right: float
    bottom: float


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return the parts of a package. Each name once."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = package.namelist()
        assert len(names) == len(set(names))
        assert package.testzip() is None
        return {name: package.read(name) for name in names}


def need_schemas() -> None:
    if not FOLDER.is_dir():
        told = "not run: the schemas are not there; YZT_VECTORS names their folder"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(FOLDER / f"{name}.xsd"))


def against_schemas(content: bytes) -> list[str]:
    """Return what the schemas have against the parts."""
    found = []
    for name, part in parts_of(content).items():
        schema = _SCHEMAS.get(name.rpartition("/")[2])
        if schema is not None and not _schema(schema).validate(etree.fromstring(part)):
            found += [f"{name}: {error.message}" for error in _schema(schema).error_log]
    return found


def pages_of(content: bytes) -> list[bytes]:
    parts = parts_of(content)
    return [parts[name] for name in sorted(parts) if name.endswith("Content.xml")]


def words_of(content: bytes) -> str:
    """Return what stands on the pages, without spaces."""
    return "".join("".join(each.words.split()) for page in pages_of(content) for each in placed(page))


def placed(page: bytes) -> Iterator[Placed]:
    """Yield the words of a page. Every character has its place: as many advances as there are gaps between them."""
    for text in etree.fromstring(page).iter(f"{_IN}TextObject"):
        left, top, _width, height = map(float, text.get("Boundary").split())
        code = text.find(f"{_IN}TextCode")
        size, steps = float(text.get("Size")), _steps(code.get("DeltaX") or "")
        assert len(steps) == len(code.text) - 1, code.text
        assert 0 < float(code.get("Y")) <= height
        yield Placed(code.text, left, top, left + sum(steps) + size / 2, top + height)


def _steps(told: str) -> list[float]:
    found, words = [], told.split()
    while words:
        if words[0] == "g":
            found += [float(words[2])] * int(words[1])
            words = words[3:]
        else:
            found.append(float(words.pop(0)))
    return found


def references_hold(content: bytes, number: int = 0) -> bool:
    """Whether every part but those of the signatures is named by a signature, with its own hash."""
    parts = parts_of(content)
    signature = etree.fromstring(parts[f"Doc_0/Signs/Sign_{number}/Signature.xml"])
    references = signature.find(f"{_IN}SignedInfo/{_IN}References")
    algorithm = _HASHES[references.get("CheckMethod")]
    named = {each.get("FileRef").lstrip("/"): b64decode(each[0].text) for each in references}
    signed = {name: part for name, part in parts.items() if not name.startswith("Doc_0/Signs/")}
    return named == {name: _hash(algorithm, part) for name, part in signed.items()}


def _hash(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    return digest.finalize()


def openssl_believes(content: bytes, root: bytes, folder: Path) -> bool:
    """Whether OpenSSL's own program finds a signature by ES256 good that leads to a root, in PEM."""
    parts = parts_of(content)
    for name, held in (("value", "Sign_0/SignedValue.dat"), ("told", "Sign_0/Signature.xml")):
        (folder / name).write_bytes(parts[f"Doc_0/Signs/{held}"])
    (folder / "root.pem").write_bytes(root)
    ran = subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "value", "-content", "told", "-CAfile",
         "root.pem", "-purpose", "any", "-out", "out"], cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    return ran.returncode == 0


def repacked(content: bytes, **changes: bytes) -> bytes:
    """Return a package with parts changed; `__` in a name stands for a slash, `_dot_` for a dot."""
    given = {name.replace("__", "/").replace("_dot_", "."): part for name, part in changes.items()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as package:
        for name, part in {**parts_of(content), **given}.items():
            package.writestr(name, part)
    return written.getvalue()
