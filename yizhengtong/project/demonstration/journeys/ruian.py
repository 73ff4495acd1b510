"""Rui'an: registering as a duty, the card as a choice, its yearly endorsement (seed 003)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from yizhengtong.kernel.dates import add_months
from yizhengtong.project.demonstration.client import Client, sign_in, sign_up
from yizhengtong.project.demonstration.journeys.counter import Counter
from yizhengtong.project.demonstration.journeys.steps import RESIDENT, STAFF, Resident
from yizhengtong.project.demonstration.narration import cite
from yizhengtong.project.demonstration.officers import RUIAN
from yizhengtong.project.demonstration.people import newcomer

REPORTER = "/api/reporter"
LEVEL, CLERK = "demo-ruian", "demo-ruian-clerk"
ZJ = "浙江省流动人口居住登记条例"
HOME = "仙降街道演示路1号101室"
LONG_ENOUGH, TOO_SHORT = 200, 60
"""Days registered: half a year and more, and less."""

DAYS_LEFT, DAYS_LATE = 14, 6
"""Until, or since, the last day of the endorsed year. Holders are reminded when 14 days are left, among others."""


@dataclass(frozen=True, slots=True)
class Cardholder:
    """A resident with a card of Rui'an."""

    resident: Resident
    permit: dict[str, Any]


