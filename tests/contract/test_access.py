"""Who may reach what: every route against every kind of caller, with rows that are really there.

What somebody may not know of answers exactly as what does not exist.
"""

from typing import Any

import pytest
from django.test import Client

from tests.contract.routes import Route, routes
from tests.contract.world import NO_SUCH, OFFICE, OTHER_OFFICE, World, sample_form, sample_payloads, send
from yizhengtong.foundation.accounts.models import Account, StaffMember
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.web.tests.callers import session_of
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.project.demonstration.officers import QINGYUAN
from yizhengtong.verification.relying_parties.models import RelyingParty

pytestmark = pytest.mark.django_db
ALL = routes()
NOBODYS = {"PUT /api/resident/checks/blocks/{party_id}"}
"""Names an organisation, which is nobody's row: anybody may shut it out."""
OF_A_PERMIT = {f"POST /api/resident/links{end}" for end in ("", "/end", "/questions")}
"""About the two numbers of who has a permit: the ward has none, which only who acts for the ward is told."""
OWN = [route for route in ALL if route.api == "resident" and route.parameters and str(route) not in NOBODYS]
FOR_SOMEBODY = [route for route in ALL if route.api == "resident" and route.takes_person]
CASE_ROUTES = [route for route in ALL if route.api == "staff" and "case_id" in route.parameters]
CHANGES = [route for route in CASE_ROUTES if route.method != "get"]
EVERYBODY = ["nobody", "stranger", OFFICE, "partner"]
STRANGERS = {
    "resident": ["nobody", OFFICE, "partner"],
    "staff": ["nobody", "stranger", "partner"],
    "partner": ["nobody", "stranger", OFFICE],
    "reporter": ["nobody", "stranger", OFFICE, "partner"],
}


def ids_of(world: World, route: Route) -> dict[str, str]:
    """Return the real ids for a route: those of the rows that its step is about."""
    evidence = world.ids["staff_evidence_id" if route.api == "staff" else "evidence_id"]
    apart = next((ids for end, ids in world.apart.items() if str(route).endswith(end)), {})
    return {**world.ids, "evidence_id": evidence, **apart}


def unknown(ids: dict[str, str]) -> dict[str, str]:
    return {name: f"{value.partition('_')[0]}_{NO_SUCH}" for name, value in ids.items()}


def version_of(world: World, path: str, caller: str) -> str:
    """Return the version a caller reads at the nearest address above a path that has one."""
    if "/stays/" in path:
        return '"1"'
    parts = path.split("/")
    answer = send("GET", "/".join(parts[:5]), headers=world.credentials[caller])
    return str(answer.headers.get("ETag", '"1"'))


def call(
    world: World,
    route: Route,
    caller: str,
    *,
    ids: dict[str, str] | None = None,
    version: str = '"1"',
    query: str = "",
    headers: dict[str, str] | None = None,
) -> Any:
    """Send a well-formed request to a route as one of the callers."""
    path = route.at(ids or ids_of(world, route))
    query = "&".join(part for part in (query, required_query(route)) if part)
    return send(
        route.method,
        f"{path}?{query}" if query else path,
        payload=sample_payloads(world)[route.schema] if route.schema else None,
        form=sample_form(route.path) if route.is_form else None,
        headers={**(world.credentials[caller] if headers is None else headers), "If-Match": version},
    )


def required_query(route: Route) -> str:
    samples = {
        "day": "day=2026-11-23",
        "place": "place=370102",
        "kind": "kind=accepted",
        "since": "since=2026-09-01",
        "until": "until=2026-10-01",
        "channel": "channel=sms",
        "language": "language=en",
        "purpose": "purpose=inspection&since=2026-09-01&until=2026-10-01",
    }
    wanted = [p["name"] for p in route.operation["parameters"] if p["in"] == "query" and p["required"]]
    return "&".join(samples[name] for name in wanted)


