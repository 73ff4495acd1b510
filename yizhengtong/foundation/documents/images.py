"""Re-encoding JPEG and PNG. The decoder sees only what makes the pixels; what leaves is new from the first byte."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from yizhengtong.foundation.documents import photos
from yizhengtong.foundation.documents.image_containers import Container, jpeg_container, png_container
from yizhengtong.foundation.documents.limits import Limits
from yizhengtong.kernel.errors import Invalid

# What Pillow raises on hostile or broken input; each means that the pixels cannot be read.
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError,
               struct.error, zlib.error, Image.DecompressionBombError)  # fmt: skip
_TURNS = {
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_270],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_90],
}


@dataclass(frozen=True, slots=True)
class Treatment:
    """How a kind of image is kept: PNG stays lossless unless `always_jpeg`."""

    always_jpeg: bool = False
    scales_down: bool = False
    is_id_photo: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A re-encoded image, upright, without metadata; sizes in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int


def reencode(content: bytes, *, is_png: bool, treatment: Treatment, limits: Limits) -> Picture:
    """Return the image newly encoded: orientation applied, metadata and trailing bytes gone.

    Raises Invalid: `documents.incomplete`, `.too_many_pixels`, `.bomb`, and for an ID photo those of photos.py.
    """
    container = png_container(content) if is_png else jpeg_container(content)
    if container.width * container.height > limits.max_pixels:
        raise Invalid("documents.too_many_pixels", max_megapixels=limits.max_pixels // 1_000_000)
    scanned = container.width * container.height * container.scans
    if container.scans > limits.max_jpeg_scans or scanned > limits.max_scanned_pixels:
        raise Invalid("documents.bomb")
    image = _decode(container, is_png, limits.evidence_long_side_pixels if treatment.scales_down else None)
    if treatment.is_id_photo:
        photos.check_photo(image, limits.photo)
    return _encode(image, as_png=is_png and not treatment.always_jpeg, limits=limits)


def _decode(container: Container, is_png: bool, long_side: int | None) -> Image.Image:
    try:
        with Image.open(BytesIO(container.content), formats=["PNG" if is_png else "JPEG"]) as opened:
            if long_side:
                opened.draft(None, (long_side, long_side))  # the JPEG decoder halves for free
            image = _plain(opened, keep_transparency=is_png)
    except _UNREADABLE:
        raise Invalid("documents.incomplete") from None
    if long_side:
        image.thumbnail((long_side, long_side))
    for turn in _TURNS.get(container.orientation, []):
        image = image.transpose(turn)
    return image


def _plain(opened: Image.Image, keep_transparency: bool) -> Image.Image:
    """Return the pixels as L, RGB or RGBA; those that are so already are not copied."""
    opened.load()
    if opened.mode.startswith("I"):
        return opened.point(lambda grey: grey * (1 / 256)).convert("L")
    if opened.mode in {"L", "1"} and "transparency" not in opened.info:
        return _in_mode(opened, "L")
    has_transparency = opened.mode in {"LA", "PA", "RGBA"} or "transparency" in opened.info
    if has_transparency and keep_transparency:
        return _in_mode(opened, "RGBA")
    return _in_mode(opened, "RGB")


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    return image if image.mode == mode else image.convert(mode)


def _encode(image: Image.Image, *, as_png: bool, limits: Limits) -> Picture:
    output = BytesIO()
    image.info.clear()
    if as_png:
        image.save(output, "PNG", compress_level=6)
    else:
        _on_white(image).save(output, "JPEG", quality=limits.jpeg_quality_percent)
    return Picture(output.getvalue(), "image/png" if as_png else "image/jpeg", image.width, image.height)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper
