"""What the journeys by clicks share: who signs in, what is typed at each place, the desks of the officers."""

from contextlib import ExitStack
from typing import Any

from playwright.sync_api import Browser

from tests.pages import steps
from tests.pages.browser import DESK, Visitor, visiting
from tests.pages.conftest import Town
from yizhengtong.kernel.dates import add_months
from yizhengtong.project.demonstration.client import Client
from yizhengtong.project.demonstration.journeys import RESIDENT, Journeys, Resident
from yizhengtong.project.demonstration.journeys.ruian import LONG_ENOUGH
from yizhengtong.project.demonstration.journeys.steps import answers_at
from yizhengtong.project.demonstration.officers import LIXIA, POINTS, RUIAN
from yizhengtong.project.demonstration.people import newcomer, next_seed, somebody

ADDRESS = "山东省济南市历下区演示路1号1单元101室"
HMT_ANSWERS: dict[str, dict[str, Any]] = {
    "facts": {},
    "address": {"residence_address": ADDRESS},
    "claims": {"made": ["dwelling"]},
    "phone": {"phone": "+852 5550 0100"},
    "point": {"service_point": POINTS[LIXIA]},
    "delivery": {"delivery": "collect"},
}
HMT_PAPERS = {"travel_document": "hrp", "dwelling_proof": "lease"}
ZHEJIANG_PAPERS = {"identity": "identity_card", "employment_proof": "labour_contract"}


class Desks:
    """The officers, each with a browser of their own that stays open from one journey to the next."""

    def __init__(self, town: Town, browser: Browser) -> None:
        self._town = town
        self._browser = browser
        self._open = ExitStack()
        self._seats: dict[str, Visitor] = {}

    def __getitem__(self, username: str) -> Visitor:
        if username not in self._seats:
            seat = visiting(self._browser, self._town.base, width=DESK, token=self._town.tokens[username])
            self._seats[username] = self._open.enter_context(seat)
        return self._seats[username]

    def of(self, level: str) -> tuple[Visitor, Visitor, Visitor]:
        """Return clerk, reviewer and approver of an office, by the beginning of their names."""
        clerk, reviewer, approver = (self[f"{level}-{role}"] for role in ("clerk", "reviewer", "approver"))
        return clerk, reviewer, approver

    def close(self) -> None:
        """Close every browser; fails for what went wrong unseen in one of them."""
        self._open.close()


def new_number() -> str:
    return f"+85255{next_seed() % 1_000_000:06}"


def token_of(resident: Resident) -> str:
    return resident.client.headers["X-Session-Token"]


def registered(town: Town, visitor: Visitor, **more: Any) -> None:
    """Sign in by a telephone, say who one is and that one has lived in Lixia for eight months."""
    today = town.journeys.today
    steps.sign_in_by_phone(visitor, town.journeys.beside, new_number())
    steps.register(visitor, somebody(today, **more))
    steps.register_stay(visitor, LIXIA, ADDRESS, add_months(today, -8))


def made_known(town: Town, visitor: Visitor) -> None:
    """Register who signed in here, and eight months in Lixia, through the API."""
    told = town.journeys
    session = next(each["value"] for each in visitor.context.cookies() if each["name"] == "sessionid")
    client, who = Client(told.port, {"X-Session-Token": session}), somebody(told.today)
    told.declare_stay(Resident(client, who, client.post(f"{RESIDENT}/person", who.form)), LIXIA, months=8)


def card_of_ruian(told: Journeys) -> tuple[Resident, dict[str, Any]]:
    """Return somebody with a card of Rui'an, got today through the API, and the card."""
    holder = told.resident(newcomer(told.today))
    told.declare_stay(holder, RUIAN)
    told.let_days_pass(holder, LONG_ENOUGH)
    return holder, told.issued(holder)


def answers_for(place: str, claims: list[str]) -> dict[str, dict[str, Any]]:
    """Return what is typed at each step that an item of a place may have."""
    return {
        **HMT_ANSWERS,
        "address": {"residence_address": answers_at(place)["residence_address"]},
        "claims": {"made": claims},
        "point": {"service_point": POINTS[place]},
    }


def accepted(clerk: Visitor, case: str) -> None:
    steps.take_step(clerk, case, "accept", opinion="材料已收")


def granted(reviewer: Visitor, approver: Visitor, case: str) -> None:
    """Two officers say yes: every line judged, reviewed, approved."""
    steps.judge_all(reviewer, case)
    steps.take_step(reviewer, case, "review", recommends="grant", opinion="同意")
    steps.take_step(approver, case, "approve", opinion="同意")


def handed_over(clerk: Visitor, case: str) -> None:
    """The card is made and handed over."""
    steps.take_step(clerk, case, "record_made")
    steps.take_step(clerk, case, "hand_over")
