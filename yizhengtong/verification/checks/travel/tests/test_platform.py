"""What the identity platform does, whether it is a list here or a service elsewhere."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from yizhengtong.foundation.exchange.registers.loading import WrongLines
from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.verification.checks.travel.contract import Platform, Result
from yizhengtong.verification.checks.travel.files import FilePlatform
from yizhengtong.verification.checks.travel.loading import load_list
from yizhengtong.verification.checks.travel.messages import question_body
from yizhengtong.verification.checks.travel.tests.ground import (
    AS_OF,
    CHAN,
    LIN,
    STALE_DAYS,
    a_list,
    answering_from,
    elsewhere,
    question,
    remote,
)

Made = Callable[..., Platform]


@pytest.fixture(params=["list", "service"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Made]:
    """Return what makes a platform of either sort that knows some documents."""
    with ExitStack() as stack:

        def make(*documents: Any, **more: Any) -> Platform:
            platform = a_list(tmp_path, *documents, **more)
            if request.param == "list":
                return platform
            return remote(stack.enter_context(elsewhere(answering_from(platform))).url)

        yield make


@pytest.mark.row("S1-048")
@pytest.mark.parametrize(
    "changes",
    [
        {}, {"number": "H1234567402"}, {"name": "陈大文"}, {"name": "Tai Man CHAN"},
        {"kind": LIN.kind, "number": LIN.number, "name": "林𠮷安", "birth_date": LIN.birth_date},
    ],
)  # fmt: skip
def test_number_name_and_birth_date_of_one_document_agree(made: Made, changes: dict[str, Any]) -> None:
    answer = made().ask(question(**changes))
    assert (answer.result, answer.as_of) == (Result.AGREES, AS_OF)


@pytest.mark.row("S1-048")
@pytest.mark.parametrize(
    "changes",
    [
        {"name": "陳大明"}, {"name": "林𠮷安"}, {"name": "··"}, {"birth_date": date(1990, 1, 3)},
        {"number": "H12345675"},
        {"kind": LIN.kind, "number": LIN.number}, {"kind": DocumentKind.MTP_TAIWAN_ONE_TIME, "number": LIN.number},
    ],
)  # fmt: skip
def test_whatever_differs_no_answer_says_what(made: Made, changes: dict[str, Any]) -> None:
    answer = made().ask(question(**changes))
    assert (answer.result, answer.as_of) == (Result.DIFFERS, AS_OF)


def test_the_last_day_on_which_a_content_counts_and_the_day_after(made: Made) -> None:
    platform, last = made(), AS_OF + timedelta(days=STALE_DAYS)
    assert platform.ask(question(on=last)).result == Result.AGREES
    assert platform.ask(question(on=last + timedelta(days=1))).result == Result.UNAVAILABLE


@pytest.mark.parametrize("count", [1, 2, 3, 100])
def test_every_document_of_a_list_is_found_and_none_beside_them(tmp_path: Path, count: int) -> None:
    documents = [replace(CHAN, number=f"H{20000000 + at}") for at in range(count)]
    platform = a_list(tmp_path, *documents)
    assert all(platform.ask(question(number=each.number)).result == Result.AGREES for each in documents)
    assert platform.ask(question(number="H29999999")).result == Result.DIFFERS


def test_what_lies_in_the_folder_names_nobody(tmp_path: Path) -> None:
    a_list(tmp_path)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for text in (CHAN.number, CHAN.name, CHAN.latin_name, CHAN.birth_date.isoformat(), "陈大文", "chantaiman"):
        assert text.encode() not in kept
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.glob("*.lines"))


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"lines": "../secret.lines"}'])
def test_a_folder_that_cannot_be_read_says_nothing(tmp_path: Path, content: bytes) -> None:
    platform = a_list(tmp_path)
    (tmp_path / "travel_documents.json").write_bytes(content)
    assert platform.ask(question()).result == Result.UNAVAILABLE


def test_what_is_asked_travels_in_the_body_alone(tmp_path: Path) -> None:
    with elsewhere(answering_from(a_list(tmp_path))) as server:
        remote(server.url).ask(question())
    ((path, headers, body),) = server.came
    assert set(json.loads(body)) == {"id", "kind", "number", "name", "birth_date", "on", "purpose"}
    for text in (CHAN.number, CHAN.birth_date.isoformat()):
        assert text not in path + headers
    assert CHAN.number not in repr(question()) + str(question())


def test_one_question_is_under_way_at_a_time_and_another_does_not_wait(tmp_path: Path) -> None:
    right, meanwhile = answering_from(a_list(tmp_path)), list[Result]()

    def reply(body: bytes) -> tuple[int, bytes]:
        meanwhile.append(platform.ask(question()).result)
        return right(body)

    with elsewhere(reply) as server:
        platform = remote(server.url)
        assert [platform.ask(question()).result for _ in range(2)] == [Result.AGREES] * 2
    assert meanwhile == [Result.UNAVAILABLE] * 2
    assert len(server.came) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "another"}, {"result": "perhaps"}, {"result": "unavailable"}, {"as_of": None}, {"as_of": "today"},
        {"name": "陳大文"}, {"result": ["agrees"]},
    ],
)  # fmt: skip
def test_an_answer_that_is_not_to_the_contract_is_none(changes: dict[str, Any]) -> None:
    def reply(body: bytes) -> tuple[int, bytes]:
        answer = {"id": json.loads(body)["id"], "result": "agrees", "as_of": "2026-09-17", **changes}
        return 200, json.dumps(answer).encode()

    with elsewhere(reply) as server:
        assert remote(server.url).ask(question()).result == Result.UNAVAILABLE


@pytest.mark.parametrize(
    ("status", "content", "times"),
    [(200, b"", 1), (200, b"[" * 4000, 1), (200, b"x" * 5000, 2), (302, b"{}", 1), (401, b"{}", 1), (503, b"{}", 2)],
)
def test_what_is_no_answer_is_none_and_only_what_may_come_right_is_asked_again(
    status: int, content: bytes, times: int
) -> None:
    with elsewhere(lambda _: (status, content)) as server:
        assert remote(server.url).ask(question()).result == Result.UNAVAILABLE
    assert len(server.came) == times


def test_an_address_must_be_encrypted() -> None:
    with pytest.raises(ValueError, match="https"):
        remote("http://platform.example/documents")


@pytest.mark.parametrize("changes", [{"name": " "}, {"number": ""}, {"purpose": ""}])
def test_a_question_is_whole(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a question names"):
        question_body("q", question(**changes))


HEAD = "number_kind,number,name,latin_name,birth_date\n"


def test_a_list_is_taken_in_whole_or_not_at_all(tmp_path: Path) -> None:
    path, folder = tmp_path / "list.csv", tmp_path / "registers"
    path.write_text(
        f"{HEAD}hrp,H12345674,陳大文,CHAN TAI MAN,1990-01-02\nmtp_taiwan_five_year,12345674,林安,,1980-05-06\n"
    )
    made = load_list(folder, path, as_of=AS_OF, register="nia-list")
    assert (made.persons, made.register, made.as_of) == (2, "nia-list", AS_OF)
    path.write_text(
        f"{HEAD}hrp,H12345674,,CHAN,1990-01-02\nhrp,X1,陳,,1990-01-02\nhrp,H12345674,陳,,2.1.1990\n"
        "resident_id,11010119900307123X,陳,,1990-01-02\nno_kind,1,陳,,1990-01-02\n"
    )
    with pytest.raises(WrongLines) as wrong:
        load_list(folder, path, as_of=AS_OF, register="nia-list")
    assert [(each.line, each.code, each.fact) for each in wrong.value.lines] == [
        (2, "registers.fact_wrong", "name"), (3, "registers.number_wrong", ""),
        (4, "registers.fact_wrong", "birth_date"), (5, "registers.number_wrong", ""), (6, "registers.number_wrong", ""),
    ]  # fmt: skip
    assert FilePlatform(folder, stale_after_days=STALE_DAYS).ask(question()).result == Result.AGREES


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("number,name,latin_name,birth_date\n", "registers.heading_missing"),
        (HEAD.replace("\n", ",phone\n"), "registers.heading_not_wanted"),
    ],
)
def test_a_list_with_other_columns_is_refused(tmp_path: Path, head: str, code: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(head)
    with pytest.raises(Invalid, match=code.replace(".", r"\.")):
        load_list(tmp_path, path, as_of=AS_OF, register="nia-list")
