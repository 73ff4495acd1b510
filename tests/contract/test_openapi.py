"""The OpenAPI documents say everything a caller must know, and Django has no address that they leave out."""

import re
import sys
from collections import Counter
from typing import Any

import pytest
from jsonschema_rs import meta
from pydantic import BaseModel

from tests.contract.routes import APIS, Route, addresses, documents, routes
from yizhengtong.sites.api.framework import In

ROUTES = routes()
each_route = pytest.mark.parametrize("route", ROUTES, ids=str)
each_route_with_json = pytest.mark.parametrize("route", [route for route in ROUTES if route.schema], ids=str)
SCHEMES = {"resident": "SessionAuth", "staff": "SessionAuth", "partner": "PartnerAuth", "reporter": "SessionAuth"}


@pytest.mark.parametrize("name", sorted(APIS))
def test_a_document_is_openapi_3_1_with_every_reference_resolved(name: str) -> None:
    document = documents()[name]
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"]
    assert document["info"]["version"]
    for reference in re.findall(r"'\$ref': '([^']+)'", str(document)):
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
        assert node, reference


@pytest.mark.parametrize("name", sorted(APIS))
def test_every_schema_of_a_document_is_a_json_schema(name: str) -> None:
    schemas = documents()[name]["components"]["schemas"]
    assert len(schemas) > 2
    for title, schema in schemas.items():
        assert meta.is_valid(schema), title


def test_operations_are_named_once_within_their_document() -> None:
    for name in APIS:
        names = [route.operation["operationId"] for route in ROUTES if route.api == name]
        assert len(names) == len(set(names))


@each_route
def test_an_operation_says_what_it_does_and_belongs_to_a_chapter(route: Route) -> None:
    assert route.operation["summary"]
    assert route.operation["description"].endswith(".")
    assert route.operation["tags"]


@each_route
def test_an_operation_names_its_authentication_and_its_policy(route: Route) -> None:
    assert route.operation["security"] == [{SCHEMES[route.api]: []}]
    assert route.operation["x-policy"].strip()


@each_route
def test_every_post_needs_an_idempotency_key(route: Route) -> None:
    needed = [p for p in route.operation.get("parameters", []) if p["name"] == "Idempotency-Key"]
    assert [p["required"] for p in needed] == ([True] if route.method == "post" else [])