def without_request_id(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


OUTSIDERS = [(route, caller) for route in ALL for caller in STRANGERS[route.api]]


@pytest.mark.parametrize(("route", "caller"), OUTSIDERS, ids=str)
def test_a_caller_of_another_kind_is_not_let_in(world: World, route: Route, caller: str) -> None:
    answer = call(world, route, caller)
    assert (answer.status_code, answer.json()["code"]) == (401, "web.sign_in_first")
    assert answer["Content-Type"] == "application/problem+json"
    assert "WWW-Authenticate" in answer


WRONG = {
    "an unknown token": {"X-Session-Token": "0123456789abcdef0123456789abcdef"},
    "an empty token": {"X-Session-Token": ""},
    "an unknown key": {"Authorization": "Bearer 0123456789abcdef"},
    "another scheme": {"Authorization": "Basic eDp5"},
    "nothing after the scheme": {"Authorization": "Bearer"},
    "a token in a cookie": {"Cookie": "sessionid=0123456789abcdef0123456789abcdef"},
}


@pytest.mark.parametrize("wrong", sorted(WRONG))
def test_wrong_credentials_open_no_route(world: World, wrong: str) -> None:
    for route in ALL:
        assert call(world, route, "nobody", headers=WRONG[wrong]).status_code == 401, str(route)


def test_a_session_token_in_a_cookie_opens_nothing(world: World) -> None:
    browser = Client()
    browser.cookies["sessionid"] = world.credentials["holder"]["X-Session-Token"]
    assert browser.get("/api/resident/person").status_code == 401


@pytest.mark.parametrize("name", ["holder", OFFICE, "partner"])
def test_each_credential_opens_its_own_api(world: World, name: str) -> None:
    paths = {"holder": "/api/resident/person", OFFICE: "/api/staff/queue"}
    if name in paths:
        assert send("GET", paths[name], headers=world.credentials[name]).status_code == 200
    else:
        checks = next(route for route in ALL if route.api == "partner")
        assert call(world, checks, name).status_code == 201


def test_a_relying_party_that_was_shut_out_is_nobody(world: World) -> None:
    RelyingParty.objects.update(is_active=False)
    checks = next(route for route in ALL if route.api == "partner")
    assert call(world, checks, "partner").status_code == 401


@pytest.mark.parametrize("route", OWN, ids=str)
def test_anothers_row_answers_as_one_that_does_not_exist(world: World, route: Route) -> None:
    ids = ids_of(world, route)
    version = version_of(world, route.at(ids), "holder")
    stranger = call(world, route, "stranger", version=version)
    nothing = call(world, route, "stranger", ids=unknown(ids), version=version)
    assert stranger.status_code == nothing.status_code == 404
    assert without_request_id(stranger) == without_request_id(nothing)


@pytest.mark.parametrize("route", OWN, ids=str)
def test_the_version_sent_tells_a_stranger_nothing(world: World, route: Route) -> None:
    assert call(world, route, "stranger", version='"99"').status_code == 404


@pytest.mark.parametrize("route", OWN, ids=str)
def test_its_owner_reaches_the_row(world: World, route: Route) -> None:
    version = version_of(world, route.at(ids_of(world, route)), "holder")
    answer = call(world, route, "holder", version=version)
    assert answer.status_code not in {401, 403, 404, 412}, answer.content
    assert answer.status_code < 500


@pytest.mark.parametrize("route", FOR_SOMEBODY, ids=str)
def test_nobody_acts_for_a_person_who_does_not_know_of_it(world: World, route: Route) -> None:
    real = f"person_id={world.ids['person_id']}"
    stranger = call(world, route, "stranger", query=real)
    nothing = call(world, route, "stranger", query=f"person_id=per_{NO_SUCH}")
    assert stranger.status_code == nothing.status_code == 404
    assert without_request_id(stranger) == without_request_id(nothing)
    known = {409} if str(route) in OF_A_PERMIT else {200, 201, 202, 204}
    assert call(world, route, "holder", query=real).status_code in known


def test_nobody_applies_for_a_person_who_does_not_know_of_it(world: World) -> None:
    for person, status in (("stranger", 404), ("holder", 201)):
        answer = send(
            "POST",
            "/api/resident/applications",
            payload={"item": "hmt.reissue", "place": "370102", "ground": "lost", "person_id": world.ids["person_id"]},
            headers=world.credentials[person],
        )
        assert answer.status_code == status


@pytest.mark.parametrize("route", OWN, ids=str)
@pytest.mark.parametrize("malformed", ["x", "apl_", "per_" + "0" * 26, "cas_" + "U" * 26, "%00", "..", "z" * 300])
def test_a_malformed_id_is_the_id_of_nothing(world: World, route: Route, malformed: str) -> None:
    answer = call(world, route, "holder", ids=dict.fromkeys(route.parameters, malformed))
    assert answer.status_code == 404


@pytest.mark.parametrize("route", CASE_ROUTES, ids=str)
def test_a_case_of_another_office_answers_as_one_that_does_not_exist(world: World, route: Route) -> None:
    ids = ids_of(world, route)
    version = version_of(world, route.at(ids), OFFICE)
    elsewhere = call(world, route, OTHER_OFFICE, version=version)
    nothing = call(world, route, OTHER_OFFICE, ids=unknown(ids), version=version)
    assert elsewhere.status_code == nothing.status_code == 404
    assert without_request_id(elsewhere) == without_request_id(nothing)


VERSIONED = [route for route in CASE_ROUTES if route.is_versioned]


@pytest.mark.parametrize("route", VERSIONED, ids=str)
def test_the_version_sent_tells_another_office_nothing(world: World, route: Route) -> None:
    assert call(world, route, OTHER_OFFICE, version='"99"').status_code == 404


IN_STATE = {
    "judgement": "accepted", "supplement-request": "received", "acceptance": "received", "review": "accepted",
    "return": "reviewed", "approval": "reviewed", "refusal": "reviewed", "card": "approved", "hand-over": "made",
    "post-check": "received", "visitor": "received", "form": "received", "captures": "received",
    "photo-receipt": "received",
}  # fmt: skip
"""The state in which each step of a case is taken."""


BY_OTHERS = {
    "judgement": "demo-reviewer",
    "review": "demo-reviewer",
    "return": "demo-approver",
    "approval": "demo-approver",
    "refusal": "demo-approver",
    "post-check": "demo-reviewer",
}
"""The steps that the clerk of the office does not take."""


def step_of(route: Route) -> str:
    return route.path.rpartition("/")[2]


@pytest.mark.parametrize("route", CHANGES, ids=str)
@pytest.mark.parametrize("caller", ["demo-auditor", "demo-supervisor"])
def test_an_officer_without_the_role_is_told_which_it_takes(world: World, route: Route, caller: str) -> None:
    Case.objects.filter(pk=parse_public_id("cas", world.ids["case_id"])).update(state=IN_STATE[step_of(route)])
    answer = call(world, route, caller, version=version_of(world, route.at(ids_of(world, route)), caller))
    assert (answer.status_code, answer.json()["code"]) == (403, "accounts.role_missing")
    assert "{role}" not in answer.json()["detail"]


@pytest.mark.parametrize("route", CHANGES, ids=str)
def test_an_officer_with_the_role_is_let_through(world: World, route: Route) -> None:
    case_id = parse_public_id("cas", world.ids["case_id"])
    Case.objects.filter(pk=case_id).update(state=IN_STATE[step_of(route)])
    right = BY_OTHERS.get(step_of(route), OFFICE)
    answer = call(world, route, right, version=version_of(world, route.at(ids_of(world, route)), right))
    assert answer.status_code not in {401, 403, 404, 412}, answer.content
    assert answer.status_code < 500


@pytest.mark.parametrize("route", CASE_ROUTES, ids=str)
def test_an_officer_without_a_second_factor_is_told_to_set_one_up(world: World, route: Route) -> None:
    Case.objects.filter(pk=parse_public_id("cas", world.ids["case_id"])).update(
        state=IN_STATE.get(step_of(route), "received")
    )
    token = session_of(Account.objects.get(username=OFFICE))
    version = version_of(world, route.at(ids_of(world, route)), OFFICE)
    answer = call(world, route, "nobody", headers={"X-Session-Token": token}, version=version)
    assert (answer.status_code, answer.json()["code"]) == (403, "accounts.second_factor_needed")


def test_the_queue_too_needs_a_second_factor(world: World) -> None:
    token = session_of(Account.objects.get(username=OFFICE))
    assert send("GET", "/api/staff/queue", headers={"X-Session-Token": token}).status_code == 403


def test_the_queue_shows_an_officer_only_the_cases_of_the_area(world: World) -> None:
    def seen(caller: str) -> set[str]:
        return {row["id"] for row in send("GET", "/api/staff/queue", headers=world.credentials[caller]).json()["items"]}

    assert world.ids["case_id"] in seen(OFFICE)
    assert world.ids["case_id"] not in seen(OTHER_OFFICE)


def test_an_officer_who_no_longer_serves_is_let_into_no_staff_route(world: World) -> None:
    StaffMember.objects.filter(account__username=OFFICE).update(is_serving=False)
    for route in ALL:
        if route.api == "staff":
            assert call(world, route, OFFICE).status_code == 401, str(route)


def test_an_officer_of_the_area_is_named_to_answer_for_a_rule_and_one_of_another_area_is_not(world: World) -> None:
    qingyuan = {"office": QINGYUAN, "rule": "every_fact_is_confirmed", "officer": "demo-qingyuan-reviewer"}
    answers = [
        send("POST", "/api/staff/cases/rules/answering", payload=qingyuan, headers=world.credentials[supervisor])
        for supervisor in ("demo-supervisor", "world-supervisor")
    ]
    assert [answer.status_code for answer in answers] == [404, 201], answers[1].content
    listed = send("GET", "/api/staff/cases/rules/answering", headers=world.credentials["world-supervisor"]).json()
    assert answers[1].json() in listed


PUBLIC = {
    "/api/resident/items", "/api/resident/service-points", "/api/resident/entitlements",
    "/api/resident/cases/{case_id}/times", "/api/staff/queue", "/api/staff/imports", "/api/staff/imports/proposals",
    "/api/staff/minor-approvals", "/api/staff/corrections",
    "/api/staff/reporters", "/api/staff/residence-reports", "/api/reporter/duty",
    "/api/staff/post-checks", "/api/staff/cases/rules/answering", "/api/staff/ratings", "/api/staff/ratings/figures",
    "/api/staff/messages/words", "/api/staff/messages/words/history",
    "/api/staff/exchange/destinations", "/api/staff/exchange/ends",
    "/api/partner/presentations/{presentation_id}/state", "/api/partner/bulk", "/api/partner/bulk/{file_id}",
    "/api/partner/webhooks", "/api/partner/webhooks/{address_id}/deliveries", "/api/partner/subscriptions",
    "/api/partner/own/self", "/api/partner/own/keys", "/api/partner/own/figures", "/api/partner/own/sandbox-people",
    "/api/reporter/organisation", "/api/reporter/organisation/keys", "/api/reporter/organisation/figures",
    "/api/staff/relying-parties", "/api/staff/check-tickets", "/api/staff/link-questions",
}  # fmt: skip
"""Reads that show nobody's personal data: lists without names are of ids, days and states, opened one by one."""


def caller_of(route: Route, officer: str) -> str:
    """Who may send a route: its holder, the registrar where old records are imported, else the officer named."""
    if route.api != "staff":
        if "/organisation" in route.path and route.api == "reporter":
            return "organisation"
        return {"resident": "holder", "reporter": "reporter", "partner": "partner"}[route.api]
    return next((name for part, name in OF_ONE_ROLE.items() if part in route.path), officer)


OF_ONE_ROLE = {
    "/staff/ratings": "demo-supervisor", "/staff/messages": "world-administrator", "/staff/exchange": "demo-supervisor",
    "/staff/reporters": "demo-registrar", "/staff/residence-reports": "demo-registrar",
    "/imports": "demo-registrar", "/staff/corrections": "demo-registrar", "/staff/objections": "demo-auditor",
    "/staff/relying-parties": "demo-supervisor", "/staff/check-tickets": "demo-supervisor",
    "/staff/link-questions": "demo-supervisor",
    "/breaches": "demo-auditor", "/minor-approvals": "demo-supervisor", "/staff/audit": "demo-auditor",
}  # fmt: skip
"""Routes that one role alone may send."""


OF_READS = {"/api/partner/bulk/{file_id}/results"}
"""Answers to checks, each recorded as a read when it was made; that they were fetched is recorded as an act."""
READS = [route for route in ALL if route.method == "get" and route.path not in PUBLIC]


@pytest.mark.parametrize("route", READS, ids=str)
def test_every_read_of_personal_data_is_recorded(world: World, route: Route) -> None:
    caller = caller_of(route, OFFICE)
    kind = "act" if route.path in OF_READS else "read"
    before = Entry.objects.filter(kind=kind).count()
    answer = call(world, route, caller)
    assert answer.status_code == 200
    assert Entry.objects.filter(kind=kind).count() > before


@pytest.mark.parametrize("route", [route for route in ALL if route.method != "get"], ids=str)
def test_every_post_without_a_key_is_refused_before_anything_else(world: World, route: Route) -> None:
    answer = send(route.method, route.at(ids_of(world, route)), headers={}, key=False)
    expected = (422, "web.idempotency_key_needed") if route.method == "post" else (401, "web.sign_in_first")
    assert (answer.status_code, answer.json()["code"]) == expected


@pytest.mark.parametrize("route", [route for route in ALL if route.is_versioned], ids=str)
@pytest.mark.parametrize("version", ["", "1", '"x"', "*"])
def test_a_versioned_change_without_a_version_is_refused(world: World, route: Route, version: str) -> None:
    caller = caller_of(route, "demo-reviewer")
    answer = call(world, route, caller, version=version)
    assert (answer.status_code, answer.json()["code"]) == (422, "web.if_match_needed")


@pytest.mark.parametrize("route", [route for route in ALL if route.is_versioned], ids=str)
def test_a_change_of_what_changed_meanwhile_is_stale(world: World, route: Route) -> None:
    caller = caller_of(route, "demo-reviewer")
    answer = call(world, route, caller, version='"99"')
    assert answer.status_code == 412
    assert answer.json()["code"] in {"web.stale_version", "residence.stale"}
