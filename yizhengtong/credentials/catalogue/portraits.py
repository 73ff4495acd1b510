"""The photograph as a credential carries it: JPEG, small enough that a batch of credentials stays small."""

import logging
from io import BytesIO
from uuid import UUID

from PIL import Image

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.documents.services import open_document
from yizhengtong.kernel.errors import Conflict, NotFound

log = logging.getLogger(__name__)

LARGEST_PIXELS = (358, 441)
LARGEST_BYTES = 25_000
QUALITY = 80
"""Ours: as large as a photograph of an identity card, which then need not be scaled, and some 25 kB."""
_WITHOUT_METADATA = frozenset({"jfif", "jfif_version", "jfif_unit", "jfif_density"})


def portrait_of(photo_id: UUID | None) -> bytes | None:
    """Return the photograph as JPEG; None where there is none, or where it cannot be opened.

    Fails open: a credential without a picture still says the rest. That it could not be opened is logged.
    """
    if photo_id is None:
        return None
    try:
        _, content = open_document(document_id=photo_id, by=SYSTEM, purpose="credential")
    except (NotFound, Conflict) as error:
        log.warning("credentials.portrait_left_out document=%s code=%s", photo_id, error.code)
        return None
    return scaled(content)


def scaled(content: bytes) -> bytes:
    """Return a kept image as JPEG that fits LARGEST_PIXELS, without anything but pixels.

    One that is small enough stays as it was encoded when it was kept.
    """
    with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as image:
        if len(content) <= LARGEST_BYTES and _fits(image):
            return content
        picture = image.convert("RGB")
    picture.thumbnail(LARGEST_PIXELS, Image.Resampling.LANCZOS)
    picture.info.clear()
    written = BytesIO()
    picture.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()


def _fits(image: Image.Image) -> bool:
    is_plain = image.format == "JPEG" and image.mode == "RGB" and image.info.keys() <= _WITHOUT_METADATA
    return is_plain and image.width <= LARGEST_PIXELS[0] and image.height <= LARGEST_PIXELS[1]
