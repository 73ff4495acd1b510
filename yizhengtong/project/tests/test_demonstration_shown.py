"""The first page of a demonstration says that it is one, and whom one may sign in as; production never does."""

from typing import Any

import pytest
from django.test import Client

from yizhengtong.foundation.texts import PAGE_LANGUAGES, say
from yizhengtong.project.demonstration.city import OFFICERS, PASSWORD
from yizhengtong.project.demonstration.showing import TRIES


def front_page(language: str = "zh-Hans") -> str:
    return Client().get(f"/?lang={language}").content.decode()


@pytest.fixture
def demonstration(settings: Any, tmp_path: Any) -> Any:
    settings.CONFIGURATION = settings.CONFIGURATION.model_copy(update={"home": tmp_path})
    (tmp_path / "demonstration.json").write_text("{}")
    return settings


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("language", PAGE_LANGUAGES)
def test_a_demonstration_says_so_and_names_every_account_with_its_password(language: str) -> None:
    text = front_page(language)
    assert say("front.demonstration_title", language) in text
    assert PASSWORD in text
    assert not [officer.username for officer in OFFICERS if officer.username not in text]
    assert ">front." not in text


@pytest.mark.usefixtures("demonstration")
def test_production_never_shows_an_account(settings: Any) -> None:
    settings.YZT_PRODUCTION = True
    text = front_page()
    assert PASSWORD not in text
    assert "demo-clerk" not in text


def test_whom_one_is_told_to_try_is_there() -> None:
    there = {officer.username for officer in OFFICERS}
    assert not [name for _, names in TRIES for name in names if name not in there]
