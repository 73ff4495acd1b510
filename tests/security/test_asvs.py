"""docs/security.md tells of every requirement of ASVS 5.0, levels 1 and 2; it and docs/threats.md name real tests."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "security.md"
NUMBERS = (Path(__file__).with_name("asvs.txt")).read_text().split()
"""Numbers of the requirements of levels 1 and 2, without their words."""
LEFT_OUT = ("17.",)
LINE = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (.*) \|$", re.MULTILINE)
REASONS = ("does not apply: ", "by reason: ", "**open**: ")


def lines() -> list[tuple[str, str, str]]:
    return [(number, words.strip(), proof.strip()) for number, words, proof in LINE.findall(PAGE.read_text())]


@cache
def functions_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_requirement_has_one_line() -> None:
    wanted = [number for number in NUMBERS if not number.startswith(LEFT_OUT)]
    assert sorted(number for number, _, _ in lines()) == sorted(wanted)
    assert len(wanted) == 246


def test_chapters_that_are_left_out_say_why() -> None:
    page = PAGE.read_text()
    assert all(f"V{chapter.rstrip('.')} (" in page for chapter in LEFT_OUT)


def test_no_line_is_empty() -> None:
    for number, words, proof in lines():
        assert words, number
        assert proof.startswith("`") or any(proof.startswith(reason) and len(proof) > len(reason) for reason in REASONS)


def test_every_named_test_exists() -> None:
    missing = []
    for number, _, proof in lines():
        if proof.startswith("`"):
            path, _, name = proof.strip("`").partition("::")
            if not (ROOT / path).is_file() or (name and name not in functions_in(path)):
                missing.append((number, proof))
    assert not missing


def test_what_is_open_is_counted_in_the_open() -> None:
    """Who closes one or opens another changes this number on purpose."""
    assert sum(proof.startswith("**open**") for _, _, proof in lines()) == 15


THREATS = ROOT / "docs" / "threats.md"


def test_every_test_that_the_threats_name_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", THREATS.read_text())
    assert len(named) > 30
    assert [f"{path}::{name}" for path, name in named if name not in functions_in(path)] == []
