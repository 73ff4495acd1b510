"""The tour: pictures of the main pages as residents and officers see them, with synthetic people only.

`make tour` serves a platform of its own, lets its people live a little, takes the pictures into docs/tour/ and writes
their index. Pictures are for people: no test compares them.
"""

import io
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageOps

from tests import home  # noqa: F401 names the home folder before the settings are read

if TYPE_CHECKING:
    from tests.pages.pictures import Picture

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
TOUR = Path(__file__).resolve().parents[2] / "docs" / "tour"
_TALLEST = {360: 1100, 1280: 1000}
_QUALITY = 60
_SHEET = {"width": 794, "height": 1123}
"""A4 at 96 dots an inch."""
_MARGIN = 48


def main() -> None:
    """Take all pictures and write the index."""
    import django

    django.setup()
    from tests.pages.conftest import make_town
    from tests.support.serving import serving

    with serving(Path(tempfile.mkdtemp(prefix="yzt-tour-"))) as server:
        taken = take(make_town(server))
    (TOUR / "README.md").write_text(index(taken), encoding="utf-8")


def take(town: Any) -> "list[Picture]":
    """Take the pictures; a page that is not there is left out and told."""
    from tests.pages.browser import started, visiting
    from tests.pages.pictures import SECTIONS

    TOUR.mkdir(parents=True, exist_ok=True)
    for old in TOUR.glob("*.webp"):
        old.unlink()
    taken = []
    with started() as browser:
        for each in (picture for pictures in SECTIONS.values() for picture in pictures):
            path = each.begins(browser, town) if each.begins else each.path
            with visiting(
                browser, town.base, width=each.width, language=each.language, large=each.large,
                token=town.tokens.of(each.who), expects_wrong=True,
            ) as visitor:  # fmt: skip
                visitor.open(path)
                _act(visitor, each, town)
                _save(visitor.page.screenshot(full_page=True), each)
                taken.append(each)
                print(each.name, flush=True)
    return taken


def _act(visitor: Any, picture: "Picture", town: Any) -> None:
    """Do on the page what comes before the picture."""
    from tests.pages.steps import fill, press

    for part in picture.through:
        follow(visitor, part)
    if picture.fills:
        fill(visitor, picture.fills(town))
    if picture.sends:
        press(visitor, visitor.page.locator("main form button.main:visible").first)
    if picture.presses:
        visitor.press(picture.presses)
        visitor.page.wait_for_load_state("load")
    if picture.printed:
        visitor.page.emulate_media(media="print")
        visitor.page.set_viewport_size(_SHEET)


def follow(visitor: Any, part: str) -> None:
    """Follow the first link with this part in its address that leads to a page itself: a child's case asks first."""
    links = visitor.page.locator(f'main a[href*="{part}"]')
    for number in range(links.count()):
        links.nth(number).click()
        visitor.page.wait_for_load_state("load")
        if not visitor.path.endswith("/minor"):
            return
        visitor.page.go_back()


def _save(png: bytes, picture: "Picture") -> None:
    image = Image.open(io.BytesIO(png)).convert("RGB")
    if picture.printed:
        image = ImageOps.expand(image, _MARGIN, "white")
    image = image.crop((0, 0, image.width, min(image.height, _TALLEST[picture.width])))
    image.save(TOUR / f"{picture.name}.webp", quality=_QUALITY, method=6)


def index(taken: "list[Picture]") -> str:
    """Return the page that shows all pictures."""
    from tests.pages.pictures import SECTIONS

    parts = [
        "# The tour\n",
        "The main pages as people see them, at the width of a phone (360 px) and of a desk (1280 px), some in",
        "large type and in other languages. All people, numbers and papers are synthetic.",
        "`make tour` takes the pictures anew; tall pages are cut off below.\n",
    ]
    for title, pictures in SECTIONS.items():
        parts.append(f"## {title}\n")
        for each in pictures:
            if each in taken:
                width = "A4" if each.printed else f"{each.width} px"
                look = [width, *(["large"] if each.large else []), each.language]
                shown = 320 if each.width == 360 else 720
                parts.append(f"### {each.shows}\n\n{', '.join(look)}\n")
                parts.append(f'<img src="{each.name}.webp" alt="{re.sub(chr(34), "", each.shows)}" width="{shown}">\n')
    return "\n".join(parts)


if __name__ == "__main__":
    main()
