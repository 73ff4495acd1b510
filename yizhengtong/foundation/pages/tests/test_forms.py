"""Forms in words: labels, what is missing, what is wrong, and where a service's refusals are shown."""

import re

import pytest
from django.http import QueryDict
from django.test import Client

from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.foundation.pages.tests.sites import PROBLEMS, Form
from yizhengtong.foundation.texts import PAGE_LANGUAGES, knows, say

pytestmark = pytest.mark.django_db


def post(query: str = "", **data: str) -> tuple[int, str]:
    answer = Client().post(f"/form{query}", data)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("language", PAGE_LANGUAGES)
def test_what_is_missing_is_said_in_the_readers_language_and_linked_to_its_field(language: str) -> None:
    status, shown = post(f"?lang={language}", username="")
    code = "entering.username_missing" if knows("entering.username_missing") else "pages.missing"
    words = say(code, language, {"field": say("entering.username", language)})
    assert status == 422
    assert f'<a href="#id_username">{words}</a>' in shown.replace("&quot;", '"')
    assert shown.index('role="alert"') < shown.index("<h1>")
    assert f"<title>{say('pages.error_prefix', language)}" in shown


def test_nothing_typed_is_lost_but_the_password() -> None:
    _, shown = post(username="longer than eight", born="2026-13-40", kind="b", some="a")
    assert 'value="longer than eight"' in shown
    assert 'value="2026-13-40"' in shown
    assert len(re.findall(r"checked", shown)) == 2


def test_a_wrong_value_is_told_with_the_fields_name() -> None:
    _, shown = post(username="a", born="yesterday")
    assert "born" in shown
    assert 'aria-invalid="true"' in shown
    assert "id_born_error" in shown


def test_a_choice_that_was_never_offered_is_wrong() -> None:
    assert post(username="a", kind="z")[0] == 422


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_services_refusal_is_shown_at_its_field_or_above_the_form(name: str) -> None:
    status, shown = post(f"?fails={name}", username="a")
    assert status == 422
    assert 'role="alert"' in shown
    error = PROBLEMS[name].errors[0].code if PROBLEMS[name].errors else PROBLEMS[name].code
    assert say(error, "zh-Hans") in shown


def test_a_field_of_the_service_that_the_form_calls_otherwise_is_mapped() -> None:
    form = Form(QueryDict("username=a"), reader=Reader("en", False, None))
    form.add_problem(PROBLEMS["invalid"], {"answers.username": "born"})
    assert list(form.errors) == ["born"]


def test_a_form_that_is_right_goes_on_to_another_page() -> None:
    assert post(username="a")[0] == 302


def test_options_are_a_group_with_a_legend() -> None:
    shown = Client().get("/form").content.decode()
    assert shown.count("<fieldset") == 2
    assert shown.count("<legend>") == 2
    assert shown.count('type="radio"') == 2
