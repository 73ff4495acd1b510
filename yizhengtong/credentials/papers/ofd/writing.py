"""A paper as OFD: laid out, written in parts, signed, zipped."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from yizhengtong.credentials.formats.signing import Signer
from yizhengtong.credentials.papers.ofd import parts, signature
from yizhengtong.credentials.papers.ofd.layout import CODE, PORTRAIT, laid_out
from yizhengtong.credentials.papers.ofd.parts import DOCUMENT, Described, Picture

_IDENTITY_DIGITS = 32
_LEVEL, _SMALL = 3, 1500
"""Of compression, and below how many bytes there is none: to begin it costs more than it saves."""


def write_ofd(
    sheet: Mapping[str, Any], *, code: bytes, identity: str, signers: Sequence[Signer] = (), at: datetime
) -> bytes:
    """Return a sheet (`Sheet.as_values` and what is printed besides) as OFD.

    `code`: its QR code as PNG, empty for none; `identity`: what tells this paper from every other, its reference.
    `signers`: each signs all parts. `at`: when, an instant. Without signers the same sheet gives the same bytes.
    """
    dated = date.fromisoformat(sheet["dated"])
    told = Described(
        identity=sha256(identity.encode()).hexdigest()[:_IDENTITY_DIGITS], title=sheet["title"],
        author=sheet["issuer"] or sheet["signed_by"], dated=dated, reference=identity,
    )  # fmt: skip
    files = _parts({**sheet, "code": code}, told, _pictures(sheet, code), is_signed=bool(signers))
    return _zipped({**files, **_signed(files, signers, at)}, dated)


def _pictures(sheet: Mapping[str, Any], code: bytes) -> list[Picture]:
    found = [Picture(CODE, "code.png", "PNG", code)] if code else []
    portrait = next((each["portrait"] for each in sheet["parts"] if each.get("portrait")), "")
    return [*found, Picture(PORTRAIT, "portrait.jpg", "JPEG", b64decode(portrait))] if portrait else found


def _parts(
    sheet: Mapping[str, Any], told: Described, pictures: Sequence[Picture], *, is_signed: bool
) -> dict[str, bytes]:
    pages, last, written = laid_out(sheet), 0, {}
    for number, page in enumerate(pages):
        written[f"{DOCUMENT}/Pages/Page_{number}/Content.xml"], last = parts.content(page, pictures, last + 1)
    named = {
        "OFD.xml": parts.entry(told, is_signed=is_signed),
        parts.ROOT: parts.document(len(pages), last, has_pictures=bool(pictures)),
        f"{DOCUMENT}/PublicRes.xml": parts.PUBLIC_RESOURCES,
        **({f"{DOCUMENT}/DocumentRes.xml": parts.resources(pictures)} if pictures else {}),
        **written,
    }
    files = {name: text.encode() for name, text in named.items()}
    return files | {f"{DOCUMENT}/Res/{each.filename}": each.content for each in pictures}


def _signed(files: Mapping[str, bytes], signers: Sequence[Signer], at: datetime) -> dict[str, bytes]:
    if not signers:
        return {}
    found = {parts.SIGNATURES: signature.listed(len(signers)).encode()}
    for number, signer in enumerate(signers):
        description = signature.described(files, signer.algorithm, at, number).encode()
        folder = f"{DOCUMENT}/Signs/Sign_{number}"
        found[f"{folder}/Signature.xml"] = description
        found[f"{folder}/SignedValue.dat"] = signature.signed_value(description, signer)
    return found


def _zipped(files: Mapping[str, bytes], dated: date) -> bytes:
    """Return the package; its files bear the paper's day, as the paper does."""
    written = BytesIO()
    moment = (dated.year, dated.month, dated.day, 0, 0, 0)
    with ZipFile(written, "w") as package:
        for name, content in files.items():
            how = ZIP_DEFLATED if name.endswith(".xml") and len(content) > _SMALL else ZIP_STORED
            package.writestr(ZipInfo(name, moment), content, how, _LEVEL)
    return written.getvalue()
