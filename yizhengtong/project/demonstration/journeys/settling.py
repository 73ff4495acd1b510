"""Settling on the mainland as a Taiwan resident, at the exit–entry office (seed 000)."""

from typing import Any

from yizhengtong.project.demonstration.client import Refused
from yizhengtong.project.demonstration.journeys.counter import Counter
from yizhengtong.project.demonstration.journeys.steps import RESIDENT, STAFF, Resident, answers_at
from yizhengtong.project.demonstration.narration import cite
from yizhengtong.project.demonstration.officers import EXIT_ENTRY, LIXIA
from yizhengtong.project.demonstration.people import somebody

ITEM = "settlement.approval"
EE_LEVEL, EE_CLERK, POLICE_CLERK = "demo-ee", "demo-ee-clerk", "demo-clerk"
PAPERS: dict[str, Any] = {
    "application_form": "settlement_form",
    "photos": "identity_photo",
    "taiwan_identity_card": "taiwan_identity_card",
    "kinship_proof": "kinship_proof",
    "relative_household": "relative_household",
    "support_undertaking": "support_undertaking",
}


class Settling(Counter):
    """From the notice that is read first to the household register."""

    def tell_settling(self) -> dict[str, Any]:
        """Tell all of it. Returns what the household register wrote."""
        self.tell.title("A Taiwan resident settles in Jinan: the exit–entry office, then the household register")
        resident = self.resident(somebody(self.today, region="TW", age=52), subject="settlement")
        path = self.fill_in(resident, ITEM, ground="lineal_kin", place=LIXIA, travel_document="mtp_five_year", **PAPERS)
        self.read_notice(resident, path)
        self.not_at_the_police(resident, path)
        case = self._submitted(resident, path)
        permit = self.decide_and_issue(case, clerk=EE_CLERK, level=EE_LEVEL)
        self.hand_over(case, clerk=EE_CLERK)
        settled = resident.client.get(f"{RESIDENT}/cases/{case['id']}/settlement")
        notice = settled["notice"]["number"]
        what = f"holds approval notice {notice} and settlement permit {permit['number']}"
        self.tell.step("resident", what, "S0-T24; S0-T25; S0-T26")
        self.read_messages(resident, "accepted_undated", "made_collect", source="S0-T24")
        registered = self.at_the_household_register(notice, permit["number"])
        self.read_messages(resident, "identity_card", source="居民身份证法; S0-T30")
        return registered

    def read_notice(self, resident: Resident, path: str) -> None:
        """A neutral notice, read and confirmed: nobody has to settle."""
        notice = resident.client.get(f"{path}/settlement-notice")
        self.tell.step("resident", "reads before applying:", "S0-T03; S0-T33…39")
        for point in notice["points"]:
            self.tell.line(f"• {point['words']}")
        resident.client.get(path)
        resident.client.post(f"{path}/settlement-confirmation", {"hash": notice["hash"]}, version=resident.client.etag)
        self.tell.step("resident", "confirms: of one's own will", "S0-T03; S0-T33")

    def not_at_the_police(self, resident: Resident, path: str) -> str:
        """A police station does not take it in. Returns the code."""
        client = resident.client
        client.patch(path, {"service_point": answers_at(LIXIA)["service_point"]}, version=client.etag)
        code = ""
        try:
            client.post(f"{path}/submission", {}, version=client.etag)
        except Refused as refused:
            code = str(refused.problem["code"])
            self.tell.step("resident", f"chose a police station: {refused.problem['detail']}", "S0-T14; S0-T18")
        client.get(path)
        client.patch(path, {"service_point": EXIT_ENTRY}, version=client.etag)
        return code

    def _submitted(self, resident: Resident, path: str) -> dict[str, Any]:
        client = resident.client
        client.get(path)
        case: dict[str, Any] = client.post(f"{path}/submission", {}, version=client.etag)
        self.tell.step("resident", f"submits to the exit–entry office {case['service_point']}", "S0-T18; S0-T19…23")
        return case

    def at_the_household_register(self, notice: str, permit: str) -> dict[str, Any]:
        """Both papers are needed; the one that is missing is named. Returns the registration."""
        police = self.officer(POLICE_CLERK)
        for shown in ({"settlement_permit_number": permit}, {"approval_notice_number": notice}):
            checked = police.post(f"{STAFF}/household/papers-checks", shown)
            missing = "; ".join(each["words"] for each in checked["missing"])
            self.tell.step("household", f"one paper is shown: {missing}", cite(checked["source"]) + "; S0-T31")
        both = {"approval_notice_number": notice, "settlement_permit_number": permit}
        registered: dict[str, Any] = police.post(f"{STAFF}/household/registrations", both)
        self.tell.step("household", f"registers the household on {registered['registered_on']}", "S0-T31")
        for each in registered["next"]:
            self.tell.line(f"→ {each['words']}  〔{cite(each['source'])}〕")
        return registered
