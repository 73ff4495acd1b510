"""Requests that no client of ours sends: more fields, other verbs, other hosts, depth, numbers, sizes, wrappings."""

import gzip
import json
import socket
import threading
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client

from tests.contract import conftest as contract
from tests.contract.routes import Route, routes
from tests.contract.test_access import call, caller_of, ids_of
from tests.contract.world import OFFICE, World, sample_payloads, send
from yizhengtong.foundation.web.tests.callers import PERSON, WANG, a_resident, post

folder, made, world, _django_db_helper = contract.folder, contract.made, contract.world, contract._django_db_helper
pytestmark = pytest.mark.django_db
ALL = routes()
WITH_JSON = [route for route in ALL if route.schema]
PRIVILEGES = (
    *("id", "pk", "account", "account_id", "person", "state", "version", "is_staff", "is_superuser", "is_current"),
    *("roles", "office_id", "accepted_by", "approved_by", "decided_on", "__class__", "_state", "reported_by"),
)


@pytest.mark.parametrize("route", WITH_JSON, ids=str)
def test_no_field_can_be_slipped_in(world: World, route: Route) -> None:
    good = sample_payloads(world)[route.schema]
    for name in PRIVILEGES:
        if name in good:
            continue
        answer = send(
            route.method,
            route.at(ids_of(world, route)),
            payload={**good, name: "1"},
            headers={**world.credentials[caller_of(route, OFFICE)], "If-Match": '"1"'},
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "web.fields_wrong"), name
        unknown = [e["field"] for e in answer.json()["errors"] if e["code"] == "web.field_unknown"]
        assert unknown == [name]


OPEN = {("JwkIn", "jwk")}
"""What may hold more than we know, and of which we keep what we know: a public key (RFC 7517, 4)."""


@pytest.mark.parametrize("route", WITH_JSON, ids=str)
def test_no_field_can_be_slipped_in_deeper(world: World, route: Route) -> None:
    good = sample_payloads(world)[route.schema]
    nested = {name: value for name, value in good.items() if isinstance(value, dict)}
    lists = {name: value[0] for name, value in good.items() if isinstance(value, list) and value}
    nested |= {name: value for name, value in lists.items() if isinstance(value, dict)}
    for name, inner in nested.items():
        if (route.schema, name) in OPEN:
            continue
        changed = {**inner, "is_staff": True}
        answer = send(
            route.method,
            route.at(ids_of(world, route)),
            payload={**good, name: [changed] if isinstance(good[name], list) else changed},
            headers={**world.credentials[caller_of(route, OFFICE)], "If-Match": '"1"'},
        )
        assert "web.field_unknown" in {error["code"] for error in answer.json()["errors"]}


