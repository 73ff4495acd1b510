"""Every code that a page or a form speaks has words, in every language, and no page shows a code instead of words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import loader
from django.urls import get_resolver

from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.texts import PAGE_LANGUAGES, knows
from yizhengtong.foundation.texts.catalogue import texts
from yizhengtong.foundation.texts.tests.codes import HOUSE, product_files

SAID = re.compile(r"""\{%\s*say\s+(["'])(?P<code>[^"']+)\1""")
ADDED = re.compile(r"""\{%\s*say\s+(["'])(?P<start>[^"']*)\1\s*\|""")
TITLED = {"title", "heading", "words"}
TAG = re.compile(r"</?[a-z]+[^>]*>")


def templates() -> list[Path]:
    return sorted(path for path in HOUSE.rglob("templates/**/*.html") if "tests" not in path.relative_to(HOUSE).parts)


def said_in_templates() -> Iterator[tuple[str, str]]:
    for path in templates():
        for found in SAID.finditer(path.read_text(encoding="utf-8")):
            if not ADDED.match(found.string, found.start()):
                yield f"{path.relative_to(HOUSE)}", found["code"]


def said_in_code() -> Iterator[tuple[str, str]]:
    """Yield the titles of pages, and what a reader is told, where they stand as plain words in the code."""
    for path in product_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            values = [each.value for each in node.keywords if name == "render_page" and each.arg == "title"]
            values += node.args[:1] if name == "say" else []
            for value in values:
                computed = {part for each in ast.walk(value) if isinstance(each, ast.JoinedStr) for part in each.values}
                for each in set(ast.walk(value)) - computed:
                    if isinstance(each, ast.Constant) and re.fullmatch(r"[a-z_]+(\.[a-z_0-9]+)+", str(each.value)):
                        yield f"{path.relative_to(HOUSE)}:{node.lineno}", str(each.value)


def test_the_search_finds_the_words_of_pages() -> None:
    codes = {code for _, code in said_in_templates()}
    assert {"pages.skip", "resident.sign_in", "desk.nav"} <= codes
    assert {"front.title", "operations.page_title"} <= {code for _, code in said_in_code()}


def test_every_code_of_a_template_has_words() -> None:
    assert not {f"{place} {code}" for place, code in said_in_templates() if not knows(code)}


def test_every_code_of_a_page_has_words() -> None:
    assert not {f"{place} {code}" for place, code in said_in_code() if not knows(code)}


def test_every_template_can_be_read() -> None:
    names = [
        str(path.relative_to(next(parent for parent in path.parents if parent.name == "templates")))
        for path in templates()
    ]
    assert {"pages/page.html", "resident/front.html", "desk/page.html"} <= set(names)
    for name in names:
        loader.get_template(name)  # raises where it cannot be read


def forms(of: type[PageForm] = PageForm) -> Iterator[type[PageForm]]:
    """Yield every form of the house that the addresses know."""
    get_resolver().url_patterns  # noqa: B018 imports every site
    for form in of.__subclasses__():
        if ".tests." not in form.__module__:
            yield form
        yield from forms(form)


def test_every_field_of_a_form_has_a_label_in_words() -> None:
    bare = {
        f"{form.__module__}.{form.__name__}.{name}: {form.words}{name}"
        for form in forms()
        for name, field in form.base_fields.items()
        if not field.widget.is_hidden and not field.label and not knows(f"{form.words}{name}")
    }
    assert not bare


@pytest.mark.parametrize("language", PAGE_LANGUAGES)
def test_no_text_brings_markup_of_its_own(language: str) -> None:
    assert not {code for code, words in texts().items() if TAG.search(words.get(language, ""))}


def test_no_template_is_styled_or_run_inline() -> None:
    inline = re.compile(r"""\sstyle=|\son[a-z]+=|<style|javascript:|<script(?![^>]*\ssrc=)""")
    assert not {str(path.relative_to(HOUSE)) for path in templates() if inline.search(path.read_text(encoding="utf-8"))}


def test_no_template_leads_outside_but_to_official_pages() -> None:
    outside = re.compile(r"""(?:src|action|srcset|data)\s*=\s*["'](?:https?:)?//""")
    assert not {
        str(path.relative_to(HOUSE)) for path in templates() if outside.search(path.read_text(encoding="utf-8"))
    }


def test_every_sent_form_carries_its_token() -> None:
    """A form that posts without `{% csrf_token %}` is refused in the browser, not in Django's test client."""
    form = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
    wrong = set()
    for path in templates():
        for found in form.findall(path.read_text(encoding="utf-8")):
            if re.search(r"""method=["']?post""", found, re.IGNORECASE) and "csrf_token" not in found:
                wrong.add(str(path.relative_to(HOUSE)))
    assert wrong == set(WITHOUT_TOKEN)


WITHOUT_TOKEN = {
    f"sites/resident/templates/resident/guide/{name}.html": "asks without signing in, changes nothing, sets no cookie"
    for name in ("when", "when_answer")
}
"""Forms that are posted without a token, and why."""
MADE_HERE = {"foundation/pages/templates/pages/entering/app_add.html": "a picture that segno draws of our own address"}
"""Templates that show something unescaped, and why it is safe."""


def test_no_list_or_table_shows_a_variable_past_the_escaping() -> None:
    unsafe = re.compile(r"\|\s*safe\s*(?:\||\}\}|%\})|autoescape\s+off")
    found = {str(path.relative_to(HOUSE)) for path in templates() if unsafe.search(path.read_text(encoding="utf-8"))}
    assert found <= set(MADE_HERE)
