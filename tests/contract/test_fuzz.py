"""Whatever is sent, no API breaks: schemathesis over every operation, with real credentials and real rows.

No answer is a server error; each has a documented status and shape; each refusal is a problem. Derandomized: the same
requests on every run.
"""

from copy import deepcopy
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.contract.routes import APIS, Route, documents, routes
from tests.contract.test_access import caller_of, ids_of, version_of
from tests.contract.world import OFFICE, World, sample_payloads, send
from yizhengtong.foundation.web.problems import ProblemDocument

pytestmark = pytest.mark.django_db
EXAMPLES = 8
SCHEMAS = {name: schemathesis.openapi.from_dict(deepcopy(document)) for name, document in documents().items()}
bounded = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def broken_promise(response: Any, status: int, content_type: str) -> str:
    """Return what is wrong with an answer, whoever asked for what; empty when nothing is."""
    if status >= 500:
        return f"server error {status}"
    if status >= 400:
        if content_type != "application/problem+json":
            return f"{status} as {content_type}"
        ProblemDocument.model_validate_json(response)
    return ""


def check(case: Any, headers: dict[str, str]) -> None:
    """Send a generated request and look at the answer; what it did is undone."""
    asked = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    sent = {name: text(value) for name, value in {**asked.headers, **headers}.items() if name != "Content-Length"}
    content_type, body = sent.pop("Content-Type", ""), asked.body or b""
    client = Client(raise_request_exception=False)
    with transaction.atomic():
        answer = client.generic(str(asked.method), asked.path_url, body, content_type=content_type, headers=sent)
        transaction.set_rollback(True)
    assert not broken_promise(answer.content, answer.status_code, answer.headers.get("Content-Type", ""))
    case.validate_response(
        as_schemathesis(asked, answer), checks=[status_code_conformance, response_schema_conformance]
    )


def text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def as_schemathesis(asked: requests.PreparedRequest, answer: Any) -> Response:
    """Return Django's answer as schemathesis knows answers."""
    headers = {name: [value] for name, value in answer.headers.items()}
    return Response(answer.status_code, headers, answer.content, asked, elapsed=0.0, verify=False)


def can_be(mode: GenerationMode, route: Route) -> bool:
    """Whether there is anything to send wrong besides the ids, which have a test of their own."""
    return (
        mode == GenerationMode.POSITIVE
        or bool(route.content)
        or any(parameter["in"] == "query" for parameter in route.operation["parameters"])
    )


MODES = {GenerationMode.POSITIVE: "well-formed", GenerationMode.NEGATIVE: "malformed"}
SENT = [(route, mode) for route in routes() for mode in MODES if can_be(mode, route)]


@pytest.mark.parametrize(("route", "mode"), SENT, ids=[f"{route}-{MODES[mode]}" for route, mode in SENT])
def test_no_request_breaks_an_operation(world: World, route: Route, mode: GenerationMode) -> None:
    operation = SCHEMAS[route.api][route.path][route.method]
    ids = {name: ids_of(world, route)[name] for name in route.parameters}
    caller = caller_of(route, OFFICE)
    credentials = dict(world.credentials[caller])
    if route.is_versioned:
        credentials["If-Match"] = version_of(world, route.at(ids_of(world, route)), caller)
    strategy = operation.as_strategy(generation_mode=mode, path_parameters=ids)

    @bounded
    @given(case=strategy)
    def run(case: Any) -> None:
        check(case, credentials)

    run()


ODD = st.text(
    st.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n"), max_size=40
) | st.sampled_from(
    [
        "",
        "*",
        '"1"',
        "bytes=0-1",
        "a" * 5000,
        "application/json",
        "multipart/form-data",
        "text/html;charset=utf-16",
        "\xff",
    ]
)
HEADERS = (
    *("X-Session-Token", "Authorization", "Idempotency-Key", "If-Match", "Accept-Language", "X-Request-Id", "Cookie"),
    *("Accept", "If-None-Match", "X-Forwarded-For", "Origin", "Range"),
)