def test_another_verb_is_refused_and_no_header_changes_the_verb(world: World) -> None:
    taken = {(route.method.upper(), route.path) for route in ALL}
    for route in ALL:
        path = route.at(ids_of(world, route))
        for method in ("HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "get", "Post", "BREW"):
            if (method.upper(), route.path) in taken:
                continue
            answer = send(method, path, headers=world.credentials[caller_of(route, OFFICE)])
            assert answer.status_code == 405, (method, path)
    for header in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        stays = "/api/resident/stays"
        answer = send("GET", stays, headers={**world.credentials["holder"], header: "DELETE"})
        assert answer.status_code == 200


def deep(levels: int, opening: str = "[", closing: str = "]") -> bytes:
    return (opening * levels + closing * levels).encode()


BODIES = {
    "a list a million deep": b"[" * 1_000_000,
    "lists in lists": deep(100_000),
    "objects in objects": deep(100_000, '{"a":', "}"),
    "a number of a million digits": b'{"a":' + b"9" * 1_000_000 + b"}",
    "a number near infinity": b'{"birth_date":1e400}',
    "not a number": b'{"birth_date":NaN}',
    "a lone surrogate": b'{"name":"\\ud800"}',
    "two values": b"{}{}",
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "a hundred thousand fields": json.dumps({f"f{at}": at for at in range(50_000)}).encode(),
    "no object": b'"name"',
    "null": b"null",
}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_no_request_is_refused_at_once(body: str) -> None:
    answer = post(PERSON, BODIES[body], token=a_resident())
    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"


def test_a_name_given_twice_counts_once_and_the_last(world: World) -> None:
    """Whoever checks and whoever acts read the same: there is one parser, and it takes the last."""
    twice = b'{"region":"370102","address":"a","start":"2001-01-01","start":"2002-02-02","until":"2002-03-03"}'
    headers = {**world.credentials["holder"], "Idempotency-Key": "key-00000001"}
    answer = Client().generic("POST", "/api/resident/stays", twice, content_type="application/json", headers=headers)
    assert answer.json()["start"] == "2002-02-02"


def test_a_query_given_twice_is_checked_as_it_is_used(world: World) -> None:
    own, other = f"person_id={world.ids['person_id']}", "person_id=per_" + "0" * 26
    for query, status in ((f"{own}&{other}", 404), (f"{other}&{own}", 200)):
        assert send("GET", f"/api/resident/stays?{query}", headers=world.credentials["holder"]).status_code == status


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil", "", "[::1", "a b", "localhost\x00"]
)
def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    answer = Client(raise_request_exception=False).get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert b"evil" not in answer.content


@pytest.mark.parametrize("forwarded", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"])
def test_no_header_stands_in_for_the_host_or_the_path(forwarded: str) -> None:
    answer = Client().get("/none", headers={forwarded: "/health"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "/%2f%2fevil.example", "/?next=https://evil.example"]
)
def test_nothing_redirects(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code in {200, 404}
    assert "Location" not in answer


PATHS = ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "....//....//etc/passwd", "%2e%2e/settings.py",
         "resident/../../x", "\\..\\..\\x", "resident%00.css", "/etc/passwd",
         "pages/page.css/../../../../settings.py"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_out_of_the_static_files(path: str) -> None:
    answer = Client().get(f"/static/{path}")
    assert answer.status_code in {400, 404}


@pytest.mark.parametrize("injected", ["key-0001\r\nX-Evil: 1", "key-0001\nSet-Cookie: a=b", "x" * 65])
def test_what_is_sent_back_in_a_header_has_a_form(injected: str) -> None:
    answer = Client().get("/health", headers={"X-Request-Id": injected})
    assert injected not in answer["X-Request-Id"]
    assert "X-Evil" not in answer
    assert post(PERSON, WANG, token=a_resident(), key=injected).json()["code"] == "web.idempotency_key_needed"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "x-anything", "gzip, gzip"])
def test_a_compressed_body_is_not_unpacked(encoding: str) -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    answer = post(PERSON, bomb, token=a_resident(), **{"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (415, "web.encoded_body")


@pytest.mark.parametrize(
    ("content_type", "length", "status"),
    [
        ("application/json", 1024 * 1024 + 1, 413),
        ("application/json", 10**30, 413),
        ("application/x-www-form-urlencoded", 1024 * 1024 + 1, 413),
        ("multipart/form-data; boundary=b", 12 * 1024 * 1024 + 1, 413),
        ("application/json", -1, 400),
    ],
)
@pytest.mark.parametrize("path", [PERSON, "/_allauth/app/v1/auth/login", "/none", "/"])
def test_a_body_is_refused_by_its_length_unread(path: str, content_type: str, length: int, status: int) -> None:
    answer = Client().generic("POST", path, b"x", content_type=content_type, CONTENT_LENGTH=str(length))
    assert answer.status_code == status
    assert any(code in answer.content.decode() for code in ("web.body_too_large", "web.body_unreadable"))


def test_a_form_is_no_larger_at_the_sign_in_than_a_text() -> None:
    length = str(2 * 1024 * 1024)
    answer = Client().generic(
        "POST",
        "/_allauth/app/v1/auth/login",
        b"x",
        content_type="multipart/form-data; boundary=b",
        CONTENT_LENGTH=length,
    )
    assert answer.status_code == 413


def test_a_body_without_a_length_is_refused() -> None:
    answer = post(PERSON, b"{}", token=a_resident(), **{"Transfer-Encoding": "chunked"})
    assert answer.status_code == 411


def test_a_form_of_a_thousand_files_is_refused() -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\nx\r\n'
    answer = post(
        PERSON, part * 1000 + b"--b--\r\n", token=a_resident(), **{"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("letter", ["\u202e", "\u200b", "\u2066", "\ufeff", "\u0000", "\u001b", "\u0085", "\u200d"])
def test_letters_that_hide_or_turn_others_are_kept_out_of_names(letter: str) -> None:
    answer = post(PERSON, {**WANG, "name": f"王{letter}小明"}, token=a_resident())
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["name"]


@pytest.mark.parametrize("name", ["𠮷田", "㛃㜣", "王·小明", "ＷＡＮＧ", "\ue000王"])
def test_rare_letters_stay_as_they_are_printed(name: str) -> None:
    answer = post(PERSON, {**WANG, "name": name}, token=a_resident())
    assert answer.status_code == 201, answer.content
    assert answer.json()["name"] == name


def test_an_id_of_the_wrong_kind_is_the_id_of_nothing(world: World) -> None:
    case = world.ids["case_id"]
    for prefix in ("apl", "per", "pmt", "sty", "evi"):
        wrong = f"{prefix}_{case.partition('_')[2]}"
        assert send("GET", f"/api/resident/cases/{wrong}", headers=world.credentials["holder"]).status_code == 404


def test_a_paper_comes_back_as_a_file_and_never_as_a_page(world: World) -> None:
    route = next(route for route in ALL if route.path.endswith("/evidence/{evidence_id}") and route.api == "staff")
    answer = call(world, route, OFFICE)
    assert answer["Content-Disposition"] == "attachment"
    assert answer["Content-Type"] in {"image/jpeg", "image/png", "application/pdf"}
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize(
    "smuggled",
    [
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    ],
)
def test_a_request_that_two_servers_read_differently_is_refused(smuggled: bytes) -> None:
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=60) as caller:
            caller.sendall(smuggled)
            status = int(caller.recv(4096).split()[1])
    assert status in {400, 411}
