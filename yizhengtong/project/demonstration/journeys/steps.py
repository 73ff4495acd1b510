"""What everybody does in a journey: sign up, register, fill in, submit, read messages."""

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from yizhengtong.kernel.dates import add_months
from yizhengtong.project.demonstration.city import PASSWORD, TOTP_SECRET, Demonstration
from yizhengtong.project.demonstration.client import Client, sign_in_officer, sign_up
from yizhengtong.project.demonstration.journeys.rests import RESTS, rests_of
from yizhengtong.project.demonstration.narration import Narrator, cite
from yizhengtong.project.demonstration.officers import EXIT_ENTRY, LIXIA, POINTS, QINGYUAN, RUIAN, SHIZHONG
from yizhengtong.project.demonstration.operating import Operator, sent_to
from yizhengtong.project.demonstration.people import Newcomer, Somebody, paper_jpeg
from yizhengtong.project.demonstration.receiving import DataPlatform

RESIDENT, STAFF, PARTNER = "/api/resident", "/api/staff", "/api/partner"
WAIT_SECONDS = 90.0
"""How long a journey waits for what a worker does: a second; what a dead worker left is found within a minute."""

_PAUSE_SECONDS = 0.05
_SENDING_SECONDS, _UNDER_WAY = 3.0, ("waiting", "sending")
"""How long a journey waits until an SMS has left; in quiet hours it leaves in the morning."""

