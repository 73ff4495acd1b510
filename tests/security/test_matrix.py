"""Every address × every caller, against the policy that the address declares.

Routes and policies come from the route table: a new route is covered when it appears, and one with a policy that is
not told here fails. Whatever an outcome is, it is checked with rows that are really there; what somebody may not know
of answers as what does not exist.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from django.db import transaction

from tests.contract import conftest as contract
from tests.contract.routes import Route, routes
from tests.contract.test_access import (
    IN_STATE,
    NOBODYS,
    call,
    caller_of,
    ids_of,
    step_of,
    unknown,
    version_of,
    without_request_id,
)
from tests.contract.world import OFFICE, World, send
from tests.security.callers import CALLERS, Caller, credentials_of
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case

folder, made, world, _django_db_helper = contract.folder, contract.made, contract.world, contract._django_db_helper
pytestmark = pytest.mark.django_db
ALL = routes()
VERSIONED = [route for route in ALL if route.is_versioned]


class Outcome(NamedTuple):
    """The status and code of an answer; status 0: whatever is told to those who are let in."""

    status: int
    code: str = ""


IN = Outcome(0)
SIGN_IN, NOTHING = Outcome(401, "web.sign_in_first"), Outcome(404, "not_found")
SECOND_FACTOR, ROLE = Outcome(403, "accounts.second_factor_needed"), Outcome(403, "accounts.role_missing")
REGISTER = Outcome(403, "people.register_first")
REGISTER_OR_NOTHING = Outcome(0, "either: whichever is asked first, neither tells of the row")
PURPOSE = Outcome(403, "relying_parties.purpose_not_registered")
NOT_REGISTERED = Outcome(403, "webhooks.address_not_registered")
SANDBOX = Outcome(403, "presentations.sandbox_only")
NAMES_A_ROW = {"ApprovalIn", "AnsweringIn", "NewShareCodeIn"}
"""Bodies that name a row of somebody, as paths do elsewhere."""
KINDS = {"resident": "resident", "staff": "staff", "partner": "partner", "reporter": "reporter"}
OF_THE_COUNTY = ("/imports/", "/reporters/", "/residence-reports/")
"""What belongs to the county, which the case's own service point does not cover."""


def own_person(caller: Caller, _route: Route) -> Outcome:
    return IN if caller.is_registered else REGISTER


def own_or_ward(caller: Caller, route: Route) -> Outcome:
    """What a path or body names must be the caller's own or a ward's; else it is about oneself."""
    names_a_row = bool(route.parameters) or route.schema in NAMES_A_ROW
    if not caller.is_registered:
        return REGISTER_OR_NOTHING if names_a_row else REGISTER
    return IN if caller.owns or not names_a_row or str(route) in NOBODYS else NOTHING


def own_of_party(caller: Caller, route: Route) -> Outcome:
    """What a path or a body names must be the relying party's own."""
    if str(route) == "POST /api/partner/webhooks" and not caller.owns:
        return NOT_REGISTERED
    if route.path.endswith("/test-answer"):
        return SANDBOX
    names_a_row = route.parameters or str(route) == "POST /api/partner/subscriptions"
    return IN if caller.owns or not names_a_row else NOTHING


def own_organisation(caller: Caller, route: Route) -> Outcome:
    """An account that acts for an organisation, and what is that organisation's."""
    return IN if caller.is_organisation and (caller.owns or not route.parameters) else NOTHING


def covers(caller: Caller, route: Route) -> bool:
    is_of_county = any(part in route.path for part in OF_THE_COUNTY)
    return caller.area in {"parent", "top"} if is_of_county else caller.covers


def officer(*roles: Role) -> Callable[[Caller, Route], Outcome]:
    """An officer of the area with a second factor and one of the roles; any role when none is named."""

    def expected(caller: Caller, route: Route) -> Outcome:
        if route.method == "get" and "/imports/" in route.path and not caller.has_second_factor:
            return SECOND_FACTOR  # asked for before anything is looked up
        if (route.parameters or route.schema in NAMES_A_ROW) and not covers(caller, route):
            return NOTHING
        if not caller.has_second_factor:
            return SECOND_FACTOR
        return IN if not roles or caller.role in roles else ROLE

    return expected


def of_the_top(*roles: Role) -> Callable[[Caller, Route], Outcome]:
    """An officer with one of the roles whose office is the highest; the role is asked for first."""

    def expected(caller: Caller, _route: Route) -> Outcome:
        if not caller.has_second_factor:
            return SECOND_FACTOR
        if caller.role not in roles:
            return ROLE
        return IN if caller.area == "top" else NOTHING

    return expected


def registrar(caller: Caller, route: Route) -> Outcome:
    """Imports ask for the role before they look anything up: the answer is the same for what does not exist."""
    if (
        route.method == "get"
        and "/imports/" in route.path
        and caller.has_second_factor
        and caller.role != Role.REGISTRAR
    ):
        return ROLE
    return officer(Role.REGISTRAR)(caller, route)


def clerk_or_reviewer(caller: Caller, route: Route) -> Outcome:
    """Both judge; who asks for a supplement follows from the case's state, by the state table."""
    asks = {"received": (Role.CLERK,), "accepted": (Role.REVIEWER,)}[IN_STATE[step_of(route)]]
    return officer(*(asks if step_of(route) == "supplement-request" else (Role.CLERK, Role.REVIEWER)))(caller, route)


