"""What the town's pages of checks show: permits that a shop, a bank, a landlord and an app checked, linked numbers."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from yizhengtong.project.demonstration.client import Client
from yizhengtong.project.demonstration.journeys import PARTNER, RESIDENT, Journeys, Resident
from yizhengtong.project.demonstration.journeys.checking import PURPOSE, Shop
from yizhengtong.project.demonstration.parties import APP_ADDRESS

SCHOOL = "school"
_SOURCE = "S1-097"


@dataclass(frozen=True, slots=True)
class Checked:
    """A holder's permit with a share code for a school that nobody has opened, and a shop that was shut out.

    `customer`: another holder, who agreed to what the shop checks.
    """

    permit_id: str
    code: str = field(repr=False)
    shop: Shop = field(repr=False)
    customer: Resident = field(repr=False)
    customers_permit: dict[str, Any] = field(repr=False)


def live_through_checks(told: Journeys, holder: Resident, permit: dict[str, Any]) -> Checked:
    """Have a holder's permit checked in many ways, one of which the holder doubts; a customer doubts a link."""
    shop = told.register_shop()
    told.shop_checks(shop, holder, permit)
    told.not_me(shop, holder, permit)
    bank = Client(told.port, _bearer(told.city.relying_party_key))
    bank.post(f"{PARTNER}/checks", {"purpose": "work", "number": permit["number"], "name": holder.somebody.name})
    told.share(holder, permit)
    told.two_numbers(holder, permit)
    told.sign_in_to_app(holder)
    customer, customers_permit = told.first_issue()
    told.consent(customer, f"check_{PURPOSE}", separate=("provision",), source=_SOURCE)
    told.two_numbers(customer, customers_permit)
    customer.client.post(f"{RESIDENT}/links/questions", {"words": "这本通行证是我哥哥的。"})
    wanted = {"permit_id": permit["id"], "purpose": SCHOOL, "days": 30, "uses": 2}
    code = holder.client.post(f"{RESIDENT}/share-codes", wanted)["code"]
    return Checked(permit["id"], code, shop, customer, customers_permit)


@dataclass(frozen=True, slots=True)
class App:
    """The app that residents sign in to, before and after: asked for two claims, none of them essential."""

    told: Journeys = field(repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    def address(self) -> str:
        """Return where it sends a resident's browser: the page of consent is shown whatever was agreed before."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "client_id": self._client_id(), "response_type": "code", "redirect_uri": APP_ADDRESS, "prompt": "consent",
            "scope": "openid purpose:platform", "state": "s-1", "nonce": "n-1", "code_challenge_method": "S256",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "claims": json.dumps({"userinfo": {"name_masked": None, "over_18": None}}),
        }  # fmt: skip
        return f"/openid/authorize?{urlencode(asked)}"

    def come_back(self, address: str) -> Client:
        """Exchange the code of the address to which the browser came back; return a client with the token."""
        [code] = parse_qs(urlsplit(address).query)["code"]
        tokens = Client(self.told.port).send_form(
            "/openid/token", client_id=self._client_id(), client_secret=self.told.city.app_key, code=code,
            grant_type="authorization_code", redirect_uri=APP_ADDRESS, code_verifier=self.verifier,
        )  # fmt: skip
        return Client(self.told.port, _bearer(tokens["access_token"]))

    def _client_id(self) -> str:
        own = Client(self.told.port, _bearer(self.told.city.app_key)).get(f"{PARTNER}/own/self")
        return str(own["client_id"])


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}
