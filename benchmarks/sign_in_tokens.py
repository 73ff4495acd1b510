"""Token endpoints beside one another: authorization codes exchanged for tokens, ours and two of others.

What is compared: `grant_type=authorization_code` with a PKCE verifier (S256) and the client's secret in the form, over
four kept connections from the same generator, each code once, in alternate rounds. The codes are laid down beforehand:
we offer no client_credentials, so this is the one grant that all have. None of the three has a worker beside it.

- Ours: an access token kept as a hash, an ES256 ID token with a pairwise subject; each time the consent, the permit and
  the blocks are looked at, and the check is written into the holder's history, the trail and the events.
- `toolkit`: django-oauth-toolkit (benchmarks/toolkit.py) under the same web server with as many workers and threads, on
  the same database server with the same fsync: an access and a refresh token and an RS256 ID token.
- `toolkit_plain`: the same exchange for a scope without `openid`: no ID token, so less than ours.
- `node`: npm's oidc-provider in one process of Node.js: an access token and an ES256 ID token, all kept in memory and
  gone with it. No database, no history: a figure to look at.
"""

import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import psycopg
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.figures import Figure, middle
from benchmarks.ground import ROOT, Ground, cpu_seconds, free_port, run_python, web_server
from benchmarks.sign_in_known import BACK, CHALLENGE, SECRET, VERIFIER
from benchmarks.together import rate
from benchmarks.wire import Connection, WrongAnswer
from yizhengtong.project.database.cluster import SUPERUSER

TARGET_RATIO = 2.0
CONNECTIONS, WARM_UP = 4, 80
OURS, TOOLKIT, PLAIN, NODE = "ours", "toolkit", "toolkit_plain", "node"
_FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
_STAND_IN = ROOT / "tests" / "identity" / "stand_in"


