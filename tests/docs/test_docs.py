"""The pages tell the truth: links, commands, paths, decisions, constraints and words are those of the code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.management import get_commands
from django.db.models import CompositePrimaryKey, Field, Model, UniqueConstraint

from tests.docs.pages import ROOT, code, every_page, exists, headings, links, names_a_path, pages, reached, read, spans
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.law.reading import load
from yizhengtong.permitting.casework.states import STEPS as CASE_STEPS
from yizhengtong.permitting.permits.states import STEPS as PERMIT_STEPS
from yizhengtong.project.configuration import Configuration

ADR = ROOT / "docs" / "adr"
DECISIONS = sorted(ADR.glob("[0-9]*.md"))
PAGES = [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in pages()]
_CHINESE = re.compile(r"[\u4e00-\u9fff]|\*\*planned\*\*")


@pytest.mark.parametrize("page", every_page(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_that_stays_in_the_checkout_leads_somewhere(page: Path) -> None:
    assert [target for target in links(read(page)) if not (page.parent / target).exists()] == []


def test_every_page_is_reached_from_the_readme() -> None:
    found = reached(ROOT / "README.md")
    assert [page.relative_to(ROOT).as_posix() for page in every_page() if page not in found] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_a_page_names_is_in_the_makefile(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {target for line in code(read(page)) for target in re.findall(r"\bmake ([a-z0-9]+)\b", line)}
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_operator_that_a_page_names_exists(page: Path) -> None:
    named = {name for line in code(read(page)) for name in re.findall(r"\bbin/yzt ([a-z_]+)", line)}
    assert named - set(get_commands()) - {"help"} == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    assert [span for span in spans(read(page)) if names_a_path(span) and not exists(span)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_that_a_page_names_can_be_set(page: Path) -> None:
    known = {f"YZT_{name.upper()}" for name in Configuration.model_fields}
    named = {name for line in code(read(page)) for name in re.findall(r"\bYZT_[A-Z_]+\b", line)}
    assert named - known == set()


def test_the_checks_of_this_page_see_what_is_wrong() -> None:
    wrong = "[x](nowhere.md) `yizhengtong/nowhere.py` `make nothing`\n```sh\nbin/yzt nothing  # note\n```\n"
    assert list(links(wrong)) == ["nowhere.md"]
    assert [span for span in spans(wrong) if names_a_path(span)] == ["yizhengtong/nowhere.py"]
    assert not exists("yizhengtong/nowhere.py")
    assert code(wrong) == ["bin/yzt nothing", "yizhengtong/nowhere.py", "make nothing"]
    assert exists("casework/states.py")
    assert exists("requirements/*.lock")


def test_both_readmes_have_the_same_headings_commands_links_and_rows() -> None:
    english, chinese = read(ROOT / "README.md"), read(ROOT / "README.zh-CN.md")
    assert headings(english) == headings(chinese)
    assert code(english) == code(chinese)
    other = {"README.md", "README.zh-CN.md"}
    assert [x for x in links(english) if x not in other] == [x for x in links(chinese) if x not in other]
    assert [line.count("|") for line in english.splitlines()].count(4) == [
        line.count("|") for line in chinese.splitlines()
    ].count(4)


def test_the_two_commands_come_before_everything_else() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        before = read(ROOT / name).split("## ")[0]
        assert code(before)[:2] == ["make up", "make test"]


def test_every_decision_cited_in_code_exists() -> None:
    sources = [
        path
        for tree in ("yizhengtong", "scripts", "tests", "benchmarks")
        for suffix in ("py", "yaml", "html")
        for path in (ROOT / tree).rglob(f"*.{suffix}")
    ]
    sources += [
        ROOT / "pyproject.toml",
        ROOT / "Makefile",
        ROOT / ".importlinter",
        *(ROOT / "requirements").glob("*.in"),
    ]
    cited = {number for path in sources for number in re.findall(r"docs/adr/(\d{4})", read(path))}
    assert cited, "the code cites some"
    assert cited - {path.name[:4] for path in DECISIONS} == set()


def test_decisions_are_numbered_without_gaps_and_all_in_the_index() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {path.name for path in DECISIONS} <= set(links(read(ADR / "README.md")))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name[:4])
def test_a_decision_says_context_decision_consequences_and_what_would_change_it(path: Path) -> None:
    text = read(path)
    assert text.startswith(f"# {path.name[:4]} ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Context", "Decision", "Consequences", "What would change it",
    ]  # fmt: skip
    assert re.search(r"^\*\*Status\*\* \w+, \d{4}-\d{2}-\d{2}\.", text, re.MULTILINE)


def test_every_unique_and_exclusion_constraint_is_in_the_decision_on_sharding() -> None:
    text = read(ADR / "0012-constraints-and-sharding.md")
    assert [name for name in _uniquenesses() if name not in text] == []


def test_the_decision_on_sharding_names_no_constraint_that_is_not_there() -> None:
    text = read(ADR / "0012-constraints-and-sharding.md")
    known = " ".join(_uniquenesses())
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = [name.split(" (")[0] for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert [name for name in named if name not in known] == []


def _uniquenesses() -> Iterator[str]:
    """Yield every unique column as `table.column` and every named constraint that two rows can break."""
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.startswith("yizhengtong."):
            yield from _unique_columns(model)
            yield from (
                each.name
                for each in model._meta.constraints
                if isinstance(each, (UniqueConstraint, ExclusionConstraint))
            )
            yield from (f"{model._meta.db_table} (" for _ in model._meta.unique_together)


def _unique_columns(model: type[Model]) -> Iterator[str]:
    for field in model._meta.local_fields:
        if isinstance(field, CompositePrimaryKey):
            yield f"{model._meta.db_table} ({', '.join(field.field_names)})"
            continue
        own_key = field.primary_key and field.column not in {"id", "pgh_id"}
        if _is_unique(field) or (own_key and not model._meta.auto_created):
            yield f"{model._meta.db_table}.{field.column}"


def _is_unique(field: "Field[object, object]") -> bool:
    return field.unique and not field.primary_key


def test_every_room_is_on_the_plan() -> None:
    text = read(ROOT / "docs" / "architecture.md")
    rooms = {
        path.parent.name
        for path in (ROOT / "yizhengtong").glob("*/*/__init__.py")
        if path.parent.name not in {"tests", "migrations", "packs"}
    }
    assert [room for room in sorted(rooms) if f"`{room}" not in text and f"/{room}`" not in text] == []


def test_every_word_of_the_state_tables_roles_documents_and_items_is_in_the_glossary() -> None:
    text = read(ROOT / "docs" / "glossary.md")
    words = {str(each) for table in (CASE_STEPS, PERMIT_STEPS) for pair in table for each in pair}
    words |= {str(each) for kind in (Role, DocumentKind, PrincipalKind) for each in kind}
    words |= {located.name for file in load().files.values() for located in file["items"]}
    missing = [word for word in words if word not in text and word.replace("_", " ") not in text]
    assert sorted(missing) == []


def test_every_line_of_the_glossary_has_both_languages_and_a_place() -> None:
    rows = [line.strip("|").split("|") for line in read(ROOT / "docs" / "glossary.md").splitlines() if line[:2] == "| "]
    wrong = [row for row in rows if len(row) != 3 or not all(cell.strip() for cell in row)]
    wrong += [row for row in rows if not row[0].startswith(" English") and not _CHINESE.search(row[1])]
    assert wrong == []
