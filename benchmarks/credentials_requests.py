"""Whole OpenID4VCI credential requests over HTTP: a nonce, then a copy of one permit for one proof, with a DPoP token.

CPU is that of the web server and its database together; the wallet's own is not counted. The photograph is opened,
scaled and signed with each copy. Limit: an empty view of the same server behind the same middleware.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from benchmarks.figures import Figure, middle
from benchmarks.ground import Ground, cpu_seconds, durable_ground, prepare_city, run_python, web_server
from benchmarks.wire import Connection, WrongAnswer
from yizhengtong.credentials.formats.jose import sign_compact
from yizhengtong.credentials.formats.strict import encode_base64url
from yizhengtong.credentials.keys.software import SoftwareSigner, new_signer, signer_of
from yizhengtong.project.supervision import Process

TARGET_PER_SECOND = 80.0
ROUNDS, REQUESTS, WARM_UP = 3, 100, 100
"""Warm: each of the server's connections has prepared its statements, which takes five of each."""
_OK = 200
ADDRESS = "https://permits.example"
_UNLIMITED = json.dumps({"wallet_copies": [0, 60]})


class Wallet:
    """A wallet that collects again and again, with a new key each time."""

    def __init__(self, port: int, filled: Mapping[str, str]) -> None:
        self._form, self._token = filled["form"], filled["token"]
        self._key: SoftwareSigner = signer_of(filled["key"])
        self._ath = encode_base64url(sha256(self._token.encode()).digest())
        self._wire = Connection(port)

    def collect(self) -> tuple[str, SoftwareSigner]:
        """Get a nonce, and a copy; return it with the key it is bound to. Raises WrongAnswer."""
        nonce = self._wire.exchange("POST", "/wallet/nonce", b"", "").json()["c_nonce"]
        key = new_signer()
        claims = {"aud": ADDRESS, "iat": int(time.time()), "nonce": nonce}
        proof = sign_compact({"typ": "openid4vci-proof+jwt", "jwk": _public(key)}, claims, key)
        body = json.dumps({"credential_configuration_id": self._form, "proofs": {"jwt": [proof]}}).encode()
        head = f"Content-Type: application/json\r\nAuthorization: DPoP {self._token}\r\nDPoP: {self._dpop()}\r\n"
        answer = self._wire.exchange("POST", "/wallet/credential", body, head)
        if answer.status != _OK:
            raise WrongAnswer(f"{answer.status} {answer.json().get('error')}")
        return answer.json()["credentials"][0]["credential"], key

    def _dpop(self) -> str:
        claims = {"jti": secrets.token_urlsafe(12), "htm": "POST", "htu": f"{ADDRESS}/wallet/credential",
                  "iat": int(time.time()), "ath": self._ath}  # fmt: skip
        return sign_compact({"typ": "dpop+jwt", "jwk": _public(self._key)}, claims, self._key)


def measure() -> Iterator[Figure]:
    """Yield the figures of whole requests."""
    with durable_ground() as ground:
        prepare_city(ground)
        path = ground.home / "wallet.json"
        run_python(ground, "-m", "benchmarks.fill_wallet", str(path))
        filled: dict[str, Any] = json.loads(path.read_text())
        with web_server(ground, settings="benchmarks.limits.empty") as (empty_port, empty), _platform(ground) as ours:
            port, process = ours
            wallet, nothing = Wallet(port, filled), Connection(empty_port)
            wanted: list[float] = []
            limits: list[float] = []
            for act in (wallet.collect, lambda: nothing.get("/empty")):
                for _ in range(WARM_UP):
                    act()
            for _ in range(ROUNDS):
                wanted.append(_per_core_second(wallet.collect, ground, process))
                limits.append(_per_core_second(lambda: nothing.get("/empty"), ground, empty))
    yield Figure("requests_per_core_second", middle(wanted), "1/s", middle(limits), TARGET_PER_SECOND)


def _platform(ground: Ground) -> Any:
    limits = {**ground.environment, "YZT_LIMITS": _UNLIMITED, "YZT_ADDRESS": ADDRESS}
    return web_server(Ground(ground.home, ground.database, limits))


def _per_core_second(act: Callable[[], object], ground: Ground, server: Process) -> float:
    """Return how often a core's second would do for something, by the CPU of server and database."""
    pids = [ground.database.pid, server.pid or 0]
    before = sum(map(cpu_seconds, pids))
    for _ in range(REQUESTS):
        act()
    return REQUESTS / max(sum(map(cpu_seconds, pids)) - before, 0.01)


def _public(key: SoftwareSigner) -> dict[str, str]:
    return {name: key.public_jwk[name] for name in ("kty", "crv", "x", "y")}
