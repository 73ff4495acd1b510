"""Qingyuan: mutual recognition of permits and of registrations within the province (seed 004)."""

from typing import Any

from yizhengtong.project.demonstration.client import Refused
from yizhengtong.project.demonstration.journeys.ruian import Cardholder, Ruian
from yizhengtong.project.demonstration.journeys.steps import RESIDENT, STAFF, Resident, answers_at
from yizhengtong.project.demonstration.narration import cite
from yizhengtong.project.demonstration.officers import QINGYUAN, RUIAN
from yizhengtong.project.demonstration.operating import load_register
from yizhengtong.project.demonstration.people import NANCHONG, newcomer

BY_PERMIT, BY_STAYS = "floating.conversion_permit", "floating.conversion_registrations"
QINGYUAN_LEVEL = "demo-qingyuan"
Q43, ZJ = "庆政办发〔2023〕43号", "浙江省流动人口居住登记条例"
FIRST_STAY, GAP, SECOND_STAY = 150, 12, 48
"""Days in Rui'an, days between, days in Qingyuan."""


class Qingyuan(Ruian):
    """Both types of mutual recognition, filled in online in four steps."""

    def tell_qingyuan(self, holder: Cardholder) -> None:
        """Tell both."""
        self.recognised(holder)
        self.added_up()

    def recognised(self, holder: Cardholder) -> dict[str, Any]:
        """Type 1: a card of Rui'an becomes an electronic permit of Qingyuan within seconds. Returns the case."""
        self.tell.title("Qingyuan, type 1: a card of Rui'an is recognised online")
        resident = holder.resident
        self.end_stay(resident, f"{ZJ} art. 13")
        self.declare_stay(resident, QINGYUAN)
        self.consent(resident, "notifications", source="个人信息保护法 art. 14; S4-16")
        self.registers_know(resident)
        path, application = self.four_steps(resident, BY_PERMIT, "existing_permit")
        self.needs_acknowledgement(resident, path, application)
        case = self.confirm(resident, path, application)
        self._tell_opinions(resident, case)
        new, old = self._both_permits(resident, case, holder)
        what = f"{new['kind']} {new['state_words']}; the old card: {old['state_words']} ({old['end_reason']})"
        self.tell.step("holder", what, f"{Q43} 附件1; S4-24")
        self.read_messages(resident, "converted", "cancelled")
        self.see_pushed(new["id"], "issued", f"{Q43} 二.2; S4-15")
        self.see_pushed(old["id"], "convert", "S4-24")
        self.both_ends(case)
        return case

    def registers_know(self, resident: Resident) -> None:
        """Other authorities' lists are loaded, so that nothing they can confirm is handed in."""
        number, on = resident.somebody.number, self.today
        lists: dict[str, dict[str, object]] = {
            "household_register": {"number": number, "region": NANCHONG, "address": "演示街9号", "has_died": "否"},
            "social_insurance": {"number": number, "months": 11, "until": on.isoformat()},
        }
        for kind, line in lists.items():
            said = load_register(self.beside, kind, line, on=on, register=f"demo-{kind.replace('_', '-')}")
            self.tell.step("operator", f"bin/yzt registers load: {said}", "国务院令第716号 art. 7")

    def four_steps(self, resident: Resident, item: str, chosen: str) -> tuple[str, dict[str, Any]]:
        """告知承诺—在线填表—上传材料, all but the last. Returns the application and its address."""
        client = resident.client
        application = client.post(f"{RESIDENT}/applications", {"item": item, "place": QINGYUAN})
        path = f"{RESIDENT}/applications/{application['id']}"
        promise = client.get(f"{path}/promise")
        application = client.post(f"{path}/promise", {"hash": promise["hash"]}, version=f'"{application["version"]}"')
        told = f"{len(promise['conditions'])} conditions, and what a false promise costs"
        self.tell.step("resident", f"① reads and promises: {told}", f"{Q43} 二.2; S4-11")
        answers = {**answers_at(QINGYUAN), "claims": ["employment"], "conversion_type": chosen, "declares_true": False}
        application = client.patch(path, answers, version=client.etag)
        self.tell.step("resident", "② fills in the form", f"{Q43} 附件1; S4-19…23")
        for each in client.post(f"{path}/confirmations", {}):
            self.tell.line(f"{each['kind']}: {each['words']}")
        self.tell.step("resident", "③ uploads nothing that a register confirms", "国务院令第716号 art. 7; S4-12")
        return path, client.get(path)

    def needs_acknowledgement(self, resident: Resident, path: str, application: dict[str, Any]) -> list[str]:
        """Without the tip acknowledged and the declaration nothing is taken. Returns the fields."""
        try:
            resident.client.post(f"{path}/submission", {}, version=f'"{application["version"]}"')
        except Refused as refused:
            errors = refused.problem["errors"]
            self.tell.step("resident", "submits too early; everything missing, at once:", f"{Q43} 附件1; S4-24; S4-25")
            for each in errors:
                self.tell.line(f"✗ {each['detail']}")
            return [each["field"] for each in errors]
        return []

    def confirm(self, resident: Resident, path: str, application: dict[str, Any]) -> dict[str, Any]:
        """确认提交. Returns the case as the answer gives it."""
        said = {"declares_true": True, "acknowledges_cancellation": True}
        version = f'"{application["version"]}"'
        case: dict[str, Any] = resident.client.post(f"{path}/submission", said, version=version)
        receipt = f"receipt {case['receipt_number']}, due {case['due_on']}"
        what = f"④ knows that earlier permits end, confirms: {case['state_words']}; {receipt}"
        self.tell.step("resident", what, f"{Q43} 二.2; S4-11; S4-14")
        return case

    def _tell_opinions(self, resident: Resident, case: dict[str, Any]) -> None:
        for each in resident.client.get(f"{RESIDENT}/cases/{case['id']}/opinions"):
            self.tell.step("rule", f"{each['action']}: {each['words']}", "S4-13; S4-26; D24")

    def _both_permits(
        self, resident: Resident, case: dict[str, Any], holder: Cardholder
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.own_permit(resident, case["permit_id"]), self.own_permit(resident, holder.permit["id"])

    def both_ends(self, case: dict[str, Any]) -> dict[str, Any]:
        """The two working days, measured at both ends: the decision, and the acknowledged push."""
        clock: dict[str, Any] = self.officer(f"{QINGYUAN_LEVEL}-reviewer").get(f"{STAFF}/cases/{case['id']}/clock")
        decided = f"decided in time: {clock['decided_in_time']}"
        pushed = f"acknowledged in time: {clock['pushed_in_time']}"
        self.tell.step("reviewer", f"sees both ends, due {clock['due_on']}: {decided}, {pushed}", "S4-14; S4-15")
        return clock

    def added_up(self) -> dict[str, Any]:
        """Type 2: registrations in two counties with a gap: no rule refuses it, an officer decides."""
        self.tell.title("Qingyuan, type 2: registrations in two counties, added up; a gap goes to an officer")
        resident = self.resident(newcomer(self.today))
        self.declare_stay(resident, RUIAN)
        self.let_days_pass(resident, FIRST_STAY)
        self.end_stay(resident, f"{ZJ} art. 13")
        self.let_days_pass(resident, GAP)
        self.declare_stay(resident, QINGYUAN)
        self.let_days_pass(resident, SECOND_STAY)
        self.registers_know(resident)
        path, application = self.four_steps(resident, BY_STAYS, "registrations")
        case = self.confirm(resident, path, application)
        self._left_to_officers(case)
        permit = self.decide(case, level=QINGYUAN_LEVEL)
        self.read_messages(resident, "accepted")
        self.see_pushed(permit["id"], "issued", "S4-15")
        done: dict[str, Any] = resident.client.get(f"{RESIDENT}/cases/{case['id']}")
        return done

    def _left_to_officers(self, case: dict[str, Any]) -> None:
        seen = self.officer(f"{QINGYUAN_LEVEL}-reviewer").get(f"{STAFF}/cases/{case['id']}")
        for why in seen["automatic_declined_because"]:
            self.tell.step("rule", f"left to officers, never refused: {why}", "个人信息保护法 art. 24; D6")
        for finding in seen["findings"]:
            if finding["met"] is None:
                self.tell.line(f"? {finding['detail']}  〔{cite(finding['source'])}〕")