@dataclass(slots=True)
class Endpoint:
    """A token endpoint and its codes. `pids`: whose CPU an exchange costs; `rates`, `cpu_ms`: what the rounds gave."""

    port: int
    path: str
    client: Mapping[str, str]
    codes: Iterator[str]
    pids: Sequence[int]
    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def exchange(self, wire: Connection, code: str) -> Mapping[str, str]:
        """Exchange one code. Raises WrongAnswer for anything but a token."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER,
                **self.client}  # fmt: skip
        answer = wire.exchange("POST", self.path, urlencode(form).encode(), _FORM)
        told: Mapping[str, str] = answer.json()
        if "access_token" not in told:
            raise WrongAnswer(f"{answer.status}, no token")
        return told

    def ensure_right(self, *, has_id_token: bool) -> None:
        """Raise WrongAnswer unless a code gives what is compared, and gives nothing the second time."""
        wire, code = Connection(self.port), next(self.codes)
        if ("id_token" in self.exchange(wire, code)) is not has_id_token:
            raise WrongAnswer("an ID token where none belongs, or none where one does")
        with contextlib.suppress(WrongAnswer):
            self.exchange(wire, code)
            raise RuntimeError("a code was exchanged twice")
        wire.close()

    def run(self, count: int) -> None:
        """Exchange so many codes, and note how fast and at what cost."""
        before = sum(map(cpu_seconds, self.pids))
        self.rates.append(self._exchange_all(count))
        self.cpu_ms.append((sum(map(cpu_seconds, self.pids)) - before) * 1000 / count)

    def warm_up(self) -> None:
        self._exchange_all(WARM_UP)

    def _exchange_all(self, count: int) -> float:
        """Exchange so many codes over all connections at once, and return how many a second."""
        wires = [Connection(self.port) for _ in range(CONNECTIONS)]
        try:
            return rate([partial(self._next, wire) for wire in wires], count, [])
        finally:
            for wire in wires:
                wire.close()

    def _next(self, wire: Connection) -> float:
        begun = time.perf_counter()
        self.exchange(wire, next(self.codes))
        return (time.perf_counter() - begun) * 1000


def needed(count: int, rounds: int) -> int:
    """Return how many codes each endpoint needs."""
    return count * rounds + WARM_UP + 1


@contextlib.contextmanager
def endpoints(ground: Ground, ours: Endpoint, codes: int) -> Iterator[Mapping[str, Endpoint]]:
    """Start those of others, on databases of their own, beside ours. Without Node.js its figure is left out."""
    with contextlib.ExitStack() as stack:
        made = {OURS: ours, **stack.enter_context(_toolkit(ground, codes))}
        if shutil.which("node") and (_STAND_IN / "node_modules" / "oidc-provider").is_dir():
            made[NODE] = stack.enter_context(node(codes, ground.home))
        for name, each in made.items():
            each.ensure_right(has_id_token=name != PLAIN)
            each.warm_up()
        yield made


def figures(found: Mapping[str, Endpoint]) -> Iterator[Figure]:
    """Yield how many times as many exchanges a second as others' endpoints: the median of the rounds' ratios."""
    ours, others = found[OURS], {name: each for name, each in found.items() if name != OURS}
    yield Figure("token_ratio", _ratio(ours, others[TOOLKIT]), "x", target=TARGET_RATIO)
    for name, each in others.items():
        if name != TOOLKIT:
            yield Figure(f"token_ratio.{name}", _ratio(ours, each), "x")
    yield Figure("tokens_per_second", middle(ours.rates), "1/s")
    for name, each in others.items():
        yield Figure(f"tokens_per_second.{name}", middle(each.rates), "1/s")
    for name, each in found.items():
        yield Figure(f"cpu_ms_per_token.{name}", middle(each.cpu_ms), "ms")


def _ratio(ours: Endpoint, other: Endpoint) -> float:
    return middle([mine / theirs for mine, theirs in zip(ours.rates, other.rates, strict=True)])


@contextlib.contextmanager
def _toolkit(ground: Ground, codes: int) -> Iterator[Mapping[str, Endpoint]]:
    """Run django-oauth-toolkit as this platform is run: same command, another settings module and database."""
    name, path = "toolkit", ground.home / "toolkit.json"
    with psycopg.connect(replace(ground.database, database="postgres").url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    url = ground.database.in_database(name).as_role(SUPERUSER).url
    environment = {**ground.environment, "BENCH_TOOLKIT_URL": url, "BENCH_TOOLKIT_KEY": _rsa_key()}
    theirs = replace(ground, environment=environment)
    run_python(theirs, "-m", "benchmarks.fill_toolkit", str(codes), str(path),
               DJANGO_SETTINGS_MODULE="benchmarks.toolkit")  # fmt: skip
    filled = json.loads(path.read_text())
    client = {"client_id": "bench", "client_secret": SECRET}
    with web_server(theirs, settings="benchmarks.toolkit") as (port, process):
        pids = [process.pid or 0, ground.database.pid]
        yield {
            which: Endpoint(port, "/token/", client, iter(filled[scope]), pids)
            for which, scope in ((TOOLKIT, "openid"), (PLAIN, "bank"))
        }


@contextlib.contextmanager
def node(codes: int, home: Path) -> Iterator[Endpoint]:
    """Run npm's oidc-provider, which makes its codes itself and tells them in a file."""
    port, path = free_port(), home / "node.json"
    command = ["node", "tokens.js", str(port), BACK, CHALLENGE, str(codes), str(path)]
    process = subprocess.Popen(command, cwd=_STAND_IN, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        _await_line(process)
        filled: list[str] = json.loads(path.read_text())
        client = {"client_id": "bench", "client_secret": SECRET}
        yield Endpoint(port, "/token", client, iter(filled), [process.pid])
    finally:
        process.terminate()
        process.wait(10)


def _await_line(process: subprocess.Popen[str]) -> None:
    """Wait until it listens. Raises RuntimeError when it ends without."""
    assert process.stdout is not None
    for line in process.stdout:
        if "listening" in line:
            return
    raise RuntimeError("oidc-provider did not start")


def _rsa_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
