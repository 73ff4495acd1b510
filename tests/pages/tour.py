"""The tour: pictures of the main pages as residents and officers see them, with synthetic people only.

`make tour` serves a platform of its own, lets its people live a little, takes the pictures into docs/tour/ and writes
their index. Pictures are for people: no test compares them.
"""

import io
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from tests import home  # noqa: F401 names the home folder before the settings are read

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
TOUR = Path(__file__).resolve().parents[2] / "docs" / "tour"
_TALLEST = {360: 1100, 1280: 1000}
_QUALITY = 60


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its file, what it shows, whose browser, which address, how it is looked at.

    `through`: parts of the addresses of links that are followed from there, one after the other. `presses`: the words
    of a button that is pressed at the end.
    """

    name: str
    shows: str
    who: str
    path: str
    through: tuple[str, ...] = ()
    presses: str = ""
    width: int = 360
    language: str = "zh-Hans"
    large: bool = False


RESIDENTS = (
    Picture("front", "The first page", "nobody", "/"),
    Picture("front-desk", "The first page on a wide screen, in English", "nobody", "/", width=1280, language="en"),
    Picture("guide", "A guide page, every step with its article", "nobody", "/guide", ("/guide/hmt.first_issue",)),
    Picture("when", "When will I qualify?", "nobody", "/when"),
    Picture("service-points", "Service points, as in Taiwan", "nobody", "/service-points", language="zh-Hant-TW"),
    Picture("fraud", "Beware of fraud, in large type", "nobody", "/fraud", large=True),
    Picture("sign-in", "Signing in", "nobody", "/sign-in"),
    Picture("home", "What is mine", "holder", "/home"),
    Picture("home-large", "In large type, as in Hong Kong", "holder", "/home", large=True, language="zh-Hant-HK"),
    Picture("permit", "My permit, and what it entitles to", "holder", "/permits", ("/permits/pmt_",)),
    Picture("wallet", "A permit for a wallet", "holder", "/permits", ("/permits/pmt_", "/wallet"),
            presses="生成二维码"),
    Picture("show", "What will be shown, before it is shown", "holder", "/permits",
            ("/permits/pmt_", "/show", "/show/identity")),
    Picture("code", "A code that changes every 30 seconds", "holder", "/permits",
            ("/permits/pmt_", "/show", "/show/age"), presses="出示手机二维码"),
    Picture("print", "A code to print, checked without a network", "holder", "/permits",
            ("/permits/pmt_", "/show", "/show/identity", "/print")),
    Picture("residence", "My residence, each period with its source", "holder", "/residence"),
    Picture("data-use", "Who used my data", "holder", "/data-use"),
    Picture("apply", "What can be applied for, and why the rest cannot", "holder", "/apply/items?place=370102"),
    Picture("case", "A case: state, promised day, what happens next", "holder", "/cases", ("/cases/cas_",)),
    Picture("messages", "Messages", "holder", "/messages"),
)  # fmt: skip
CHECKERS = (
    Picture("check", "Ways to check a permit, in English", "nobody", "/check", language="en"),
    Picture("check-paper", "A page that checks a code on paper by itself", "nobody", "/check/paper"),
)
OFFICERS = (
    Picture("desk-sign-in", "Signing in at the desk", "nobody", "/desk/sign-in", width=1280),
    Picture("desk-queue", "A clerk's queue with its clocks", "demo-clerk", "/desk/", width=1280),
    Picture("desk-case", "Papers beside the checklist", "demo-reviewer", "/desk/?state=all", ("/desk/cases/cas_",),
            width=1280),
    Picture("desk-window", "The window's day", "demo-clerk", "/desk/window/", width=1280),
    Picture("desk-figures", "Figures of a head of office", "demo-supervisor", "/desk/figures", width=1280),
    Picture("desk-law", "The packs and what changes when", "demo-supervisor", "/desk/law", width=1280),
    Picture("desk-phone", "The queue on a phone, in large type", "demo-clerk", "/desk/", large=True),
)  # fmt: skip


def main() -> None:
    """Take all pictures and write the index."""
    import django

    django.setup()
    from tests.journeys.conftest import server
    from tests.pages.conftest import make_town

    class Folders:
        def mktemp(self, name: str) -> Path:
            return Path(tempfile.mkdtemp(prefix=f"yzt-tour-{name}-"))

    made: Any = server
    serving = (getattr(made, "__wrapped__", None) or made.__pytest_wrapped__.obj)(Folders())
    town = make_town(next(serving))
    try:
        taken = take(town)
    finally:
        for _ in serving:
            pass
    (TOUR / "README.md").write_text(index(taken), encoding="utf-8")


def take(town: Any) -> list[Picture]:
    """Take the pictures; a page that is not there is left out and told."""
    from tests.pages.browser import started, visiting

    TOUR.mkdir(parents=True, exist_ok=True)
    for old in TOUR.glob("*.webp"):
        old.unlink()
    taken = []
    with started() as browser:
        for each in (*RESIDENTS, *CHECKERS, *OFFICERS):
            with visiting(
                browser, town.base, width=each.width, language=each.language, large=each.large,
                token=town.tokens.of(each.who), expects_wrong=True,
            ) as visitor:  # fmt: skip
                visitor.open(each.path)
                for part in each.through:
                    follow(visitor, part)
                if each.presses:
                    visitor.press(each.presses)
                    visitor.page.wait_for_load_state("load")
                _save(visitor.page.screenshot(full_page=True), each)
                taken.append(each)
                print(each.name, flush=True)
    return taken


def follow(visitor: Any, part: str) -> None:
    """Follow the first link with this part in its address that leads to a page itself: a child's case asks first."""
    links = visitor.page.locator(f'main a[href*="{part}"]')
    for number in range(links.count()):
        links.nth(number).click()
        visitor.page.wait_for_load_state("load")
        if not visitor.path.endswith("/minor"):
            return
        visitor.page.go_back()


def _save(png: bytes, picture: Picture) -> None:
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, _TALLEST[picture.width])))
    image.save(TOUR / f"{picture.name}.webp", quality=_QUALITY, method=6)


def index(taken: list[Picture]) -> str:
    """Return the page that shows all pictures."""
    parts = [
        "# The tour\n",
        "The main pages as people see them, at the width of a phone (360 px) and of a desk (1280 px), some in",
        "large type and in other languages. All people, numbers and papers are synthetic.",
        "`make tour` takes the pictures anew; tall pages are cut off below.\n",
    ]
    for title, pictures in (("Residents", RESIDENTS), ("Whoever checks", CHECKERS), ("Officers", OFFICERS)):
        parts.append(f"## {title}\n")
        for each in pictures:
            if each in taken:
                look = [f"{each.width} px", *(["large"] if each.large else []), each.language]
                width = 320 if each.width == 360 else 720
                parts.append(f"### {each.shows}\n\n{', '.join(look)}\n")
                parts.append(f'<img src="{each.name}.webp" alt="{re.sub(chr(34), "", each.shows)}" width="{width}">\n')
    return "\n".join(parts)


if __name__ == "__main__":
    main()
