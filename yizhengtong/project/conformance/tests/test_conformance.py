"""The kit against small forms: a good one, those that Q1 tells of, and adapters that fail."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.project.conformance.running import NOT_SAID, Verdict, adapter_at, run
from yizhengtong.project.conformance.vectors import vectors

ON = date(2026, 11, 22)
ALL = {each.code: each for each in vectors(ON)}
Form = Callable[[dict[str, Any]], object]


def good_form(sent: dict[str, Any]) -> object:
    """A form as it should be: it reads the number by its document, and compares the birth date in it."""
    try:
        number = parse(DocumentKind(sent["kind"]), sent["number"], as_of=ON)
    except Invalid:
        return {"accepted": False}
    agrees = sent["birth_date"] is None or number.birth_date is None or str(number.birth_date) == sent["birth_date"]
    return {"accepted": agrees}


def mainland_only(sent: dict[str, Any]) -> object:
    """A form that knows the regions of GB/T 2260 alone: 71 for Taiwan, and no 81, 82, 83 (Q1)."""
    return {"accepted": sent["number"][:2] in {"11", "37", "71"}}


def ascii_names_refused(sent: dict[str, Any]) -> object:
    is_chinese = all("\u4e00" <= letter <= "\u9fff" for letter in sent["name"])
    return {"accepted": is_chinese} if sent["vector"].startswith("name_") else good_form(sent)


@pytest.fixture(autouse=True)
def on_that_day() -> Iterator[None]:
    """The numbers of the vectors are as young as the day on which they are sent."""
    with time_machine.travel(f"{ON}T12:00:00+08:00"):
        yield


@contextmanager
def served(form: Form, status: int = 200) -> Iterator[str]:
    """Serve the adapter of a form on this machine, and yield its address."""

    class Adapter(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told = form(sent)
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Adapter)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/adapter"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def verdicts(form: Form, status: int = 200) -> dict[str, Verdict]:
    with served(form, status) as address:
        return {each.vector.code: each.verdict for each in run(adapter_at(address), tuple(ALL.values()))}


def test_every_vector_has_a_code_of_its_own_and_stands_in_the_rules() -> None:
    assert len(ALL) == len(vectors(ON))
    for vector in ALL.values():
        taken = good_form(vector.as_json()) == {"accepted": True}
        assert taken is vector.must_take, vector.code
    assert {each.number[:2] for each in ALL.values() if each.must_take and len(each.number) == 18} == {"81", "82", "83"}


def test_what_is_sent_does_not_say_what_is_expected() -> None:
    assert set(ALL["check_x"].as_json()) == {"vector", "kind", "number", "name", "birth_date"}


def test_a_good_form_is_right_throughout() -> None:
    assert set(verdicts(good_form).values()) == {Verdict.RIGHT}


def test_a_form_that_knows_no_permit_is_told_what_it_refuses_and_takes() -> None:
    found = verdicts(mainland_only)
    assert {found[f"permit_{each}_male"] for each in ("hk", "mo", "tw")} == {Verdict.WRONGLY_REFUSED}
    assert found["region_71"] == Verdict.WRONGLY_TAKEN
    assert found["check_digit_wrong"] == Verdict.RIGHT


def test_a_form_that_refuses_latin_and_rare_names_is_told_so() -> None:
    found = verdicts(ascii_names_refused)
    wrong = {code for code, verdict in found.items() if verdict != Verdict.RIGHT}
    assert {"name_latin", "name_beyond_16_bits", "name_dot", "name_rare"} <= wrong
    assert found["name_traditional"] == Verdict.RIGHT


@pytest.mark.parametrize(
    "answer", [b"", b"yes", b"[]", b"[" * 9000, b'{"accepted": "yes"}', b'{"taken": true}', b"x" * 20000]
)
def test_an_answer_that_says_nothing_is_no_answer_and_never_right(answer: bytes) -> None:
    assert set(verdicts(lambda _: answer).values()) == {Verdict.NO_ANSWER}


@pytest.mark.parametrize("status", [302, 404, 500])
def test_only_200_is_an_answer(status: int) -> None:
    assert set(verdicts(good_form, status).values()) == {Verdict.NO_ANSWER}


def test_the_command_prints_what_is_wrong_and_ends_with_1() -> None:
    told = io.StringIO()
    with served(mainland_only) as address, pytest.raises(SystemExit) as ended:
        call_command("conformance", address, stdout=told)
    assert ended.value.code == 1
    lines = told.getvalue().splitlines()
    taken, refused = (
        lines.index(each) for each in ("Taken, and must be refused (1):", "Refused, and must be taken (27):")
    )
    assert refused < taken
    assert "830000 begins the permits of Taiwan" in next(each for each in lines if "permit_tw_male" in each)
    assert "permits of residents of Taiwan begin with 830000" in lines[taken + 1]
    assert lines[-1] == f"{len(ALL) - 28} of {len(ALL)} right."


def test_a_form_that_takes_no_number_is_told_nothing_of_names() -> None:
    told = io.StringIO()
    with served(mainland_only) as address, pytest.raises(SystemExit):
        call_command("conformance", address, stdout=told)
    assert "name_latin" not in told.getvalue()
    assert "Nothing is said of 10 names" in told.getvalue()


def test_a_form_that_refuses_names_alone_is_told_which_and_why() -> None:
    told = io.StringIO()
    with served(ascii_names_refused) as address, pytest.raises(SystemExit):
        call_command("conformance", address, stdout=told)
    assert "CHAN TAI MAN:  a permit may have a name in Latin letters alone" in told.getvalue()
    assert "sample_83" not in told.getvalue()


def test_a_right_form_ends_with_0_and_one_line() -> None:
    told = io.StringIO()
    with served(good_form) as address:
        call_command("conformance", address, stdout=told)
    assert told.getvalue() == f"{len(ALL)} of {len(ALL)} right: this form takes permits.\n"


def test_an_adapter_that_fails_now_and_then_is_told_how() -> None:
    told = io.StringIO()
    odd = {"check_x": b"yes"}
    with served(lambda sent: odd.get(sent["vector"]) or good_form(sent)) as address, pytest.raises(SystemExit):
        call_command("conformance", address, stdout=told)
    assert told.getvalue().splitlines()[0] == "Not answered (1):"
    assert NOT_SAID in told.getvalue()


def test_where_nobody_is_to_be_asked_it_says_so_at_once() -> None:
    with served(good_form) as address:
        pass
    with pytest.raises(CommandError, match="no adapter answers at"):
        call_command("conformance", address)


def test_the_command_lists_the_vectors_and_reports_in_json() -> None:
    listed, told = io.StringIO(), io.StringIO()
    call_command("conformance", stdout=listed)
    assert {each["vector"] for each in json.loads(listed.getvalue())} == set(ALL)
    with served(mainland_only) as address, pytest.raises(SystemExit):
        call_command("conformance", address, "--json", stdout=told)
    found = {each["vector"]: each for each in map(json.loads, told.getvalue().splitlines())}
    assert set(found) == set(ALL)
    assert found["region_71"]["verdict"] == "wrongly_taken"
    assert all(each["why"] for each in found.values())


@pytest.mark.parametrize("address", ["http://example.org/", "ftp://127.0.0.1/", "https://u:p@example.org/", "x"])
def test_an_address_that_is_not_private_to_the_transport_is_refused(address: str) -> None:
    with pytest.raises(CommandError):
        call_command("conformance", address)


def test_a_form_that_is_not_there_is_no_answer() -> None:
    with served(good_form) as address:
        pass
    assert {each.verdict for each in run(adapter_at(address), [ALL["check_x"]])} == {Verdict.NO_ANSWER}
