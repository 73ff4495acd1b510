"""Whole checks by other ways than the match, as those who take part send them: a sign-in, a share code, a presentation.

Each call does one from its first request to its last answer and returns the milliseconds of its requests: what a
wallet signs in between is the wallet's. Not shared between threads.
"""

import json
import re
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

from benchmarks.sign_in_known import BACK, CHALLENGE, VERIFIER
from benchmarks.wire import Answer, Connection, WrongAnswer
from yizhengtong.credentials.formats.jose import sign_compact
from yizhengtong.credentials.formats.strict import encode_base64url
from yizhengtong.credentials.keys.software import SoftwareSigner

_FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
_SHOWN = ("name", "number", "birth_date")
SIGN_IN_REQUESTS, SHARE_REQUESTS, PRESENTATION_REQUESTS = 5, 2, 4


class SigningIn:
    """A bank that asks, and a resident's browser that is signed in and agreed before."""

    def __init__(self, port: int, filled: Mapping[str, Any], session: str) -> None:
        self._party, self._browser = Connection(port), Connection(port)
        self._cookie = f"Cookie: {filled['cookie']}={session}\r\n"
        self._client = {"client_id": filled["client_id"], "client_secret": filled["secret"]}
        self._asked = {
            "response_type": "code", "redirect_uri": BACK, "state": "s-1", "nonce": "n-1", "code_challenge": CHALLENGE,
            "code_challenge_method": "S256", "scope": f"openid purpose:{filled['purpose']}",
        }  # fmt: skip

    def __call__(self) -> float:
        """Push a request, let the browser go there and come back, exchange the code, ask who it is."""
        pushed = _post(self._party, "/openid/par", {**self._client, **self._asked})
        named = {"client_id": self._client["client_id"], "request_uri": pushed.json()["request_uri"]}
        sent_on = self._browser.exchange("GET", f"/openid/authorize?{urlencode(named)}", b"", self._cookie)
        returned = self._browser.exchange("GET", sent_on.headers["location"], b"", self._cookie)
        address = returned.headers.get("location", "")
        code = parse_qs(urlsplit(address).query).get("code", [""])[0]
        if not address.startswith(BACK) or not code:
            raise WrongAnswer(f"{returned.status}: nobody agreed")
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        token = _post(self._party, "/openid/token", {**self._client, **form})
        bearer = f"Authorization: Bearer {token.json()['access_token']}\r\n"
        told = self._party.exchange("GET", "/openid/userinfo", b"", bearer)
        if "id_token" not in token.json() or "name" not in told.json():
            raise WrongAnswer("something of a sign-in is missing")
        return _sum(pushed, sent_on, returned, token, told)


class Reading:
    """Somebody at the page who was given share codes: code and birth date sent, the answer looked at."""

    def __init__(self, port: int, codes: Iterator[str], birth_date: str) -> None:
        self._wire, self._codes, self._birth_date = Connection(port), codes, birth_date
        page = self._wire.get("/check/share")
        found = _TOKEN.search(page.body)
        if found is None:
            raise WrongAnswer("the page has no form")
        self._token = found[1].decode()
        self._cookie = page.headers["set-cookie"].partition(";")[0]

    def __call__(self) -> float:
        """Read the next code, with claims and photograph."""
        form = {"csrfmiddlewaretoken": self._token, "code": next(self._codes), "birth_date": self._birth_date,
                "need": ""}  # fmt: skip
        sent = _post(self._wire, "/check/share", form, f"Cookie: {self._cookie}\r\n")
        view = sent.headers.get("set-cookie", "").partition(";")[0]
        told = self._wire.exchange("GET", "/check/share/result", b"", f"Cookie: {self._cookie}; {view}\r\n")
        if "王小明" not in told.body.decode() or b"data:image/jpeg" not in told.body:
            raise WrongAnswer(f"{told.status}: nothing was told")
        return _sum(sent, told)


class Presenting:
    """A bank that asks for a presentation, and a wallet with an SD-JWT VC that shows three claims of it."""

    def __init__(self, port: int, filled: Mapping[str, Any], copy: str, key: SoftwareSigner) -> None:
        self._party = Connection(port, {"Authorization": f"Bearer {filled['secret']}"})
        self._wallet, self._copy, self._key = Connection(port), copy, key
        self._form: str = filled["wallet"]["form"]
        self._asked = {"purpose": filled["purpose"], "claims": list(_SHOWN), "encrypted": False}

    def __call__(self) -> float:
        """Ask, let the wallet fetch the request and post what it shows, fetch what came of it."""
        asked = self._party.post("/api/partner/presentations", self._asked)
        link = parse_qs(urlsplit(asked.json()["link"]).query)["request_uri"][0]
        fetched = self._wallet.get(urlsplit(link).path)
        request = json.loads(urlsafe_b64decode(fetched.body.split(b".")[1] + b"=="))
        form = {"state": request["state"], "vp_token": json.dumps({self._form: [self._shown(request)]})}
        posted = _post(self._wallet, urlsplit(request["response_uri"]).path, form)
        told = self._party.post(f"/api/partner/presentations/{asked.json()['id']}/result", {"response_code": ""})
        if told.json()["claims"]["name"] != "王小明":
            raise WrongAnswer("nothing was shown")
        return _sum(asked, fetched, posted, told)

    def _shown(self, request: Mapping[str, Any]) -> str:
        """Return the copy with what was asked of it disclosed, signed for by its holder."""
        [query] = [each for each in request["dcql_query"]["credentials"] if each["id"] == self._form]
        wanted = {part for claim in query["claims"] for part in claim["path"]}
        token, *disclosures, _ = self._copy.split("~")
        shown = "~".join([token, *(each for each in disclosures if _name_of(each) in wanted), ""])
        claims = {
            "iat": int(time.time()), "aud": request["client_id"], "nonce": request["nonce"],
            "sd_hash": encode_base64url(sha256(shown.encode()).digest()),
        }  # fmt: skip
        return shown + sign_compact({"typ": "kb+jwt"}, claims, self._key)


class Nothing:
    """As many empty answers one after another as a whole check has."""

    def __init__(self, port: int, requests: int) -> None:
        self._wire, self._requests = Connection(port), requests

    def __call__(self) -> float:
        """Ask for nothing so often."""
        return _sum(*(self._wire.get("/empty") for _ in range(self._requests)))


def _post(wire: Connection, path: str, form: Mapping[str, str], head: str = "") -> Answer:
    return wire.exchange("POST", path, urlencode(form).encode(), f"{_FORM}{head}Idempotency-Key: {uuid4()}\r\n")


def _name_of(disclosure: str) -> str:
    return str(json.loads(urlsafe_b64decode(disclosure + "=="))[1])


def _sum(*answers: Answer) -> float:
    return sum(each.milliseconds for each in answers)
