"""The main job and what stands beside it, through the public API: what `make up` shows and tests/journeys assert."""

import secrets
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from yizhengtong.kernel.dates import add_months
from yizhengtong.kernel.numbers import DocumentKind, synthetic
from yizhengtong.project.demonstration.city import PASSWORD, TOTP_SECRET, Demonstration
from yizhengtong.project.demonstration.client import Client, Refused, sign_in_officer, sign_up
from yizhengtong.project.demonstration.narration import Narrator, cite
from yizhengtong.project.demonstration.people import Somebody, next_seed, paper_jpeg, photo_jpeg, somebody

RESIDENT, STAFF, PARTNER = "/api/resident", "/api/staff", "/api/partner"
LIXIA, SHIZHONG = "370102", "370103"
POINTS = {LIXIA: "370100-01", SHIZHONG: "370100-02"}


@dataclass(frozen=True, slots=True)
class Resident:
    """A signed-in resident of a journey."""

    client: Client
    somebody: Somebody
    person: dict[str, Any]


class Journeys:
    """All journeys against one running server. Each returns what it ended with, for tests to look at."""

    def __init__(self, *, port: int, city: Demonstration, today: date, narrator: Narrator) -> None:
        self.port = port
        self.city = city
        self.today = today
        self.tell = narrator
        self._officers: dict[str, Client] = {}

    def run(self) -> None:
        """Tell all of them."""
        holder, _ = self.first_issue()
        self.child()
        self.one_time_permit()
        self.not_a_chinese_citizen()
        self.refusal()
        moved = self.replacement(holder)
        self.reissue(holder, moved)

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
        self.consent(holder)
        self.check(holder, permit["number"], "S2-21; S1-014")
        return holder, permit

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

    def consent(self, holder: Resident) -> None:
        """The holder agrees that banks check the permit: without it they learn nothing."""
        payload = {"use": "check_bank", "answer": "given", "separate": ["provision"]}
        use = holder.client.post(f"{RESIDENT}/my/consents", payload)
        self.tell.step("holder", f"agrees: {use['title']}", "个人信息保护法 arts. 14, 23")

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
        self._tell_unmet(looked["findings"])
        return looked

    def refusal(self) -> dict[str, Any]:
        """Two months of residence, an expired travel permit and no papers: everything in one dated notice."""
        self.tell.title("One who is refused: all reasons at once")
        who = replace(somebody(self.today), valid_until=self.today - timedelta(days=3))
        resident = self.resident(who)
        self.declare_stay(resident, LIXIA, months=2)
        case = self.apply(resident, "hmt.first_issue", claims=["dwelling"], travel_document="")
        case = self.visit(case, fingerprints=False)
        accepted = self.accept(case)
        lines = self.officer("demo-reviewer").get(f"{STAFF}/cases/{case['id']}/checklist")
        self.judge(case["id"], lines)
        self.review(case["id"], "refuse")
        approver = self.officer("demo-approver")
        approver.get(f"{STAFF}/cases/{case['id']}")
        notice: dict[str, Any] = approver.post(
            f"{STAFF}/cases/{case['id']}/refusal", {"words": "条件不符"}, version=approver.etag
        )
        self.tell.step("approver", f"refuses case {accepted['receipt_number']}: {notice['title']}", "S3-33; S4-17")
        self._tell_unmet(notice["findings"])
        for remedy in notice["remedies"]:
            self.tell.line(remedy)
        return notice

    def replacement(self, holder: Resident) -> dict[str, Any]:
        """The holder moves to another district and replaces the permit; the old card is handed back."""
        self.tell.title("Replacement after moving to another district")
        stay = holder.client.get(f"{RESIDENT}/stays")[0]
        holder.client.post(
            f"{RESIDENT}/stays/{stay['id']}/end", {"until": self.today.isoformat()}, version=f'"{stay["version"]}"'
        )
        case = self.apply(
            holder,
            "hmt.replacement",
            ground="moved",
            place=SHIZHONG,
            old_permit="old_permit",
            new_dwelling_proof="lease",
        )
        case = self.visit(case, clerk="demo-shizhong")
        permit = self.decide_and_issue(case, clerk="demo-shizhong", level="demo-city")
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
        reissued = self.decide_and_issue(case, clerk="demo-shizhong", level="demo-city")
        self.hand_over(case, clerk="demo-shizhong", tracking_number="EMS-DEMO-0001")
        self.check(holder, reissued["number"], "S2-21; S1-014")
        return reissued

    def resident(self, who: Somebody) -> Resident:
        """Sign up and say who one is."""
        client = sign_up(self.port, f"demo-{secrets.token_hex(6)}", secrets.token_urlsafe(12))
        person = client.post(f"{RESIDENT}/person", who.form)
        self.tell.step("resident", "signs up and registers the travel permit", "国办发〔2018〕81号 art. 8; S2-16")
        return Resident(client, who, person)

    def declare_stay(self, resident: Resident, region: str, *, months: int, person_id: str = "") -> None:
        """Declare a stay that began some months ago and goes on."""
        query = f"?person_id={person_id}" if person_id else ""
        start = add_months(self.today, -months)
        resident.client.post(
            f"{RESIDENT}/stays{query}",
            {"region": region, "address": "演示路1号1单元101室", "start": start.isoformat()},
        )
        self.tell.step("resident", f"declares residence in {region} since {start}", "国办发〔2018〕81号 art. 2; S2-08")

    def apply(self, resident: Resident, item: str, **filled: Any) -> dict[str, Any]:
        """Fill in, look ahead and submit. Returns the case."""
        path = self.fill_in(resident, item, **filled)
        findings = resident.client.get(f"{path}/look-ahead")["findings"]
        met = sum(finding["met"] is True for finding in findings)
        self.tell.step("resident", f"looks ahead: {met} of {len(findings)} conditions and papers met", "S0-T04; S4-17")
        application = resident.client.get(path)
        case: dict[str, Any] = resident.client.post(f"{path}/submission", version=f'"{application["version"]}"')
        self.tell.step("resident", f"submits; the case is with service point {case['service_point']}", "S2-14; S1-036")
        return case

    def fill_in(
        self,
        resident: Resident,
        item: str,
        *,
        ground: str = "",
        place: str = LIXIA,
        person_id: str = "",
        claims: list[str] | None = None,
        delivery: str = "collect",
        travel_document: str = "hrp",
        **papers: str,
    ) -> str:
        """Open a draft, answer everything, hand in papers (document code = kind). Returns the application's address."""
        draft = {"item": item, "place": place, "ground": ground, "person_id": person_id or None}
        application = resident.client.post(f"{RESIDENT}/applications", draft)
        path = f"{RESIDENT}/applications/{application['id']}"
        answers = {
            "residence_address": "山东省济南市演示路1号1单元101室",
            "phone": "+852 5550 0100",
            "delivery": delivery,
            "delivery_address": "山东省济南市演示路1号",
            "service_point": POINTS[place],
            "declares_own_will": True,
            "declares_true": True,
            "claims": claims or [code.removesuffix("_proof") for code in papers if code in _CLAIM_PAPERS],
        }
        resident.client.patch(path, answers, version=resident.client.etag)
        given = {"travel_document": travel_document, **papers} if travel_document else papers
        for document_code, kind in given.items():
            resident.client.upload(f"{path}/evidence", paper_jpeg(kind), document_code=document_code, kind=kind)
        self.tell.step("resident", f"fills in {item}, hands in {len(given)} papers", "国办发〔2018〕81号 art. 8; S2-17")
        return path

    def book(self, resident: Resident, case: dict[str, Any]) -> dict[str, Any]:
        """Book the first free time of the next days."""
        for days in range(1, 30):
            times = resident.client.get(f"{RESIDENT}/cases/{case['id']}/times", day=self.today + timedelta(days=days))
            if times:
                break
        booked: dict[str, Any] = resident.client.post(
            f"{RESIDENT}/cases/{case['id']}/appointment", {"starts_at": times[0]}
        )
        self.tell.step("resident", f"books {booked['starts_at']}, free of charge", "S1-035")
        return booked

    def visit(
        self,
        case: dict[str, Any],
        *,
        clerk: str = "demo-clerk",
        with_photo_receipt: bool = False,
        fingerprints: bool = True,
    ) -> dict[str, Any]:
        """At the counter: visitor, photo, fingerprints, printed form, signature. Returns the case."""
        client, path = self.officer(clerk), f"{STAFF}/cases/{case['id']}"
        arrived = client.post(f"{path}/visitor")
        ticket = f", ticket {arrived['ticket_number']}" if arrived["ticket_number"] else ""
        self.tell.step("clerk", f"receives the visitor{ticket}", "S1-035")
        if with_photo_receipt:
            client.post(f"{path}/photo-receipt", {"receipt": self.city.photo_receipt})
            self.tell.step("clerk", "looks up the receipt of the digital-photo test", "S1-039")
        client.upload(f"{path}/captures", photo_jpeg(), kind="photo")
        if fingerprints:
            client.upload(f"{path}/captures", paper_jpeg("fingerprints"), kind="fingerprints")
        self.tell.step("clerk", "captures photograph" + (" and fingerprints" if fingerprints else ""), "S2-18")
        client.post(f"{path}/form")
        captured: dict[str, Any] = client.upload(f"{path}/captures", paper_jpeg("signed"), kind="signed_form")
        self.tell.step("clerk", "prints the form; the applicant checks and signs it", "S2-15; S1-041; S1-042")
        return captured

    def accept(self, case: dict[str, Any], *, clerk: str = "demo-clerk") -> dict[str, Any]:
        """Accept: receipt and clock."""
        client = self.officer(clerk)
        accepted: dict[str, Any] = client.post(
            f"{STAFF}/cases/{case['id']}/acceptance", {"words": "材料已收"}, version=f'"{case["version"]}"'
        )
        provisional = ", provisional" if accepted["is_due_provisional"] else ""
        self.tell.step(
            "clerk",
            f"accepts: receipt {accepted['receipt_number']}, due {accepted['due_on']}{provisional}",
            "S2-13; 国办发〔2018〕81号 art. 10",
        )
        return accepted

    def judge(self, case_id: str, lines: list[dict[str, Any]], *, reviewer: str = "demo-reviewer") -> None:
        """Judge every line as the rules find it; what they leave open is seen as met."""
        client = self.officer(reviewer)
        client.get(f"{STAFF}/cases/{case_id}")
        words = [{"target": line["target"], "code": line["code"], "met": line["found"] is not False} for line in lines]
        client.post(f"{STAFF}/cases/{case_id}/judgement", {"words": words}, version=client.etag)
        self.tell.step("reviewer", f"judges {len(words)} conditions and papers", "S4-17")

    def review(self, case_id: str, recommends: str, *, reviewer: str = "demo-reviewer") -> None:
        """The second opinion."""
        client = self.officer(reviewer)
        client.get(f"{STAFF}/cases/{case_id}")
        client.post(
            f"{STAFF}/cases/{case_id}/review", {"recommends": recommends, "words": "已审核"}, version=client.etag
        )
        self.tell.step("reviewer", f"recommends to {recommends}", "S4-26")

    def decide_and_issue(self, case: dict[str, Any], *, clerk: str = "demo-clerk", level: str = "") -> dict[str, Any]:
        """Accept, judge, review, approve. Returns the permit."""
        self.accept(case, clerk=clerk)
        reviewer, approver = (f"{level}-reviewer", f"{level}-approver") if level else ("demo-reviewer", "demo-approver")
        lines = self.officer(reviewer).get(f"{STAFF}/cases/{case['id']}/checklist")
        self.judge(case["id"], lines, reviewer=reviewer)
        self.review(case["id"], "grant", reviewer=reviewer)
        client = self.officer(approver)
        client.get(f"{STAFF}/cases/{case['id']}")
        permit: dict[str, Any] = client.post(
            f"{STAFF}/cases/{case['id']}/approval", {"words": "同意"}, version=client.etag
        )
        self.tell.step(
            "approver",
            f"grants permit {permit['number']}, until {permit['last_valid_day']}, signed {permit['authority']}",
            "S2-11; S2-12; S4-26",
        )
        return permit

    def hand_over(
        self,
        case: dict[str, Any],
        *,
        clerk: str = "demo-clerk",
        tracking_number: str = "",
        old_card_returned: bool = False,
    ) -> dict[str, Any]:
        """The card is made and handed over."""
        client, path = self.officer(clerk), f"{STAFF}/cases/{case['id']}"
        client.get(path)
        client.post(f"{path}/card", version=client.etag)
        payload = {"tracking_number": tracking_number, "old_card_returned": old_card_returned}
        done: dict[str, Any] = client.post(f"{path}/hand-over", payload, version=client.etag)
        how = "posts the card" if tracking_number else "hands the card over"
        self.tell.step("clerk", f"{how}, no fee; the case is {done['state']}", "S1-045; S2-19")
        return done

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

    def officer(self, username: str) -> Client:
        """Return an officer's client, signed in with a second factor once."""
        if username not in self._officers:
            self._officers[username] = sign_in_officer(self.port, username, PASSWORD, TOTP_SECRET)
        return self._officers[username]

    def _tell_item(self, resident: Resident, code: str) -> None:
        item = next(each for each in resident.client.get(f"{RESIDENT}/items") if each["code"] == code)
        self.tell.step(
            "resident",
            f"reads the guide: {item['title']}, {item['limit_n']} {item['limit_unit']}s, fee {item['fee_fen']}",
            f"{cite(item['limit_source'])}; {cite(item['fee_source'])}",
        )

    def _tell_unmet(self, findings: list[dict[str, Any]]) -> None:
        for finding in findings:
            if finding["met"] is False:
                when = f" → {finding['met_on']}" if finding["met_on"] else ""
                self.tell.line(f"✗ {finding['detail']}{when}  〔{cite(finding['source'])}〕")
                self.tell.line(f"  {finding['fix']}")


_CLAIM_PAPERS = frozenset({"employment_proof", "dwelling_proof", "study_proof"})
