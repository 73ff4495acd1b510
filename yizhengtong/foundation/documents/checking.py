"""Deciding what a file is by its content, and making a harmless copy of it. Knows no Django and no database."""

from dataclasses import dataclass
from enum import StrEnum

from yizhengtong.foundation.documents import images, pdfs
from yizhengtong.foundation.documents.limits import DEFAULT_LIMITS, MEBIBYTE, Limits
from yizhengtong.kernel.errors import Invalid


class ContentKind(StrEnum):
    """What a document is for; decides which types it may have and how it is kept."""

    PHOTO = "photo"
    FINGERPRINT = "fingerprint"
    EVIDENCE = "evidence"
    SIGNATURE = "signature"
    FORM = "form"


JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
_SIGNATURES = {b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"%PDF-": PDF}
_ALIASES = {"image/jpg": JPEG, "image/pjpeg": JPEG, "image/x-png": PNG, "application/x-pdf": PDF}
_UNDECLARED = {"", "application/octet-stream"}  # says nothing, so it cannot lie
_WITH_PAGES = {ContentKind.EVIDENCE, ContentKind.FORM}


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The copy to keep: `width` and `height` in pixels of an image, `pages` of a PDF; the others are None."""

    content: bytes
    media_type: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None


def media_type_of(content: bytes) -> str | None:
    """Return the media type the first bytes show, or None when it is none that is accepted."""
    return next((found for start, found in _SIGNATURES.items() if content.startswith(start)), None)


def check_envelope(content: bytes, declared_type: str, kind: ContentKind, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return the media type of a file after the checks that need no decoding. Raises Invalid.

    Codes: `documents.empty`, `.too_large`, `.unsupported_type`, `.disguised`.
    """
    if not content:
        raise Invalid("documents.empty")
    if len(content) > limits.max_bytes:
        raise Invalid("documents.too_large", max_megabytes=limits.max_bytes // MEBIBYTE)
    found = media_type_of(content)
    declared = declared_type.partition(";")[0].strip().lower()
    declared = _ALIASES.get(declared, declared)
    if declared not in _UNDECLARED and declared != found and (found or declared in _SIGNATURES.values()):
        raise Invalid("documents.disguised")
    if found is None or (found == PDF and kind not in _WITH_PAGES):
        raise Invalid("documents.unsupported_type", accepted="JPEG, PNG, PDF" if kind in _WITH_PAGES else "JPEG, PNG")
    return found


def check_file(content: bytes, declared_type: str, kind: ContentKind, limits: Limits = DEFAULT_LIMITS) -> CheckedFile:
    """Return a freshly encoded copy that holds the pixels or pages and nothing else. Raises Invalid.

    Beside the codes of `check_envelope`: `documents.incomplete`, `.too_many_pixels`, `.too_many_pages`, `.encrypted`,
    `.bomb`, `.unsupported_pdf`, `.photo_too_small`, `.photo_not_portrait`, `.photo_blank`.
    """
    found = check_envelope(content, declared_type, kind, limits)
    if found == PDF:
        rewritten = pdfs.rewrite(content, limits)
        return CheckedFile(rewritten.content, PDF, pages=rewritten.pages)
    picture = images.reencode(content, is_png=found == PNG, treatment=_TREATMENTS[kind], limits=limits)
    return CheckedFile(picture.content, picture.media_type, width=picture.width, height=picture.height)


_TREATMENTS = {
    ContentKind.PHOTO: images.Treatment(always_jpeg=True, is_id_photo=True),
    ContentKind.FINGERPRINT: images.Treatment(),
    ContentKind.EVIDENCE: images.Treatment(scales_down=True),
    ContentKind.SIGNATURE: images.Treatment(),
    ContentKind.FORM: images.Treatment(scales_down=True),
}
