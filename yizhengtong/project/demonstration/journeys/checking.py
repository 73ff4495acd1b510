"""A shop checks: from its registration to the holder who shuts it out; a share code, two numbers, a sign-in."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.project.demonstration.browsing import Browser
from yizhengtong.project.demonstration.client import Client, sign_up
from yizhengtong.project.demonstration.journeys.counter import Counter
from yizhengtong.project.demonstration.journeys.steps import PARTNER, RESIDENT, STAFF, Resident
from yizhengtong.project.demonstration.parties import APP_ADDRESS
from yizhengtong.project.demonstration.people import Somebody, next_seed
from yizhengtong.registry.residence.credit_codes import check_character

REPORTER = "/api/reporter"
NAME = "泉城演示小店"
PURPOSE, BASIS = "commerce", "《中华人民共和国电子商务法》第二十七条"
_SEE, _DOUBT = "个人信息保护法 arts. 44, 45; S1-097", "个人信息保护法 art. 50; S1-097"


@dataclass(frozen=True, slots=True)
class Shop:
    """A relying party of a journey: its member, its client by key, its id before holders."""

    member: Client
    client: Client
    id: str


class Checking(Counter):
    """How a permit is checked, and what its holder sees of it."""

    def tell_checking(self, holder: Resident, permit: dict[str, Any]) -> None:
        """Tell all of it."""
        shop = self.register_shop()
        self.shop_checks(shop, holder, permit)
        self.not_me(shop, holder, permit)
        self.share(holder, permit)
        self.two_numbers(holder, permit)
        self.sign_in_to_app(holder)

    def register_shop(self) -> Shop:
        """A shop registers itself, tries the sandbox, asks for a purpose; an officer grants it; it makes a key."""
        self.tell.title("A shop checks a permit, and its holder sees it")
        member = sign_up(self.port, f"demo-{secrets.token_hex(6)}", secrets.token_urlsafe(12))
        body = f"91370102MA{next_seed() % 10**7:07}"
        named = {"name": NAME, "code": body + check_character(body), "contact": "+86 531 5550 0100"}
        made = member.post(f"{RESIDENT}/organisation", named)
        self.tell.step("shop", f"registers itself, {made['id']}; the sandbox is open at once", "S1-014")
        self._tries(member)
        asked = member.post(
            f"{REPORTER}/organisation/purposes", {"purpose": PURPOSE, "legal_basis": BASIS, "claims": []}
        )
        self.tell.step("shop", f"asks for a purpose: {asked['purpose_words']}; to match, no more", "S1-097")
        supervisor, path = self.officer("demo-supervisor"), f"{STAFF}/relying-parties"
        supervisor.get(f"{path}/{made['id']}")
        supervisor.post(f"{path}/purposes/{asked['id']}/answer", {"is_granted": True}, version=supervisor.etag)
        self.tell.step(
            "supervisor", "looks at who it is and on which basis, and grants it", "个人信息保护法 arts. 6, 13"
        )
        return Shop(member, self._with_key(member, "production"), made["id"])

    def shop_checks(self, shop: Shop, holder: Resident, permit: dict[str, Any]) -> dict[str, Any]:
        """The holder agrees and wants to be told; the shop matches; the holder sees it. Returns the check."""
        self.consent(holder, f"check_{PURPOSE}", separate=("provision",), source="个人信息保护法 arts. 14, 23")
        holder.client.put(f"{RESIDENT}/checks/alerts", {"about": "each"})
        self.match(shop, holder, permit)
        seen: dict[str, Any] = holder.client.get(f"{RESIDENT}/checks")["items"][0]
        what = f"{seen['relying_party']}, {seen['purpose_words']}: {'、'.join(seen['claims_words'])}"
        self.tell.step("holder", f"sees the check: {what}; {seen['outcome_words']}", _SEE)
        if self.operator is not None:
            self.read_messages(holder, "check_made", source=_SEE)
        return seen

    def match(self, shop: Shop, holder: Resident, permit: dict[str, Any]) -> dict[str, Any]:
        """The shop sends what it was shown: number and name."""
        sent = {"purpose": PURPOSE, "number": permit["number"], "name": holder.somebody.name}
        answer: dict[str, Any] = shop.client.post(f"{PARTNER}/checks", sent)
        what = f"matches number and name: match {answer['is_match']}, state {answer['state']}"
        self.tell.step("shop", what, "S1-014; S1-097")
        return answer

    def not_me(self, shop: Shop, holder: Resident, permit: dict[str, Any]) -> dict[str, Any]:
        """The holder says it was somebody else, and shuts the shop out. Returns the ticket."""
        check = holder.client.get(f"{RESIDENT}/checks")["items"][0]
        ticket: dict[str, Any] = holder.client.post(
            f"{RESIDENT}/checks/{check['id']}/ticket", {"words": "我没有在这家店开过店铺。"}
        )
        self.tell.step("holder", f"says “this was not me”: answered by {ticket['due_on']}", _DOUBT)
        shut = holder.client.put(f"{RESIDENT}/checks/blocks/{check['relying_party_id']}", {})
        self.tell.step("holder", f"shuts {shut[-1]['relying_party']} out; it is not told", "个人信息保护法 art. 44")
        self.match(shop, holder, permit)
        self.tell.line("  the same words as for a number that nobody has")
        return ticket

    def share(self, holder: Resident, permit: dict[str, Any]) -> str:
        """A code for a landlord, who opens it on a page without any account. Returns the page."""
        asked = {"permit_id": permit["id"], "purpose": "rent", "days": 7, "uses": 1}
        made = holder.client.post(f"{RESIDENT}/share-codes", asked)
        what = f"makes a share code for a landlord, once, within 7 days: {'、'.join(made['claims'])}"
        self.tell.step("holder", what, "个人信息保护法 arts. 6, 14; S1-097")
        landlord = Browser(self.port)
        landlord.open("/check/share")
        born = holder.somebody.birth_date.isoformat()
        page = landlord.send("/check/share", code=made["code"], birth_date=born, need="rent")
        self.tell.step("landlord", "types code and birth date at /check/share, and sees just that", "S1-014")
        again = landlord.send("/check/share", code=made["code"], birth_date=born, need="rent")
        self.tell.line(f"  typed again it opens nothing: {again.status}")
        return page.text

    def two_numbers(self, holder: Resident, permit: dict[str, Any]) -> dict[str, Any]:
        """The holder links both numbers; the bank, which knows one, is shown the other. Returns its answer."""
        who = holder.somebody
        assert isinstance(who, Somebody)  # noqa: S101 others have one number
        linked = {"kind": who.kind, "number": who.number, "agreed": True, "separate": ["provision"]}
        link = holder.client.post(f"{RESIDENT}/links", linked)["links"][0]
        self.tell.step("holder", f"links travel permit and residence permit: {link['proof_words']}", "S1-094; S1-095")
        shown = [
            {"kind": who.kind, "number": who.number, "name": who.name},
            {"kind": DocumentKind.HMT_PERMIT, "number": permit["number"], "name": who.name},
        ]
        answer: dict[str, Any] = Client(self.port, _bearer(self.city.relying_party_key)).post(
            f"{PARTNER}/same-person", {"purpose": "bank", "known": shown[0], "other": shown[1]}
        )
        what = f"asks whether both are one person's: {answer['is_same']}, whom it may call {answer['subject'][:8]}…"
        self.tell.step("bank", what, "S1-094")
        return answer

    def sign_in_to_app(self, holder: Resident) -> dict[str, Any]:
        """The holder signs in to an app with the permit. Returns what the app is told."""
        app, secret = Client(self.port), self.city.app_key
        mine = Client(self.port, _bearer(secret)).get(f"{PARTNER}/own/self")
        proven = {"client_id": mine["client_id"], "client_secret": secret}
        verifier = secrets.token_urlsafe(48)
        asked = {
            **proven, "response_type": "code", "redirect_uri": APP_ADDRESS, "scope": "openid purpose:platform",
            "state": secrets.token_urlsafe(8), "nonce": secrets.token_urlsafe(8),
            "code_challenge": _challenge(verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        pushed = app.send_form("/openid/par", **asked)
        self.tell.step("app", "pushes a request to sign somebody in", "OpenID Connect; RFC 9126; S1-014")
        browser = Browser(self.port, holder.client.headers["X-Session-Token"])
        named = {"client_id": mine["client_id"], "request_uri": pushed["request_uri"]}
        page = browser.open(f"/openid/authorize?{urlencode(named)}")
        back = browser.send(page.path, answer="yes", claims=["kind", "over_18"])
        self.tell.step(
            "holder", "is asked by name, for what, which claims; ticks two, says yes", "个人信息保护法 art. 14"
        )
        [code] = parse_qs(urlsplit(back.away).query)["code"]
        given = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        tokens = app.send_form("/openid/token", **proven, **given, redirect_uri=APP_ADDRESS)
        told: dict[str, Any] = Client(self.port, _bearer(tokens["access_token"])).get("/openid/userinfo")
        what = ", ".join(f"{name} {value}" for name, value in told.items() if name != "sub")
        self.tell.step("app", f"knows {told['sub'][:8]}…, by which nobody else knows the holder: {what}", "S1-097")
        return told

    def _tries(self, member: Client) -> None:
        """Match one of the people of the sandbox by a test key."""
        client = self._with_key(member, "test")
        somebody = client.get(f"{PARTNER}/own/sandbox-people")[0]
        sent = {"purpose": PURPOSE, "number": somebody["permit"], "name": somebody["name"]}
        answer = client.post(f"{PARTNER}/checks", sent)
        self.tell.step("shop", f"tries a test key on somebody who does not exist: match {answer['is_match']}", "S1-014")

    def _with_key(self, member: Client, environment: str) -> Client:
        made = member.post(f"{REPORTER}/organisation/secrets", {"environment": environment})
        return Client(self.port, _bearer(made["secret"]))


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
