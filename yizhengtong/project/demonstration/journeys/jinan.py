"""Jinan: the permit of residents of Hong Kong, Macao and Taiwan, and what stands beside it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from yizhengtong.kernel.numbers import DocumentKind, synthetic
from yizhengtong.project.demonstration.client import Client, Refused
from yizhengtong.project.demonstration.journeys.counter import Counter
from yizhengtong.project.demonstration.journeys.steps import PARTNER, RESIDENT, STAFF, Resident
from yizhengtong.project.demonstration.narration import cite
from yizhengtong.project.demonstration.officers import LIXIA, SHIZHONG
from yizhengtong.project.demonstration.people import Somebody, next_seed, somebody

_AT_SHIZHONG: dict[str, Any] = {"clerk": "demo-shizhong", "level": "demo-city"}


class Jinan(Counter):
    """Seven journeys of 国办发〔2018〕81号."""

    def tell_jinan(self) -> tuple[Resident, dict[str, Any]]:
        """Tell all of them. Returns the first holder and the permit of theirs that lives in the end."""
        holder, permit = self.first_issue()
        if self.platform is not None:
            self.be_told(holder)
            self.platform_listens()
            self.see_pushed(permit["id"], "hand_over")
        self.child()
        self.one_time_permit()
        self.not_a_chinese_citizen()
        self.refusal()
        moved = self.replacement(holder)
        reissued = self.reissue(holder, moved)
        if self.platform is not None:
            self.read_messages(holder, "approved", "posted")
            self.see_pushed(moved["id"], "replace")
            self.see_pushed(reissued["id"], "hand_over")
        return holder, reissued

    def first_issue(self) -> tuple[Resident, dict[str, Any]]:
        """A Hong Kong resident with half a year in Jinan and a lease applies, is granted a permit, and is checked."""
        self.tell.title("A Hong Kong resident of Jinan applies for a residence permit")
        holder = self.resident(somebody(self.today))
        self.declare_stay(holder, LIXIA, months=8)
        self._tell_item(holder, "hmt.first_issue")
        case = self.apply(holder, "hmt.first_issue", dwelling_proof="lease")
        self.book(holder, case)
        case = self.visit(case, with_photo_receipt=True)
        permit = self.decide_and_issue(case)
        self.hand_over(case)
        self.consent(holder, "check_bank", separate=("provision",), source="个人信息保护法 arts. 14, 23")
        self.check(holder, permit["number"], "S2-21; S1-014")
        return holder, permit

    def be_told(self, holder: Resident) -> None:
        """What the holder was told of their case, and a telephone for what comes later."""
        self.read_messages(holder, "accepted", "made_collect", source="行政许可法 art. 32; S1-044")
        self.confirm_telephone(holder, f"+852 5550 {next_seed() % 10_000:04}")
        self.consent(holder, "notifications", source="个人信息保护法 art. 14; S4-16")

    def child(self) -> dict[str, Any]:
        """A child under 16, for whom a guardian applies."""
        self.tell.title("A child under 16, through a guardian")
        parent = self.resident(somebody(self.today, region="MO", age=41))
        child = somebody(self.today, region="MO", age=9)
        ward = parent.client.post(f"{RESIDENT}/wards", {**child.form, "relation": "guardian"})
        self.tell.step("guardian", "registers the child", "国办发〔2018〕81号 art. 2; S2-10")
        self.declare_stay(parent, LIXIA, months=14, person_id=ward["id"])
        case = self.apply(
            parent,
            "hmt.first_issue",
            person_id=ward["id"],
            study_proof="student_card",
            guardian_identity="guardian_identity",
            guardianship="guardianship_proof",
        )
        self.book(parent, case)
        self.approve_minor(case)
        case = self.visit(case)
        permit = self.decide_and_issue(case)
        self.hand_over(case)
        return permit

    def approve_minor(self, case: dict[str, Any]) -> None:
        """Nobody opens the child's record before a supervisor says who may: asked by booking, and by an officer."""
        article = "未成年人网络保护条例 art. 36"
        try:
            self.officer("demo-clerk").get(f"{STAFF}/cases/{case['id']}")
        except Refused as refused:
            self.tell.step("clerk", f"cannot open the child's record: {refused.problem['code']}", article)
        asked = self.officer("demo-approver").post(
            f"{STAFF}/minor-approvals", {"about": case["id"], "reason": "casework", "words": "审批本案"}
        )
        self.tell.step("approver", "asks for an approval", article)
        supervisor = self.officer("demo-supervisor")
        waiting = supervisor.get(f"{STAFF}/minor-approvals")
        booked = next(each for each in reversed(waiting) if each["officer"] is None)
        self._grant(booked, officers=["demo-clerk", "demo-reviewer"])
        granted = self._grant(asked, officers=[])
        what = f"names clerk and reviewer for the visit, lets the approver open it until {granted['last_day']}"
        self.tell.step("supervisor", what, article)

    def _grant(self, asked: dict[str, Any], *, officers: list[str]) -> dict[str, Any]:
        payload = {"granted": True, "officers": officers, "words": "同意"}
        granted: dict[str, Any] = self.officer("demo-supervisor").post(
            f"{STAFF}/minor-approvals/{asked['id']}/decision", payload
        )
        return granted

    def one_time_permit(self) -> dict[str, Any]:
        """A Taiwan resident with a one-time travel permit is told so before booking (S1-038)."""
        self.tell.title("A Taiwan resident with a one-time travel permit, told before booking")
        who = somebody(self.today, region="TW")
        seed = next_seed()
        who = replace(who, kind=DocumentKind.MTP_TAIWAN_ONE_TIME, number=synthetic.one_time_mtp(seed))
        return self._looked_ahead(who)

    def not_a_chinese_citizen(self) -> dict[str, Any]:
        """A holder of the travel permit for non-Chinese permanent residents (81号 art. 19)."""
        self.tell.title("A holder of the 非中国籍 travel permit")
        who = somebody(self.today)
        number = synthetic.non_chinese_hrp(next_seed(), "HK")
        return self._looked_ahead(replace(who, kind=DocumentKind.HRP_NON_CHINESE, number=number))

    def _looked_ahead(self, who: Somebody) -> dict[str, Any]:
        resident = self.resident(who)
        self.declare_stay(resident, LIXIA, months=8)
        path = self.fill_in(resident, "hmt.first_issue", dwelling_proof="lease")
        looked: dict[str, Any] = resident.client.get(f"{path}/look-ahead")
        self.tell_unmet(looked["findings"])
        return looked

    def refusal(self) -> dict[str, Any]:
        """Two months of residence, an expired travel permit and no papers: everything in one dated notice."""
        self.tell.title("One who is refused: all reasons at once")
        who = replace(somebody(self.today), valid_until=self.today - timedelta(days=3))
        resident = self.resident(who)
        self.declare_stay(resident, LIXIA, months=2)
        case = self.apply(resident, "hmt.first_issue", claims=["dwelling"], travel_document="")
        case = self.visit(case, fingerprints=False)
        self.accept(case)
        return self.refuse(case)

    def replacement(self, holder: Resident) -> dict[str, Any]:
        """The holder moves to another district and replaces the permit; the old card is handed back."""
        self.tell.title("Replacement after moving to another district")
        self.end_stay(holder)
        case = self.apply(
            holder,
            "hmt.replacement",
            ground="moved",
            place=SHIZHONG,
            old_permit="old_permit",
            new_dwelling_proof="lease",
        )
        case = self.visit(case, clerk="demo-shizhong")
        permit = self.decide_and_issue(case, **_AT_SHIZHONG)
        self.hand_over(case, clerk="demo-shizhong", old_card_returned=True)
        return permit

    def reissue(self, holder: Resident, permit: dict[str, Any]) -> dict[str, Any]:
        """The card is lost: from then on it proves nothing; the reissue ends it."""
        self.tell.title("Reissue of a lost permit")
        lost = holder.client.post(f"{RESIDENT}/permits/{permit['id']}/loss")
        self.tell.step("holder", f"reports the loss: the permit is {lost['state']}", "国办发〔2018〕81号 art. 9")
        self.check(holder, permit["number"], "国办发〔2018〕81号 art. 9")
        case = self.apply(holder, "hmt.reissue", ground="lost", place=SHIZHONG, delivery="post")
        case = self.visit(case, clerk="demo-shizhong")
        reissued = self.decide_and_issue(case, **_AT_SHIZHONG)
        self.hand_over(case, clerk="demo-shizhong", tracking_number="EMS-DEMO-0001")
        self.check(holder, reissued["number"], "S2-21; S1-014")
        return reissued

    def check(self, holder: Resident, number: str, source: str) -> dict[str, Any]:
        """A bank checks the permit for its purpose."""
        client = Client(self.port, {"Authorization": f"Bearer {self.city.relying_party_key}"})
        payload = {
            "purpose": "bank",
            "number": number,
            "name": holder.somebody.name,
            "birth_date": holder.somebody.birth_date.isoformat(),
        }
        answer: dict[str, Any] = client.post(f"{PARTNER}/checks", payload)
        self.tell.step("bank", f"checks: match {answer['is_match']}, valid {answer['is_valid']}", source)
        return answer

    def _tell_item(self, resident: Resident, code: str) -> None:
        item = next(each for each in resident.client.get(f"{RESIDENT}/items") if each["code"] == code)
        self.tell.step(
            "resident",
            f"reads the guide: {item['title']}, {item['limit_n']} {item['limit_unit']}s, fee {item['fee_fen']}",
            f"{cite(item['limit_source'])}; {cite(item['fee_source'])}",
        )
