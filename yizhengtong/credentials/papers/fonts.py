"""Which fonts papers are set in, and where they are found.

The serif of Noto CJK for everything it has; Hanazono for the rare characters of names it does not have (𨶚, 𪚥).
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from django.conf import settings

from yizhengtong.kernel.errors import Conflict

FAMILIES = ("Noto Serif CJK SC", "HanaMinA", "HanaMinB")
"""In the order in which a character is looked for."""
NEEDED = ("NotoSerifCJK-Regular.ttc",)
WELCOME = ("NotoSerifCJK-Bold.ttc", "HanaMinA.ttf", "HanaMinB.ttf")
_KNOWN_PLACES = (
    "/usr/share/fonts/opentype/noto",  # Debian, Ubuntu: fonts-noto-cjk
    "/usr/share/fonts/truetype/hanazono",  # Debian, Ubuntu: fonts-hanazono
    "/usr/share/fonts/noto-cjk",
    "/usr/share/fonts/google-noto-serif-cjk-fonts",
    "/usr/share/fonts/hanazono",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/Library/Fonts",
)


def font_files() -> tuple[Path, ...]:
    """Return the files to set papers with. Raises Conflict `papers.fonts_missing` where the serif is not there."""
    found = found_in(tuple(places()))
    if any(name not in found for name in NEEDED):
        raise Conflict("papers.fonts_missing")
    return tuple(found.values())


def missing_fonts() -> tuple[str, ...]:
    """Return the files that are not there; without those of NEEDED no paper can be printed."""
    found = found_in(tuple(places()))
    return tuple(name for name in (*NEEDED, *WELCOME) if name not in found)


def places() -> Iterator[str]:
    """Yield the folders that are looked in, the deployment's own first."""
    if settings.YZT_FONTS is not None:
        yield str(settings.YZT_FONTS)
    yield from _KNOWN_PLACES


@cache
def found_in(folders: Sequence[str]) -> dict[str, Path]:
    """Return the file of each name, from the first folder that has it."""
    found: dict[str, Path] = {}
    for folder in folders:
        for name in (*NEEDED, *WELCOME):
            path = Path(folder).expanduser() / name
            if name not in found and path.is_file():
                found[name] = path
    return found
