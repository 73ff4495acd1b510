"""Whatever a browser, or somebody who pretends to be one, sends to a page: the answer is never a defect of ours."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.contract import conftest as contract
from tests.contract.world import OFFICE, World
from tests.pages.addresses import Address, addresses, ids_of
from tests.pages.test_matrix import cause_of
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.project.demonstration.people import photo_jpeg

folder, made, world, _django_db_helper = contract.folder, contract.made, contract.world, contract._django_db_helper
pytestmark = pytest.mark.django_db
READERS = {
    "holder": PrincipalKind.RESIDENT,
    OFFICE: PrincipalKind.STAFF,
    "demo-supervisor": PrincipalKind.STAFF,
    "world-administrator": PrincipalKind.STAFF,
}
_NAMED = re.compile(r"""<(?:input|select|textarea|button)\b[^>]*\bname=["']([^"']+)["']""")
_OFTEN = ("search", "cursor", "page", "next", "lang", "size", "city", "day", "item", "place", "month", "state")

ODD = st.one_of(
    st.sampled_from(
        ["", " ", "\x00", "a\x00b", "\x1f\x7f", "-1", "0", "1e309", "NaN", "9" * 400, "2026-02-30", "9999-12-31",
         "0001-01-01", "true", "[]", "{}", "null", "../../etc/passwd", "<script>1</script>", "{{ 7 }}", "%s%n",
         "\ud7ff", "𠮷㐱䶮", "\u202e", "cas_" + "0" * 26, "pmt_x", "1;2", "＋８６", "x" * 20_000,
         "on", "hmt.first_issue", "370102"]
    ),
    st.text(max_size=40),
)  # fmt: skip
FILES = st.sampled_from(
    [("x.jpg", b"", "image/jpeg"), ("x.jpg", b"not a picture", "image/jpeg"), ("../../x", photo_jpeg(), "text/html"),
     ("x.pdf", b"%PDF-1.4 broken", "application/pdf"), ("x.svg", b"<svg onload='1'/>", "image/svg+xml"),
     ("\u202egpj.exe", b"MZ", "application/octet-stream"), ("x.csv", "姓名\n\x00".encode(), "text/csv")]
)  # fmt: skip
BODIES = st.sampled_from(
    [("application/json", b"{"), ("multipart/form-data", b"x"), ("multipart/form-data; boundary=b", b"--b\r\n\r\n"),
     ("application/x-www-form-urlencoded", b"%ff=%00&a&&=b"), ("text/plain", b"\xff\xfe"), ("", b"x"),
     ("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
     ("application/x-www-form-urlencoded; charset=x", b"a=b")]
)  # fmt: skip


def browser(world: World, reader: str) -> Client:
    client = Client(raise_request_exception=False)
    token = world.credentials[reader].get("X-Session-Token", "")
    if token:
        client.cookies[django_settings.SESSION_COOKIE_NAME] = token
    return client


def fields_of(answer: Any) -> list[str]:
    """Return the names that the forms of a page ask for."""
    if answer.streaming or "html" not in answer.get("Content-Type", ""):
        return []
    return sorted(set(_NAMED.findall(answer.content.decode())) - {"csrfmiddlewaretoken"})


def pages_of(reader: str) -> list[Address]:
    return [address for address in sorted(addresses(), key=str) if address.who in {READERS[reader], None}]


PATIENT = settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("reader", READERS)
def test_no_form_whatever_is_sent_ends_in_a_defect(world: World, reader: str) -> None:
    def send(data: st.DataObject, address: Address, names: list[str]) -> list[str]:
        form: dict[str, Any] = {
            name: data.draw(st.lists(ODD, min_size=1, max_size=3)) for name in names if data.draw(st.booleans())
        }
        for name in names:
            if re.search("file|paper|photo|picture|image|scan", name):
                form[name] = SimpleUploadedFile(*data.draw(FILES))
        return _defect(world, reader, "POST", address, form)

    wrong = _fuzzed(_asked(world, reader), send)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("reader", ["holder", OFFICE])
def test_no_question_whatever_it_asks_ends_in_a_defect(world: World, reader: str) -> None:
    def ask(data: st.DataObject, address: Address, names: list[str]) -> list[str]:
        query = {name: data.draw(ODD) for name in sorted({*names, *_OFTEN}) if data.draw(st.booleans())}
        return _defect(world, reader, "GET", address, query)

    wrong = _fuzzed(_asked(world, reader), ask)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("reader", ["holder", OFFICE])
def test_no_body_of_another_kind_ends_in_a_defect(world: World, reader: str) -> None:
    @PATIENT
    @given(BODIES)
    def sent(body: tuple[str, bytes]) -> None:
        wrong = []
        for address in pages_of(reader):
            with transaction.atomic():
                answer = browser(world, reader).generic(
                    "POST", address.at(ids_of(world, address)), body[1], content_type=body[0]
                )
                transaction.set_rollback(True)
            wrong += [f"{address} {body}: {answer.status_code} {cause_of(answer)}"] if answer.status_code >= 500 else []
        assert not wrong, "\n".join(wrong)

    sent()


def _fuzzed(
    known: dict[Address, list[str]], send: Callable[[st.DataObject, Address, list[str]], list[str]]
) -> list[str]:
    """Return the defects of all pages. Each has its own examples: one of all pages is more than Hypothesis makes."""
    wrong: list[str] = []

    def fuzz(address: Address, names: list[str]) -> None:
        @PATIENT
        @given(st.data())
        def once(data: st.DataObject) -> None:
            wrong.extend(send(data, address, names))

        once()

    for address, names in known.items():
        fuzz(address, names)
    return wrong


def _asked(world: World, reader: str) -> dict[Address, list[str]]:
    """Return the names of the fields of each page that this reader may open."""
    known = {}
    for address in pages_of(reader):
        answer = _answer(world, reader, "GET", address, {})
        if answer.status_code not in {403, 404}:
            known[address] = fields_of(answer)
    assert len(known) > 5
    return known


def _defect(world: World, reader: str, method: str, address: Address, data: dict[str, Any]) -> list[str]:
    answer = _answer(world, reader, method, address, data)
    told = f"{method} {address} {data!r:.600}: {answer.status_code} {cause_of(answer)}"
    return [told] if answer.status_code >= 500 else []


def _answer(world: World, reader: str, method: str, address: Address, data: dict[str, Any]) -> Any:
    client, path = browser(world, reader), address.at(ids_of(world, address))
    with transaction.atomic():
        answer = client.get(path, data) if method == "GET" else client.post(path, data)
        transaction.set_rollback(True)
    return answer
