"""What officers do with a case in a journey: receive, accept, judge, review, decide, hand over."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from yizhengtong.project.demonstration.journeys.rests import rests_of
from yizhengtong.project.demonstration.journeys.steps import RESIDENT, STAFF, Resident, Steps
from yizhengtong.project.demonstration.people import paper_jpeg, photo_jpeg

_NO_LAST_DAY = "9999-12-31"


class Counter(Steps):
    """The steps at the counter and behind it. `level`: beginning of the names of reviewer and approver."""

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
        photo: bool = True,
    ) -> dict[str, Any]:
        """At the counter: visitor, photo, fingerprints, printed form, signature. Returns the case."""
        client, path, rests = self.officer(clerk), f"{STAFF}/cases/{case['id']}", rests_of(case["item"])
        arrived = client.post(f"{path}/visitor")
        ticket = f", ticket {arrived['ticket_number']}" if arrived["ticket_number"] else ""
        self.tell.step("clerk", f"receives the visitor{ticket}", rests.visit)
        if with_photo_receipt:
            client.post(f"{path}/photo-receipt", {"receipt": self.city.photo_receipt})
            self.tell.step("clerk", "looks up the receipt of the digital-photo test", "S1-039")
        if photo:
            client.upload(f"{path}/captures", photo_jpeg(), kind="photo")
            if fingerprints:
                client.upload(f"{path}/captures", paper_jpeg("fingerprints"), kind="fingerprints")
            what = "captures photograph" + (" and fingerprints" if fingerprints else "")
            self.tell.step("clerk", what, rests.photo)
        client.post(f"{path}/form")
        captured: dict[str, Any] = client.upload(f"{path}/captures", paper_jpeg("signed"), kind="signed_form")
        self.tell.step("clerk", "prints the form; the applicant checks and signs it", rests.form)
        return captured

    def accept(self, case: dict[str, Any], *, clerk: str = "demo-clerk") -> dict[str, Any]:
        """Accept: receipt and clock."""
        accepted: dict[str, Any] = self.officer(clerk).post(
            f"{STAFF}/cases/{case['id']}/acceptance", {"words": "材料已收"}, version=f'"{case["version"]}"'
        )
        provisional = ", provisional" if accepted["is_due_provisional"] else ""
        due = f", due {accepted['due_on']}{provisional}" if accepted["due_on"] else ""
        what = f"accepts on the spot: receipt {accepted['receipt_number']}{due}"
        self.tell.step("clerk", what, rests_of(case["item"]).accept)
        return accepted

    def judge(
        self,
        case: dict[str, Any],
        *,
        reviewer: str = "demo-reviewer",
        saw: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> None:
        """Judge every line as the rules find it; what they leave open is seen as met.

        `saw`: what the papers of a document show, by its code.
        """
        client, path = self.officer(reviewer), f"{STAFF}/cases/{case['id']}"
        lines = client.get(f"{path}/checklist")
        client.get(path)
        words = [{"target": line["target"], "code": line["code"], "met": line["found"] is not False} for line in lines]
        for word in words:
            if word["target"] == "document" and word["code"] in (saw or {}):
                word["details"] = list((saw or {})[word["code"]])
        client.post(f"{path}/judgement", {"words": words}, version=client.etag)
        self.tell.step("reviewer", f"judges {len(words)} conditions and papers", rests_of(case["item"]).judge)

    def review(self, case: dict[str, Any], recommends: str, *, reviewer: str = "demo-reviewer") -> None:
        """The second opinion."""
        client, path = self.officer(reviewer), f"{STAFF}/cases/{case['id']}"
        client.get(path)
        client.post(f"{path}/review", {"recommends": recommends, "words": "已审核"}, version=client.etag)
        self.tell.step("reviewer", f"recommends to {recommends}", rests_of(case["item"]).review)

    def decide_and_issue(
        self,
        case: dict[str, Any],
        *,
        clerk: str = "demo-clerk",
        level: str = "demo",
        saw: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> dict[str, Any]:
        """Accept, judge, review, approve. Returns the permit."""
        self.accept(case, clerk=clerk)
        return self.decide(case, level=level, saw=saw)

    def decide(
        self,
        case: dict[str, Any],
        *,
        level: str = "demo",
        saw: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> dict[str, Any]:
        """Judge, review and approve an accepted case. Returns the permit."""
        reviewer = f"{level}-reviewer"
        self.judge(case, reviewer=reviewer, saw=saw)
        self.review(case, "grant", reviewer=reviewer)
        client, path = self.officer(f"{level}-approver"), f"{STAFF}/cases/{case['id']}"
        client.get(path)
        permit: dict[str, Any] = client.post(f"{path}/approval", {"words": "同意"}, version=client.etag)
        self.tell.step("approver", _granted(case, permit), rests_of(case["item"]).approve)
        return permit

    def refuse(self, case: dict[str, Any], *, level: str = "demo") -> dict[str, Any]:
        """Judge, review and refuse an accepted case, with every reason in one notice."""
        reviewer = f"{level}-reviewer"
        self.judge(case, reviewer=reviewer)
        self.review(case, "refuse", reviewer=reviewer)
        client, path = self.officer(f"{level}-approver"), f"{STAFF}/cases/{case['id']}"
        client.get(path)
        notice: dict[str, Any] = client.post(f"{path}/refusal", {"words": "条件不符"}, version=client.etag)
        self.tell.step("approver", f"refuses, all reasons at once: {notice['title']}", "S3-33; S4-17")
        self.tell_unmet(notice["findings"])
        for remedy in notice["remedies"]:
            self.tell.line(remedy)
        return notice

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
        fee = "" if case["item"].startswith("settlement.") else ", no fee"
        what = f"{how}{fee}; the case is {done['state']}"
        self.tell.step("clerk", what, rests_of(case["item"]).hand_over)
        return done


def _granted(case: dict[str, Any], permit: dict[str, Any]) -> str:
    if case["item"].endswith(".endorsement"):
        return f"endorses permit {permit['number']} for the year"
    last = permit["last_valid_day"]
    until = "without a last day" if last == _NO_LAST_DAY else f"until {last}"
    return f"grants permit {permit['number']}, {until}, signed {permit['authority']}"