UNVERSIONED = {
    "POST /api/resident/cases/{decided_case_id}/rating": "makes something new, once a case",
    "POST /api/staff/rating-pages/{decided_case_id}": "opens a page for a visitor, changes nothing",
    "POST /api/resident/person": "makes something new",
    "POST /api/resident/wards": "makes something new",
    "POST /api/resident/stays": "makes something new",
    "POST /api/resident/applications": "makes something new",
    "POST /api/staff/household/papers-checks": "changes nothing",
    "POST /api/staff/household/registrations": "makes something new, once a notice",
    "POST /api/resident/applications/{application_id}/evidence": "adds a paper, changes none",
    "DELETE /api/resident/applications/{application_id}/evidence/{evidence_id}": "takes back one paper by its own id",
    "DELETE /api/resident/applications/{application_id}": "gives up: final whatever the version",
    "POST /api/resident/cases/{case_id}/appointment": "makes something new",
    "DELETE /api/resident/cases/appointments/{appointment_id}": "gives up: final whatever the version",
    "POST /api/resident/cases/{case_id}/supplement": "answers the one open notice",
    "POST /api/resident/cases/{case_id}/withdrawal": "gives up: final whatever the version",
    "POST /api/resident/permits/{permit_id}/loss": "a loss is reported whatever the version",
    "POST /api/resident/permits/{permit_id}/recovery": "refused unless lost",
    "POST /api/staff/cases/{case_id}/visitor": "notes an arrival",
    "POST /api/staff/cases/{case_id}/form": "notes a printing",
    "POST /api/staff/cases/{case_id}/captures": "the newest capture counts",
    "POST /api/staff/cases/{case_id}/photo-receipt": "the newest capture counts",
    "POST /api/staff/permits/{permit_id}/void": "ends a permit: final whatever the version",
    "POST /api/staff/permits/{permit_id}/end-functions": "ends a permit: final whatever the version",
    "POST /api/resident/permits/{permit_id}/bank-account": "the newest account counts",
    "POST /api/partner/checks": "changes nothing",
    "POST /api/partner/same-person": "changes nothing",
    "POST /api/resident/links": "makes something new, one at a time",
    "POST /api/resident/links/end": "gives up: final whatever the version",
    "POST /api/resident/links/questions": "makes something new",
    "POST /api/staff/permits/{permit_id}/link": "makes something new, one at a time",
    "POST /api/staff/permits/{permit_id}/link/end": "gives up: final whatever the version",
    "POST /api/staff/permits/{permit_id}/link/questions": "makes something new",
    "POST /api/partner/presentations": "makes something new",
    "POST /api/partner/share-codes": "counts a use under the code's own lock",
    "POST /api/partner/phone-codes": "opened once",
    "POST /api/partner/paper-codes": "changes nothing",
    "POST /api/resident/share-codes": "makes something new",
    "POST /api/resident/share-codes/{share_code_id}/end": "ended once, for good",
    "POST /api/partner/presentations/{presentation_id}/test-answer": "answered once",
    "POST /api/partner/presentations/{presentation_id}/result": "fetched once",
    "POST /api/resident/checks/{check_id}/ticket": "makes something new, once a check",
    "PUT /api/resident/checks/alerts": "the newest choice counts",
    "PUT /api/resident/checks/blocks/{party_id}": "shut out twice is shut out once",
    "DELETE /api/resident/checks/blocks/{party_id}": "takes back: final whatever the version",
    "POST /api/resident/organisation": "makes something new",
    "POST /api/resident/organisation/membership": "makes something new",
    "POST /api/partner/bulk": "makes something new",
    "POST /api/partner/bulk/{file_id}/cancel": "ended once, for good",
    "POST /api/partner/webhooks": "makes something new",
    "POST /api/partner/webhooks/{address_id}/secret": "makes something new: the one before goes on for a day",
    "POST /api/partner/webhooks/{address_id}/test": "makes something new",
    "POST /api/partner/webhooks/{address_id}/end": "ended once, for good",
    "POST /api/partner/webhooks/deliveries/{delivery_id}/resend": "refused unless dead",
    "POST /api/partner/subscriptions": "subscribed twice is subscribed once",
    "POST /api/partner/subscriptions/{subscription_id}/end": "ended once, for good",
    "POST /api/partner/own/keys/{key_id}/revocation": "revoked once, for good",
    "POST /api/reporter/organisation/invitations": "makes something new",
    "POST /api/reporter/organisation/purposes": "makes something new",
    "DELETE /api/reporter/organisation/purposes/{grant_id}": "takes back what nobody has answered",
    "POST /api/reporter/organisation/addresses": "makes something new",
    "DELETE /api/reporter/organisation/addresses/{address_id}": "takes back: final whatever the version",
    "POST /api/reporter/organisation/secrets": "makes something new",
    "POST /api/reporter/organisation/jwks": "makes something new",
    "POST /api/reporter/organisation/certificates": "makes something new",
    "POST /api/reporter/organisation/keys/{key_id}/rotation": "makes something new",
    "POST /api/reporter/organisation/keys/{key_id}/end": "never later than it ends already",
    "POST /api/reporter/organisation/keys/{key_id}/revocation": "revoked once, for good",
    "POST /api/resident/reporter": "makes something new",
    "POST /api/reporter/reports": "makes something new",
    "POST /api/reporter/lists": "makes something new",
    "POST /api/staff/vouchers/checks": "changes nothing",
    "POST /api/resident/my/access-history/{entry_id}/objection": "makes something new",
    "POST /api/resident/my/consents": "the newest answer counts",
    "POST /api/resident/my/corrections": "makes something new",
    "POST /api/resident/my/deletions": "makes something new",
    "POST /api/staff/minor-approvals": "makes something new",
    "POST /api/staff/minor-approvals/{approval_id}/decision": "answered once",
    "POST /api/staff/objections/{objection_id}/answer": "answered once",
    "POST /api/staff/corrections/{correction_id}/decision": "decided once",
    "POST /api/staff/breaches": "makes something new",
    "POST /api/staff/breaches/{breach_id}/notices": "each is settled once",
    "POST /api/resident/applications/{application_id}/confirmations": "adds answers, changes none",
    "POST /api/resident/cases/{case_id}/officer-request": "asked twice is asked once, whatever the version",
    "POST /api/resident/messages/{message_id}/reading": "read twice is read once",
    "POST /api/resident/messages/contacts": "makes something new: a code, which voids the one before",
    "PUT /api/resident/messages/contacts": "the newest code counts, once",
    "DELETE /api/resident/messages/contacts": "takes back: final whatever the version",
    "POST /api/staff/cases/rules/answering": "makes something new: the newest officer named answers",
    "POST /api/staff/messages/failed/{delivery_id}/sending": "refused unless it did not go",
    "POST /api/staff/messages/words": "makes a new version; one at a time may wait",
    "POST /api/staff/messages/words/preview": "changes nothing",
    "POST /api/staff/messages/words/restoration": "makes a new version",
    "POST /api/staff/messages/words/{version_id}/decision": "decided once",
    "POST /api/staff/breaches/{breach_id}/messages": "each person is told once",
    "POST /api/staff/exchange/destinations": "makes something new",
    "POST /api/staff/exchange/destinations/{code}/pause": "paused twice is paused once",
    "POST /api/staff/exchange/destinations/{code}/resume": "resumed twice is resumed once",
    "POST /api/staff/exchange/dead/{push_id}/replay": "refused unless dead",
    "POST /api/staff/exchange/dead/{push_id}/skip": "refused unless dead",
}
"""Changes that need no If-Match, and why."""


