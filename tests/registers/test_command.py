"""`yzt registers`: lists taken in, told by line, never by content."""

import json
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.support.registers import registers_in
from yizhengtong.foundation.exchange.keys import public_keys
from yizhengtong.foundation.exchange.registers.contract import Kind, Result
from yizhengtong.foundation.exchange.registers.files import FileRegister
from yizhengtong.foundation.exchange.registers.tests.ground import number, question
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.verification.checks.travel.choosing import platform_here
from yizhengtong.verification.checks.travel.contract import Question as Asked
from yizhengtong.verification.checks.travel.contract import Result as Says

HEAD = "number,since,status\n"


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    registers_in(settings, tmp_path / "registers", key=tmp_path / "key")
    return tmp_path


def run(*words: str) -> str:
    out = StringIO()
    call_command("registers", *words, stdout=out)
    return out.getvalue()


def load(folder: Path, *lines: str, as_of: str = "2026-09-17") -> str:
    (folder / "list.csv").write_text(HEAD + "\n".join(lines), "utf-8")
    return run("load", "business_licence", str(folder / "list.csv"), "--as-of", as_of, "--register", "ruian-licences")


def test_a_list_is_taken_in_and_shown(folder: Path) -> None:
    assert "business_licence     none" in run("list")
    assert load(folder, f"{number(1).text},2026-06-01,active") == (
        "business_licence: 1 persons as of 2026-09-17, from ruian-licences.\n"
    )
    assert "business_licence     file    ruian-licences  as of 2026-09-17  1 persons" in run("list")
    register = FileRegister(folder / "registers", Kind.BUSINESS_LICENCE, stale_after_days=7)
    assert register.ask(question(Kind.BUSINESS_LICENCE, 1)).result == Result.FOUND


def test_the_list_of_travel_documents_is_taken_in_and_answers_checks(folder: Path, settings: Any) -> None:
    settings.YZT_TRAVEL_PLATFORM = ""
    assert "travel_documents     none: linked documents alone are matched" in run("list")
    assert platform_here() is None
    lines = 'number_kind,number,name,latin_name,birth_date\nhrp,H1234567801,葉小明,"IP, SIU MING",1994-08-23\n'
    (folder / "list.csv").write_text(lines, "utf-8")
    today = legal_day(timezone.now())
    told = run("load", "travel_documents", str(folder / "list.csv"), "--as-of", str(today), "--register", "nia")
    assert told == f"travel_documents: 1 persons as of {today}, from nia.\n"
    assert f"travel_documents     file    nia  as of {today}  1 documents" in run("list")
    platform = platform_here()
    assert platform is not None
    asked = Asked(DocumentKind.HRP, "H1234567801", "叶小明", date(1994, 8, 23), today, "bank")
    assert platform.ask(asked).result == Says.AGREES
    assert platform.ask(replace(asked, birth_date=date(1994, 8, 24))).result == Says.DIFFERS


def test_a_wrong_line_is_told_by_its_place_and_nothing_is_taken_in(folder: Path) -> None:
    with pytest.raises(CommandError) as refused:
        load(
            folder,
            f"{number(1).text},2026-06-01,active",
            f"{number(2).text},2026-06-01,closed",
            "1234,2026-06-01,active",
        )
    assert str(refused.value).splitlines() == [
        "line 3: This fact is missing or not in its form. Correct the line by docs/registers.md. status",
        "line 4: The document number or its kind cannot be right. Correct the line.",
        "2 wrong lines: nothing was taken in.",
    ]
    assert "business_licence     none" in run("list")


def test_a_list_of_a_day_to_come_or_that_is_not_there_is_refused(folder: Path) -> None:
    tomorrow = legal_day(timezone.now()) + timedelta(days=1)
    with pytest.raises(CommandError, match="a day that has come"):
        load(folder, as_of=tomorrow.isoformat())
    with pytest.raises(CommandError):
        run("load", "death", str(folder / "none.csv"), "--as-of", "2026-09-17", "--register", "deaths")


def test_the_key_is_made_once_and_its_private_part_is_ours_alone(folder: Path) -> None:
    first = run("key")
    assert run("key") == first
    assert len(public_keys(first)) == 1
    assert "d" not in json.loads(first)["keys"][0]
    assert (folder / "key").stat().st_mode & 0o077 == 0