_ADDRESSES = {
    LIXIA: "山东省济南市历下区演示路1号1单元101室",
    SHIZHONG: "山东省济南市市中区演示路1号1单元101室",
    RUIAN: "浙江省瑞安市仙降街道演示路1号101室",
    QINGYUAN: "浙江省庆元县松源街道演示路3号",
}
_CLAIM_PAPERS = frozenset({"employment_proof", "dwelling_proof", "study_proof"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Resident:
    """A signed-in resident of a journey."""

    client: Client
    somebody: Somebody | Newcomer
    person: dict[str, Any]


class Steps:
    """What journeys share: one running server, officers signed in once, a narrator.

    `operator` and `platform` are there where a whole deployment is: they stand beside the API.
    """

    def __init__(
        self,
        *,
        port: int,
        city: Demonstration,
        today: date,
        narrator: Narrator,
        operator: Operator | None = None,
    ) -> None:
        self.port = port
        self.city = city
        self.today = today
        self.tell = narrator
        self.operator = operator
        self.platform: DataPlatform | None = None
        self._officers: dict[str, Client] = {}

    def officer(self, username: str) -> Client:
        """Return an officer's client, signed in with a second factor once."""
        if username not in self._officers:
            self._officers[username] = sign_in_officer(self.port, username, PASSWORD, TOTP_SECRET)
        return self._officers[username]

    def resident(self, who: Somebody | Newcomer, *, subject: str = "") -> Resident:
        """Sign up and say who one is."""
        client = sign_up(self.port, f"demo-{secrets.token_hex(6)}", secrets.token_urlsafe(12))
        person = client.post(f"{RESIDENT}/person", who.form)
        is_mainland = isinstance(who, Newcomer)
        document = "identity card and household" if is_mainland else "travel permit"
        rests = RESTS[subject or ("floating" if is_mainland else "hmt")]
        self.tell.step("resident", f"signs up and registers the {document}", rests.register)
        return Resident(client, who, person)

    def declare_stay(self, resident: Resident, region: str, *, months: int = 0, person_id: str = "") -> dict[str, Any]:
        """Declare a stay that began some months ago and goes on."""
        query = f"?person_id={person_id}" if person_id else ""
        start = add_months(self.today, -months)
        stay: dict[str, Any] = resident.client.post(
            f"{RESIDENT}/stays{query}", {"region": region, "address": _ADDRESSES[region], "start": start.isoformat()}
        )
        voucher = f", voucher {stay['voucher_number']}" if stay["voucher_number"] else ""
        rests = RESTS["floating" if isinstance(resident.somebody, Newcomer) else "hmt"]
        self.tell.step("resident", f"declares residence in {region} since {start}{voucher}", rests.stay)
        return stay

    def end_stay(self, resident: Resident, source: str = "") -> None:
        """Move out today."""
        stay = next(each for each in resident.client.get(f"{RESIDENT}/stays") if each["until"] is None)
        resident.client.post(
            f"{RESIDENT}/stays/{stay['id']}/end", {"until": self.today.isoformat()}, version=f'"{stay["version"]}"'
        )
        if source:
            self.tell.step("resident", f"moves out of {stay['region']}", source)

    def apply(self, resident: Resident, item: str, **filled: Any) -> dict[str, Any]:
        """Fill in, look ahead and submit. Returns the case."""
        path = self.fill_in(resident, item, **filled)
        findings = resident.client.get(f"{path}/look-ahead")["findings"]
        met = sum(finding["met"] is True for finding in findings)
        self.tell.step("resident", f"looks ahead: {met} of {len(findings)} conditions and papers met", "S0-T04; S4-17")
        application = resident.client.get(path)
        case: dict[str, Any] = resident.client.post(f"{path}/submission", version=f'"{application["version"]}"')
        point = case["service_point"]
        self.tell.step("resident", f"submits; the case is with service point {point}", rests_of(item).submit)
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
        claimed = claims or [code.removesuffix("_proof") for code in papers if code in _CLAIM_PAPERS]
        answers = {**answers_at(place), "delivery": delivery, "claims": claimed}
        if item.startswith("settlement."):
            answers["service_point"] = EXIT_ENTRY
        resident.client.patch(path, answers, version=resident.client.etag)
        given = {"travel_document": travel_document, **papers} if travel_document else papers
        for document_code, kind in given.items():
            resident.client.upload(f"{path}/evidence", paper_jpeg(kind), document_code=document_code, kind=kind)
        papers_in = "1 paper" if len(given) == 1 else f"{len(given)} papers"
        self.tell.step("resident", f"fills in {item}, hands in {papers_in}", rests_of(item).fill_in)
        return path

    def consent(self, holder: Resident, use: str, *, separate: tuple[str, ...] = (), source: str) -> None:
        """The holder agrees to a use of their data."""
        payload = {"use": use, "answer": "given", "separate": list(separate)}
        agreed = holder.client.post(f"{RESIDENT}/my/consents", payload)
        self.tell.step("holder", f"agrees: {agreed['title']}", source)

    def confirm_telephone(self, holder: Resident, number: str) -> None:
        """Give a number, read the code that comes, say it back."""
        operator = self.beside
        holder.client.post(f"{RESIDENT}/messages/contacts", {"channel": "sms", "address": number})
        address = number.replace(" ", "")
        text = self.wait_for("a code by SMS", lambda: next(iter(sent_to(operator, address)), None))
        code = re.search(r"\d{6}", text)
        contact = holder.client.put(
            f"{RESIDENT}/messages/contacts", {"channel": "sms", "code": code.group() if code else ""}
        )
        self.tell.step("holder", f"confirms the telephone {contact['address']} by the code that came", "S4-16")

    def read_messages(self, holder: Resident, *kinds: str, source: str = "S4-16") -> list[dict[str, Any]]:
        """Wait until messages of these kinds are in the inbox, and read them."""

        patience = time.monotonic() + _SENDING_SECONDS

        def there() -> list[dict[str, Any]] | None:
            inbox = holder.client.get(f"{RESIDENT}/messages", limit=50)["items"]
            found = [next((each for each in inbox if each["kind"] == kind), None) for kind in kinds]
            messages = [each for each in found if each]
            is_under_way = any(way["state"] in _UNDER_WAY for each in messages for way in each["sent"])
            is_too_early = len(messages) < len(kinds) or (is_under_way and time.monotonic() < patience)
            return None if is_too_early else messages

        messages = self.wait_for(f"messages {', '.join(kinds)}", there)
        for each in messages:
            sent = "".join(f", {way['channel']}: {way['state_words']}" for way in each["sent"])
            self.tell.step("message", f"{each['subject']}: {each['text']}  (inbox{sent})", source)
        return messages

    def see_pushed(self, permit_id: str, kind: str, source: str = "S4-15") -> None:
        """Wait until the data platform has acknowledged an event of a permit."""
        if self.platform is None:
            return
        found = self.platform.wait_for(permit_id, kind)
        types = ", ".join(event.type.removeprefix("cn.yizhengtong.permit.").removesuffix(".v1") for event in found)
        what = f"checked the signature of, kept and acknowledged: {types}; nobody is named"
        self.tell.step("platform", what, f"RFC 9421; {source}")

    def platform_listens(self) -> None:
        """Send, once the data platform listens."""
        if self.platform is not None:
            self.platform.resume()
            what = f"bin/yzt exchange receive: a data platform listens at {self.platform.url}; sending is resumed"
            self.tell.step("operator", what, "国务院令第716号 art. 12; S4-15")

    def let_days_pass(self, resident: Resident, days: int) -> None:
        """Set what is recorded of a synthetic person so many days back."""
        self.beside.run("demonstrate", "--let-pass", str(days), "--person", resident.person["id"])
        self.tell.line(f"… {days} days pass: the demonstration sets this person's record back")

    @property
    def beside(self) -> Operator:
        """Return who stands beside the API. Raises ValueError where nobody does."""
        if self.operator is None:
            raise ValueError("this journey needs a deployment, not only its API")
        return self.operator

    def wait_for(self, what: str, look: Callable[[], T | None]) -> T:
        """Return what `look` finds once it finds something. Raises TimeoutError."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            found = look()
            if found is not None:
                return found
            time.sleep(_PAUSE_SECONDS)
        raise TimeoutError(f"{what}: nothing within {WAIT_SECONDS:.0f} s")

    def tell_unmet(self, findings: list[dict[str, Any]]) -> None:
        """Tell what is not met, with article, mend and day."""
        for finding in findings:
            if finding["met"] is False:
                when = f" → {finding['met_on']}" if finding["met_on"] else ""
                self.tell.line(f"✗ {finding['detail']}{when}  〔{cite(finding['source'])}〕")
                self.tell.line(f"  {finding['fix']}")


def answers_at(place: str) -> Mapping[str, object]:
    """Return complete answers of somebody who applies at a place."""
    return {
        "residence_address": _ADDRESSES[place],
        "phone": "+852 5550 0100",
        "delivery": "collect",
        "delivery_address": _ADDRESSES[place],
        "service_point": POINTS[place],
        "declares_own_will": True,
        "declares_true": True,
    }