@each_route
def test_a_change_of_a_versioned_thing_needs_the_version_that_was_read(route: Route) -> None:
    asked = [p for p in route.operation.get("parameters", []) if p["name"] == "If-Match"]
    changes = route.method != "get" and str(route) not in UNVERSIONED
    assert [p["required"] for p in asked] == ([True] if changes else [])


def test_the_list_of_changes_without_a_version_names_no_route_that_is_gone() -> None:
    assert set(UNVERSIONED) <= {str(route) for route in ROUTES}


@each_route
def test_an_operation_documents_its_errors_as_problems(route: Route) -> None:
    assert "application/problem+json" in route.operation["responses"]["4XX"]["content"]
    assert any(status.startswith("2") for status in map(str, route.operation["responses"]))


@each_route_with_json
def test_what_comes_in_refuses_fields_it_does_not_know(route: Route) -> None:
    schema = documents()[route.api]["components"]["schemas"][route.schema]
    assert schema["additionalProperties"] is False
    assert route.schema in {model.__name__ for model in everything_that_comes_in(In)}


@pytest.mark.parametrize("name", sorted(APIS))
def test_no_two_schemas_of_a_document_have_one_name(name: str) -> None:
    """The later one would stand for both."""
    others = tuple(f"yizhengtong.sites.api.{other}" for other in APIS if other != name)
    made = Counter(
        value.__name__
        for module in [module for at, module in sys.modules.items() if at.startswith("yizhengtong.sites.api")]
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, BaseModel)
        and value.__module__ == module.__name__
        and not module.__name__.startswith(others)
    )
    assert made
    assert [each for each, count in made.items() if count > 1] == []


def everything_that_comes_in(model: type[In]) -> set[type[In]]:
    found = set(model.__subclasses__())
    return found | {deeper for each in found for deeper in everything_that_comes_in(each)}


@each_route_with_json
def test_texts_that_come_in_have_a_length(route: Route) -> None:
    schemas = documents()[route.api]["components"]["schemas"]
    endless = [
        f"{route.schema}.{name}" for name, shape in schemas[route.schema]["properties"].items() if is_endless(shape)
    ]
    assert set(endless) <= {"ApplicationIn.person_id"}


def is_endless(shape: dict[str, Any]) -> bool:
    shapes = [shape, *shape.get("anyOf", [])]
    return any(
        each.get("type") == "string" and not {"maxLength", "enum", "format", "pattern", "const"} & set(each)
        for each in shapes
    )


def test_every_address_below_api_is_in_a_document() -> None:
    documented = {re.sub(r"{\w+}", "<>", route.path) for route in ROUTES}
    known = {re.sub(r"<[^>]+>", "<>", address) for address in addresses()}
    apart = {f"/api/{name}/{page}" for name in APIS for page in ("openapi.json", "")}
    assert known - documented - apart == set()
    assert documented <= known


def test_the_documents_are_served_to_anybody(client: Any) -> None:
    for name in APIS:
        answer = client.get(f"/api/{name}/openapi.json")
        assert answer.status_code == 200
        assert answer.json()["paths"].keys() == documents()[name]["paths"].keys()
