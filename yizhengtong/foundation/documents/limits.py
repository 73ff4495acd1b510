"""What a file may weigh and hold. Technical configuration: no source of the law names these numbers."""

from dataclasses import dataclass, field

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What makes a picture usable as an ID photo. No source gives these numbers (N): an operator may set others."""

    min_width_pixels: int = 300
    min_height_pixels: int = 400
    min_height_per_width: float = 1.2
    max_height_per_width: float = 1.6
    min_brightness_deviation: float = 8.0  # standard deviation of grey values 0 to 255; a blank sheet is near 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that every upload is held to before it is decoded, and the form in which pictures are kept."""

    max_bytes: int = 10 * MEBIBYTE
    max_pixels: int = 40_000_000
    max_jpeg_scans: int = 100
    max_scanned_pixels: int = 480_000_000  # pixels times scans: a decoder passes over a progressive JPEG once a scan
    max_pages: int = 50
    max_pdf_objects: int = 20_000
    max_unpacked_bytes: int = 200 * MEBIBYTE  # all streams of a PDF together
    evidence_long_side_pixels: int = 3000
    jpeg_quality_percent: int = 90
    photo: PhotoLimits = field(default_factory=PhotoLimits)


DEFAULT_LIMITS = Limits()
