"""Reading the outer structure of JPEG (ITU-T T.81) and PNG (ISO/IEC 15948) without decoding a pixel.

A container that is read comes back with metadata, colour profiles, animations and trailing bytes left out, so that
the decoder never sees them. All lengths are in bytes.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from yizhengtong.kernel.errors import Invalid

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_PIXELS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_JPEG_METADATA = {*range(0xE1, 0xEE), 0xEF, 0xFE}  # APP1..13, APP15, comments; APP0 and APP14 say how to read colours
_START_OF_SCAN, _APP1 = 0xDA, 0xE1
_EXIF_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class Container:
    """What the header claims: pixels across and down, EXIF orientation 1 to 8, scans (1 for PNG)."""

    content: bytes
    width: int
    height: int
    orientation: int = 1
    scans: int = 1


def png_container(content: bytes) -> Container:
    """Return a PNG's claims and the chunks that make its pixels. Raises Invalid `documents.incomplete`."""
    kept = [whole for whole in _png_chunks(content) if whole[4:8] in _PNG_PIXELS]
    headers = [whole for whole in kept if whole[4:8] == b"IHDR"]
    if headers != kept[:1] or not kept[0].startswith(b"\0\0\0\rIHDR"):
        raise Invalid("documents.incomplete")
    width, height = struct.unpack(">II", kept[0][8:16])
    return Container(_PNG_SIGNATURE + b"".join(kept), *_real_size(width, height))


def _png_chunks(content: bytes) -> Iterator[bytes]:
    """Yield whole chunks up to IEND; a chunk that is cut or has a wrong CRC is an incomplete file."""
    at = len(_PNG_SIGNATURE)
    name = b""
    while name != b"IEND":
        length = int.from_bytes(content[at : at + 4], "big")
        whole = content[at : at + length + 12]
        name, body, crc = whole[4:8], whole[8:-4], whole[-4:]
        if len(whole) != length + 12 or zlib.crc32(body, zlib.crc32(name)) != int.from_bytes(crc, "big"):
            raise Invalid("documents.incomplete")
        at += length + 12
        yield whole


def jpeg_container(content: bytes) -> Container:
    """Return a JPEG's claims and its segments without metadata. Raises Invalid `documents.incomplete`."""
    kept, frames, orientation, at = [content[:2]], [], 1, 2
    while True:
        marker, segment, after = _jpeg_segment(content, at)
        if marker == _START_OF_SCAN:
            break
        if marker in _JPEG_FRAMES:
            frames.append(struct.unpack(">HH", segment[5:9].ljust(4, b"\0")))
        if marker == _APP1 and segment[4:10] == b"Exif\0\0":
            orientation = _exif_orientation(segment[10:])
        if marker not in _JPEG_METADATA:
            kept.append(segment)
        at = after
    if len(frames) != 1:
        raise Invalid("documents.incomplete")
    height, width = frames[0]
    scans = content.count(b"\xff\xda", at)  # inside a scan FF is followed by 00, so these are markers
    return Container(b"".join([*kept, content[at:]]), *_real_size(width, height), orientation, scans)


def _jpeg_segment(content: bytes, at: int) -> tuple[int, bytes, int]:
    """Return marker and segment at a position, fill bytes skipped, and the position after it."""
    while content[at : at + 2] == b"\xff\xff":
        at += 1
    length = int.from_bytes(content[at + 2 : at + 4], "big")
    end = at + 2 + length
    if content[at : at + 1] != b"\xff" or length < 2 or end > len(content):
        raise Invalid("documents.incomplete")
    return content[at + 1], content[at:end], end


def _real_size(width: int, height: int) -> tuple[int, int]:
    if not width or not height:
        raise Invalid("documents.incomplete")
    return width, height


def _exif_orientation(tiff: bytes) -> int:
    """Return the orientation of the first directory; 1 (upright) when there is none or it cannot be read."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    try:
        if order is None:
            return 1
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, directory)
        for number in range(entries):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, directory + 2 + 12 * number)
            if tag == _EXIF_ORIENTATION:
                return int(value)
    except struct.error:
        pass
    return 1