@pytest.mark.parametrize("api", sorted(APIS))
def test_no_header_breaks_an_api(world: World, api: str) -> None:
    table = routes(api)

    @settings(bounded, max_examples=120)
    @given(route=st.sampled_from(table), sent=st.dictionaries(st.sampled_from(HEADERS), ODD, min_size=1, max_size=4))
    def run(route: Route, sent: dict[str, str]) -> None:
        with transaction.atomic():
            answer = send(
                route.method,
                route.at(ids_of(world, route)),
                payload=sample_payloads(world)[route.schema] if route.schema else None,
                headers={**world.credentials[caller_of(route, OFFICE)], "If-Match": '"1"', **sent},
            )
            transaction.set_rollback(True)
        assert not broken_promise(answer.content, answer.status_code, answer.headers.get("Content-Type", ""))

    run()


@pytest.mark.parametrize("api", ["resident", "staff"])
def test_no_id_breaks_an_api(world: World, api: str) -> None:
    table = [route for route in routes(api) if route.parameters]
    odd_ids = st.text(min_size=1, max_size=40).filter(lambda text: "/" not in text and text not in {".", ".."})

    @settings(bounded, max_examples=100)
    @given(route=st.sampled_from(table), odd=odd_ids | st.sampled_from(list(world.ids.values())))
    def run(route: Route, odd: str) -> None:
        with transaction.atomic():
            path = route.at(dict.fromkeys(route.parameters, quote(odd, safe="")))
            answer = send(
                route.method,
                path,
                payload=sample_payloads(world)[route.schema] if route.schema else None,
                headers={**world.credentials[caller_of(route, OFFICE)], "If-Match": '"1"'},
            )
            transaction.set_rollback(True)
        assert not broken_promise(answer.content, answer.status_code, answer.headers.get("Content-Type", ""))

    run()


HOSTILE = [
    "\0",
    "a\0b",
    "\ud800",
    "\u202e",
    "' OR 1=1 --",
    "%00",
    "９",
    "-1",
    "9" * 400,
    "\x1b[31m",
    "𠮷" * 30,
]


def with_hostile(value: Any, hostile: str) -> list[Any]:
    """Return copies of a body with each of its texts replaced, one at a time."""
    if isinstance(value, str):
        return [hostile]
    if isinstance(value, dict):
        return [{**value, name: bad} for name, inner in value.items() for bad in with_hostile(inner, hostile)]
    if isinstance(value, list):
        return [
            [*value[:at], bad, *value[at + 1 :]] for at in range(len(value)) for bad in with_hostile(value[at], hostile)
        ]
    return []


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_no_text_in_a_body_or_query_breaks_an_operation(world: World, hostile: str) -> None:
    samples = sample_payloads(world)
    samples["ApplicationIn"] |= {"person_id": world.ids["person_id"]}
    samples["AnswersIn"] |= {
        "phone": "+852 5550 0100",
        "residence_address": "x",
        "service_point": "x",
        "delivery_address": "x",
    }
    samples["HandOverIn"] = {"tracking_number": "x"}
    broken = []
    for route in routes():
        payloads = with_hostile(samples[route.schema], hostile) if route.schema else []
        texts = [p["name"] for p in route.operation["parameters"] if p["in"] == "query"]
        queries = [f"{name}={quote(hostile, safe='', errors='surrogatepass')}" for name in texts]
        for payload, query in [
            *((payload, "") for payload in payloads),
            *((samples.get(route.schema), q) for q in queries),
        ]:
            with transaction.atomic():
                path = route.at(ids_of(world, route))
                answer = send(
                    route.method,
                    f"{path}?{query}" if query else path,
                    payload=payload,
                    headers={**world.credentials[caller_of(route, OFFICE)], "If-Match": '"1"'},
                )
                transaction.set_rollback(True)
            wrong = broken_promise(answer.content, answer.status_code, answer.headers.get("Content-Type", ""))
            if wrong:
                broken.append((str(route), query or "body", wrong))
    assert not broken