class Ruian(Counter):
    """A mainland resident from another county."""

    def tell_ruian(self) -> Cardholder:
        """Tell all of it. Returns the holder of an endorsed card."""
        landlord = self.landlord()
        holder = self.card(landlord)
        self.endorsed(holder)
        self.late(landlord)
        self.refused(landlord)
        return holder

    def landlord(self) -> Client:
        """A landlord becomes a reporter; a registrar of the county sees that it is one. Returns its client."""
        self.tell.title("Rui'an: a landlord reports who lives there, within three working days")
        username, password = f"demo-{secrets.token_hex(6)}", secrets.token_urlsafe(12)
        owner = newcomer(self.today, age=58)
        made = sign_up(self.port, username, password).post(
            f"{RESIDENT}/reporter",
            {"kind": "landlord", "name": owner.name, "code": owner.number, "contact": "0577-00000000", "region": RUIAN},
        )
        self.tell.step("landlord", f"registers to report; {made['state']}", f"{ZJ} art. 8")
        registrar, path = self.officer("demo-ruian-registrar"), f"{STAFF}/reporters/{made['id']}"
        registrar.get(path)
        seen = registrar.post(f"{path}/verification", {"is_verified": True}, version=registrar.etag)
        self.tell.step("registrar", f"looks at who it is: {seen['state']}", f"{ZJ} art. 8")
        return sign_in(self.port, username, password)

    def newcomer(self, landlord: Client) -> Resident:
        """Somebody of another county signs up, reads the duty, is reported, and has a voucher."""
        resident = self.resident(newcomer(self.today))
        duty = resident.client.get(f"{RESIDENT}/registration-duty", place=RUIAN)
        self.tell.step("resident", f"asks whether to register: {duty['words']}", cite(duty["source"]))
        arrived = self.today - timedelta(days=1)
        said = self.report_of(resident, arrived.isoformat())
        taken = landlord.post(f"{REPORTER}/reports", said)
        late = "late" if taken["is_late"] else "in time"
        what = f"reports a tenant since {arrived}, until {taken['due_on']}: {late}"
        self.tell.step("landlord", what, f"{ZJ} art. 8; S3-11")
        self._sees_report(resident)
        return resident

    def report_of(self, resident: Resident, day: str) -> dict[str, str]:
        """Return what a landlord says of a tenant."""
        who = resident.somebody
        return {
            "about": "start", "name": who.name, "number": who.number, "region": RUIAN, "address": HOME,
            "happened_on": day,
        }  # fmt: skip

    def _sees_report(self, resident: Resident) -> None:
        def matched() -> dict[str, Any] | None:
            reports = resident.client.get(f"{RESIDENT}/reports")
            return next((each for each in reports if each["state"] == "matched"), None)

        seen = self.wait_for("the report of the landlord", matched)
        voucher = resident.client.get(f"{RESIDENT}/vouchers")[0]
        what = f"sees who reported it ({seen['by_words']}): {seen['state_words']}; voucher {voucher['number']}"
        self.tell.step("resident", what, f"{ZJ} arts. 8, 14; S3-11")

    def card(self, landlord: Client) -> Cardholder:
        """Registered for half a year, one applies because one wants to: accepted, approved, made, collected."""
        resident = self.newcomer(landlord)
        self.tell.title("Rui'an: the card, applied for because one wants it")
        self._waits(resident, LONG_ENOUGH)
        permit = self.issued(resident)
        self.read_messages(resident, "accepted", "made_collect")
        self.see_pushed(permit["id"], "hand_over", "S3-32")
        card = resident.client.get(f"{RESIDENT}/permits/{permit['id']}/card-data")
        groups = ", ".join(f"{name} {len(card[name])} fields" for name in ("identity", "service", "bank_account"))
        self.tell.step("holder", f"sees what the chip holds: {groups}", "S3-05; S3-16; S3-18")
        return Cardholder(resident, permit)

    def _waits(self, resident: Resident, days: int) -> None:
        self.let_days_pass(resident, days)
        line = resident.client.get(f"{RESIDENT}/residence", place=RUIAN)
        what = f"sees what counts: {line['total']} registered days, enough on {line['met_on']}"
        self.tell.step("resident", what, f"S3-35; {ZJ} art. 16")

    def issued(self, resident: Resident) -> dict[str, Any]:
        """Take a first issue through the police station. Returns the permit."""
        case = self.apply(
            resident, "floating.first_issue", place=RUIAN, travel_document="", identity="identity_card",
            employment_proof="labour_contract",
        )  # fmt: skip
        case = self.visit(case, clerk=CLERK, fingerprints=False)
        permit = self.decide_and_issue(case, clerk=CLERK, level=LEVEL, saw=self._contract())
        self.hand_over(case, clerk=CLERK)
        return permit

    def _contract(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """What the reviewer sees in the labour contract: it began three months ago and runs for two years."""
        since = add_months(self.today, -3)
        return {
            "employment_proof": [
                {"kind": "labour_contract", "since": f"{since}", "until": f"{add_months(since, 24)}"},
            ]
        }

    def endorsed(self, holder: Cardholder) -> dict[str, Any]:
        """Endorsed in its window, the month before the full year."""
        self.tell.title("Rui'an: endorsed in the month before each full year")
        resident = holder.resident
        self.let_days_pass(resident, self._days_until_left(DAYS_LEFT))
        before = self.own_permit(resident, holder.permit["id"])
        self._tell_window(before)
        self.operator_sweeps()
        self.read_messages(resident, "endorsement", source="S3-26; 杭州市流动人口服务管理规定 art. 25")
        self.endorse(resident)
        after = self.own_permit(resident, holder.permit["id"])
        self.tell.step("holder", f"sees: endorsed until {after['endorsement']['endorsed_until']}", "S3-25")
        self.see_pushed(holder.permit["id"], "endorse", "S3-25")
        return after

    def _days_until_left(self, days: int) -> int:
        """Return after how many days a card issued today has so many left before its year is full."""
        full_year = self.today + timedelta(days=days + 1)
        return (self.today - add_months(full_year, -12)).days

    def endorse(self, resident: Resident) -> None:
        """Apply for the endorsement and have it granted."""
        case = self.apply(
            resident, "floating.endorsement", place=RUIAN, travel_document="", identity="identity_card",
            employment_proof="labour_contract",
        )  # fmt: skip
        self.decide_and_issue(case, clerk=CLERK, level=LEVEL, saw=self._contract())

    def late(self, landlord: Client) -> tuple[dict[str, Any], dict[str, Any]]:
        """Another holder forgets: suspended by the sweep, restored by the late endorsement. Returns both standings."""
        self.tell.title("Rui'an: one who is late with the endorsement")
        with self.tell.in_silence():
            resident = self.newcomer(landlord)
            self._waits(resident, LONG_ENOUGH)
            permit = self.issued(resident)
        self.tell.step("holder", f"has a card {permit['number']}, got in the same way", "S3-32")
        self.let_days_pass(resident, self._days_until_left(-DAYS_LATE))
        self.operator_sweeps()
        suspended = self.own_permit(resident, permit["id"])
        self._tell_standing(suspended)
        self.read_messages(resident, "suspended", source="国务院令第663号 art. 10")
        self.endorse(resident)
        restored = self.own_permit(resident, permit["id"])
        self._tell_standing(restored)
        self.read_messages(resident, "restored", source="国务院令第663号 art. 10")
        self.see_pushed(permit["id"], "restore", f"{ZJ} art. 19")
        return suspended, restored

    def operator_sweeps(self) -> None:
        """What the worker does after midnight."""
        said = self.beside.run("permits", "sweep").splitlines()[0]
        self.tell.step("operator", f"bin/yzt permits sweep: {said}", f"国务院令第663号 art. 10; {ZJ} art. 19")

    def refused(self, landlord: Client) -> dict[str, Any]:
        """Two months only, no papers, no photograph: every reason in one notice."""
        self.tell.title("Rui'an: one who is refused, all reasons at once")
        with self.tell.in_silence():
            resident = self.newcomer(landlord)
        self.let_days_pass(resident, TOO_SHORT)
        case = self.apply(resident, "floating.first_issue", place=RUIAN, claims=["employment"], travel_document="")
        case = self.visit(case, clerk=CLERK, photo=False)
        self.accept(case, clerk=CLERK)
        notice = self.refuse(case, level=LEVEL)
        self.read_messages(resident, "refused", source="行政许可法 art. 38; S4-17")
        return notice

    def own_permit(self, resident: Resident, permit_id: str) -> dict[str, Any]:
        """Return one of one's permits as the API shows it."""
        permits: list[dict[str, Any]] = resident.client.get(f"{RESIDENT}/permits")
        return next(each for each in permits if each["id"] == permit_id)

    def _tell_window(self, permit: dict[str, Any]) -> None:
        ends = permit["endorsement"]
        window = f"{ends['window_from']} to {ends['window_until']}"
        what = f"sees when to endorse: {window}, {ends['days_left']} days left"
        self.tell.step("holder", what, "S3-26")
        for each in permit["next"]:
            self.tell.line(
                f"→ {each['on']}: {each['words']}" + (f"  〔{cite(each['source'])}〕" if each["source"] else "")
            )

    def _tell_standing(self, permit: dict[str, Any]) -> None:
        ends = permit["endorsement"]
        what = f"the permit: {permit['state_words']}, endorsed until {ends['endorsed_until']}, years of residence"
        self.tell.step("holder", f"{what} {ends['years_of_residence']}", "D22; S3-25")
