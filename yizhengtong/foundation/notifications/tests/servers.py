"""Real servers for the contract tests: aiosmtpd, an SMSC over Debian's Net::SMPP, and a gateway of our contract."""

import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from yizhengtong.foundation.notifications.channels.gateway import SIGNATURE, TIMESTAMP, is_signed

SMSC = Path(__file__).with_name("smsc.pl")
KEY = "a key for tests only"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def until(condition: Any, *, seconds: float = 30.0) -> Any:
    """Return what a condition gives once it gives something. Raises AssertionError after a while."""
    signal = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if found := condition():
            return found
        signal.wait(0.02)
    raise AssertionError("it never came")


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 and localhost. Returns its path and that of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).add_extension(names, critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@dataclass
class Mailbox:
    """What a mail server took in, and how it misbehaves: by the name before the @."""

    port: int = 0
    taken: list[Any] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 aiosmtpd finds it by this name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        if address.startswith("busy"):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if envelope.rcpt_tos[0].startswith("spam"):
            return "554 5.7.1 not wanted"
        self.taken.append(envelope)
        if envelope.rcpt_tos[0].startswith("gone"):
            server.transport.abort()  # taken in, and never acknowledged
        return "250 OK"


@contextmanager
def mail_server(folder: Path, *, security: str) -> Iterator[tuple[Mailbox, ssl.SSLContext]]:
    """Run aiosmtpd with TLS, STARTTLS and a login (yzt, secret), or without any."""
    chain, key = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    trusting = ssl.create_default_context(cafile=str(chain))
    mailbox = Mailbox(port=free_port())
    named: dict[str, Any] = {"hostname": "127.0.0.1", "port": mailbox.port}
    if security != "none":
        named |= {"authenticator": _login, "auth_required": True, "auth_require_tls": security == "starttls"}
    if security == "starttls":
        named |= {"tls_context": context, "require_starttls": True}
    if security == "tls":
        named["ssl_context"] = context
    controller = Controller(mailbox, **named)
    controller.start()
    try:
        yield mailbox, trusting
    finally:
        controller.stop()


def _login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"yzt", b"secret")
    return AuthResult(success=is_known, handled=is_known)


@dataclass
class Centre:
    """A running SMSC and its log."""

    port: int
    log: Path

    def lines(self, *beginning: str) -> list[list[str]]:
        found = [line.split("\t") for line in self.log.read_text().splitlines()] if self.log.exists() else []
        return [line for line in found if line[: len(beginning)] == list(beginning)]


def has_centre() -> bool:
    """Whether perl with Net::SMPP is here."""
    perl = shutil.which("perl")
    return (
        perl is not None
        and subprocess.run([perl, "-MNet::SMPP", "-e", "1"], capture_output=True, check=False).returncode == 0
    )


@contextmanager
def message_centre(folder: Path) -> Iterator[Centre]:
    """Run the SMSC of smsc.pl."""
    centre = Centre(free_port(), folder / "smsc.log")
    command = ["perl", str(SMSC), str(centre.port), str(centre.log)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until(lambda: centre.lines("ready"))
        yield centre
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Gateway:
    """A gateway by docs/contracts/sms-gateway.md: it checks signatures and remembers keys."""

    port: int = 0
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: int = 0


@contextmanager
def sms_gateway() -> Iterator[Gateway]:  # noqa: C901 a handler and what it remembers
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            gateway.requests += 1
            if not self._is_signed(body):
                return self._answer(401)
            asked = json.loads(body)
            how = asked["to"][-1]
            if how == "2":
                return self._answer(429, {"retry_after_seconds": 90})
            if how == "4":
                return self._answer(422, {"code": "no_such_number"})
            gateway.sent.setdefault(asked["key"], asked)
            if how == "3":
                self.connection.close()
                return None
            return self._answer(202)

        def do_GET(self) -> None:
            if not self._is_signed(b""):
                return self._answer(401)
            key = self.path.rpartition("/")[2]
            return self._answer(200, {"key": key, "state": "sent"}) if key in gateway.sent else self._answer(404)

        def _is_signed(self, body: bytes) -> bool:
            path = self.path.removeprefix("/v1")
            return is_signed(KEY, self.headers[TIMESTAMP], self.headers[SIGNATURE], self.command, path, body)

        def _answer(self, status: int, content: dict[str, Any] | None = None) -> None:
            body = json.dumps(content or {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
