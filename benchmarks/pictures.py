"""The pictures that a case uploads, drawn: as small as the demonstration's, or as large as a scan of a real paper."""

import io
import random
from pathlib import Path

from PIL import Image, ImageDraw

from benchmarks.flow import Pictures
from yizhengtong.project.demonstration.people import paper_jpeg, photo_jpeg

_SCAN_SIZE = (1240, 1754)  # a sheet of A4 at 150 dots an inch


def drawn_pictures() -> Pictures:
    """Return the demonstration's pictures."""
    return Pictures(photo_jpeg(), paper_jpeg("lease"), paper_jpeg("fingerprints"), paper_jpeg("signed"))


def scanned_pictures() -> Pictures:
    """Return sheets of A4 at 150 dots an inch with the noise of a scanner; the photo stays the demonstration's."""
    return Pictures(photo_jpeg(), _scan(1), _scan(2), _scan(3))


def write_pictures(pictures: Pictures, folder: Path) -> Path:
    """Write them as files that the load generator reads, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in Pictures.__slots__:
        (folder / f"{name}.jpg").write_bytes(getattr(pictures, name))
    return folder


def _scan(seed: int) -> bytes:
    rolled = random.Random(seed)
    noise = Image.frombytes("L", (620, 877), rolled.randbytes(620 * 877)).resize(_SCAN_SIZE)
    image = Image.merge("RGB", [noise.point(lambda grey: 215 + grey // 8)] * 3)
    draw = ImageDraw.Draw(image)
    for line in range(48):
        for word in range(14):
            left = 110 + word * 74
            draw.line(
                (left, 130 + line * 32, left + 20 + rolled.randrange(45), 130 + line * 32), fill="#303030", width=11
            )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