POLICIES: Mapping[str, Callable[[Caller, Route], Outcome]] = {
    "signed in": lambda _caller, _route: IN,
    "own account": lambda _caller, _route: IN,
    "own reporter": lambda caller, _route: NOTHING if caller.is_organisation else IN,
    "own organisation": own_organisation,
    **dict.fromkeys(
        (
            "own presentation",
            "own files",
            "own addresses",
            "own subscriptions",
            "own relying party",
            "a check of one's own that agreed",
        ),
        own_of_party,
    ),
    "own person": own_person,
    "own person or ward": own_or_ward,
    "officer of the area": officer(),
    "officer of the area who handles cases": officer(Role.CLERK, Role.REVIEWER, Role.APPROVER, Role.SUPERVISOR),
    "clerk of the area": officer(Role.CLERK),
    "clerk or reviewer": clerk_or_reviewer,
    "reviewer of the area": officer(Role.REVIEWER),
    "approver of the area": officer(Role.APPROVER),
    "clerk or approver of the area": officer(Role.CLERK, Role.APPROVER),
    "reviewer or approver of the area": officer(Role.REVIEWER, Role.APPROVER),
    "supervisor or administrator of the area": officer(Role.SUPERVISOR, Role.ADMINISTRATOR),
    "registrar of the area": registrar,
    "auditor of the area": officer(Role.AUDITOR),
    "supervisor of the area": officer(Role.SUPERVISOR),
    "administrator of the top office": of_the_top(Role.ADMINISTRATOR),
    "supervisor of the top office": of_the_top(Role.SUPERVISOR),
    "auditor or administrator of the top office": of_the_top(Role.AUDITOR, Role.ADMINISTRATOR),
    "purpose registered": lambda caller, _route: IN if caller.has_purpose else PURPOSE,
}
"""What each policy lets in, told apart from the code that lets in. A new policy is written down here first."""


def expected(route: Route, caller: Caller) -> Outcome:
    if caller.kind != KINDS[route.api] or not caller.is_let_in:
        return SIGN_IN
    return POLICIES[route.operation["x-policy"]](caller, route)


def agrees(came: Outcome, wanted: Outcome) -> bool:
    return came in {REGISTER, NOTHING} if wanted == REGISTER_OR_NOTHING else came == wanted


def ready(world: World, route: Route) -> None:
    """Put the case into the state in which the step is taken."""
    if route.api == "staff" and "case_id" in route.parameters and route.method != "get":
        Case.objects.filter(pk=parse_public_id("cas", world.ids["case_id"])).update(state=IN_STATE[step_of(route)])


ASKED_LATER = {"people.minor_needs_approval", "notifications.no_contact", "links.not_confirmed"}
"""What is asked, or told, of those whom the policy lets in, and tested where it is asked."""


def outcome(answer: Any) -> Outcome:
    if answer.status_code in {403, 404} and answer.json()["code"] in ASKED_LATER:
        return IN
    if answer.status_code in {401, 403, 404}:
        return Outcome(answer.status_code, answer.json()["code"])
    assert answer.status_code < 500 and answer.status_code != 412, answer.content  # noqa: PT018
    return IN


def own_version(route: Route, credentials: dict[str, str]) -> str:
    """Return the version that a caller reads of what is their own and has no id."""
    read = send("GET", route.path, headers=credentials) if route.is_versioned else {}
    return str(read.get("ETag", '"1"'))


@pytest.mark.parametrize("name", CALLERS)
def test_every_address_answers_a_caller_as_its_policy_says(world: World, settings: Any, name: str) -> None:
    settings.YZT_PRODUCTION = "production" in name
    caller, wrong = CALLERS[name], []
    versions = {
        str(route): version_of(world, route.at(ids_of(world, route)), caller_of(route, OFFICE)) for route in VERSIONED
    }
    credentials = credentials_of(name, world)
    for route in ALL:
        with transaction.atomic():
            ready(world, route)
            version = versions.get(str(route), '"1"') if route.parameters else own_version(route, credentials)
            answer = call(world, route, name, headers=credentials, version=version)
            transaction.set_rollback(True)
        if not agrees(outcome(answer), expected(route, caller)):
            wrong.append(f"{route}: {outcome(answer)}, not {expected(route, caller)}")
    assert not wrong, "\n".join(wrong)


HIDDEN = [name for name, caller in CALLERS.items() if caller.is_let_in and not caller.covers and not caller.owns]


@pytest.mark.parametrize("name", HIDDEN)
def test_what_a_caller_may_not_know_of_answers_as_what_does_not_exist(world: World, name: str) -> None:
    credentials, told = credentials_of(name, world), []
    for route in ALL:
        if expected(route, CALLERS[name]) != NOTHING:
            continue
        with transaction.atomic():
            ready(world, route)
            there = call(world, route, name, headers=credentials)
            nowhere = call(world, route, name, headers=credentials, ids=unknown(ids_of(world, route)))
            transaction.set_rollback(True)
        if without_request_id(there) != without_request_id(nowhere):
            told.append(str(route))
    assert not told


def test_every_address_declares_a_policy_that_is_told_here() -> None:
    assert {str(route) for route in ALL if route.operation.get("x-policy") not in POLICIES} == set()


def test_every_caller_is_let_in_somewhere_or_nowhere_as_it_says() -> None:
    """The matrix is no use where all is refused: whoever is let in at all reaches something."""
    reach = {name: sum(expected(route, caller) == IN for route in ALL) for name, caller in CALLERS.items()}
    shut_out = {name for name, count in reach.items() if not count}
    assert shut_out == {
        name
        for name, caller in CALLERS.items()
        if not caller.is_let_in or not caller.has_second_factor or name == "nobody"
    }
    assert sum(reach.values()) > 150
