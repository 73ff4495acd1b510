"""A served platform on which people already live, and a browser to look at it with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser

from tests.pages.browser import started
from tests.pages.checking import Checked, live_through_checks
from tests.support.serving import Running
from yizhengtong.project.demonstration.journeys import LIXIA, RESIDENT, Journeys, Resident
from yizhengtong.project.demonstration.officers import OFFICERS
from yizhengtong.project.demonstration.people import somebody


class Tokens(dict[str, str]):
    """Sessions by name. An officer signs in when first asked for: passwords and second factors take their time."""

    def __init__(self, journeys: Journeys, residents: Mapping[str, str]) -> None:
        super().__init__(residents)
        self._journeys = journeys

    def __missing__(self, name: str) -> str:
        if name not in {officer.username for officer in OFFICERS}:
            raise KeyError(name)
        token = self[name] = _token(self._journeys.officer(name).headers)
        return token

    def of(self, who: str) -> str:
        """Return somebody's session; of nobody, none."""
        return "" if who == "nobody" else self[who]


@dataclass(slots=True)
class Town:
    """A platform that runs, and somebody of each kind with something of their own. `tokens`: sessions by name."""

    base: str
    journeys: Journeys = field(repr=False)
    tokens: Tokens = field(repr=False)
    holder: Resident = field(repr=False)
    newcomer: Resident = field(repr=False)
    checked: Checked = field(repr=False)


@pytest.fixture(scope="session")
def town(server: Running) -> Town:
    """The platform with its people, made once for all tests of a browser."""
    return make_town(server)


def make_town(server: Running) -> Town:
    """Return a holder with a checked permit, a draft, a child whose case waits; a newcomer; officers with work."""
    journeys = server.journeys
    holder, permit = journeys.first_issue()
    holder.client.post(f"{RESIDENT}/applications", {"item": "hmt.replacement", "place": LIXIA, "ground": "damaged"})
    child = somebody(journeys.today, age=9)
    ward = holder.client.post(f"{RESIDENT}/wards", {**child.form, "relation": "guardian"})
    journeys.declare_stay(holder, LIXIA, months=14, person_id=ward["id"])
    case = journeys.apply(holder, "hmt.first_issue", person_id=ward["id"], study_proof="student_card")
    journeys.book(holder, case)
    for is_accepted in (False, True):  # somebody for the clerk's queue, somebody for the reviewer's
        applicant = journeys.resident(somebody(journeys.today))
        journeys.declare_stay(applicant, LIXIA, months=8)
        applied = journeys.apply(applicant, "hmt.first_issue", dwelling_proof="lease")
        journeys.book(applicant, applied)
        if is_accepted:
            journeys.accept(journeys.visit(applied))
    newcomer = journeys.resident(somebody(journeys.today, region="TW"))
    checked = live_through_checks(journeys, holder, permit)
    clients = {
        "holder": holder.client, "newcomer": newcomer.client,
        "customer": checked.customer.client, "shop": checked.shop.member,
    }  # fmt: skip
    residents = {name: _token(client.headers) for name, client in clients.items()}
    return Town(f"http://127.0.0.1:{server.port}", journeys, Tokens(journeys, residents), holder, newcomer, checked)


def _token(headers: dict[str, str]) -> str:
    return headers["X-Session-Token"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a file; it is closed before tests that talk to the database themselves."""
    with started() as browser:
        yield browser
