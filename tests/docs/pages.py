"""The project's pages as tests look at them: their code, links, headings, and the paths they may name."""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_TREES = ("yizhengtong", "tests", "docs", "scripts", "bin", "requirements", "benchmarks", "faults", ".ci")
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) ", re.MULTILINE)
_PATH = re.compile(r"^[\w.*-]+(?:/[\w.*-]+)*/?$")
_FILE = re.compile(r"\.(?:py|yaml|yml|lock|in|csv|html|svg|md|toml)$")


def pages() -> list[Path]:
    """Return every page that people read, the generated ones too."""
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def every_page() -> list[Path]:
    """Return every page of the checkout, also those that lie beside what they tell of."""
    trees = [path for tree in (*_TREES, "deploy") for path in (ROOT / tree).rglob("*.md")]
    return sorted([*ROOT.glob("*.md"), *(path for path in trees if "node_modules" not in path.parts)])


def reached(start: Path) -> set[Path]:
    """Return the pages that a reader comes to by links, from one page on."""
    seen, ahead = set[Path](), [start]
    while ahead:
        page = ahead.pop()
        if page not in seen:
            seen.add(page)
            ahead += [there for each in links(read(page)) if (there := (page.parent / each).resolve()).suffix == ".md"]
    return seen


def read(path: Path) -> str:
    return path.read_text("utf-8")


def code(text: str) -> list[str]:
    """Return every line of a fenced block of the shell, without its comment, and every span of code."""
    shell = [body for _, language, body in _FENCE.findall(text) if language == "sh"]
    lines = [line.split("  #")[0].strip() for body in shell for line in body.splitlines()]
    return [each for each in lines if each] + spans(text)


def spans(text: str) -> list[str]:
    """Return every span of code outside fenced blocks."""
    return _SPAN.findall(_FENCE.sub("", text))


def links(text: str) -> Iterator[str]:
    """Yield the target of every link and picture that stays in the checkout, without its anchor."""
    for target in _LINK.findall(_FENCE.sub("", text)):
        if not target.startswith(("http://", "https://", "mailto:", "#")):
            yield target.split("#")[0]


def headings(text: str) -> list[int]:
    """Return the level of every heading, in order."""
    return [len(marks) for marks in _HEADING.findall(_FENCE.sub("", text))]


def names_a_path(span: str) -> bool:
    """Whether a span of code speaks of a file or folder of the checkout."""
    return bool(_PATH.match(span)) and (("/" in span and span.split("/")[0] in _TREES) or bool(_FILE.search(span)))


def exists(span: str) -> bool:
    """Whether a path, or the end of one, or a pattern of one, is there."""
    wanted = span.rstrip("/").replace("**/", "*")
    return any(fnmatch(path, wanted) or fnmatch(path, f"*/{wanted}") for path in _paths())


@cache
def _paths() -> frozenset[str]:
    trees = [path for tree in _TREES for path in (ROOT / tree).rglob("*") if "__pycache__" not in path.parts]
    return frozenset(path.relative_to(ROOT).as_posix() for path in [*trees, *ROOT.iterdir()])
