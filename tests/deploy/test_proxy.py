"""nginx as deploy/nginx has it, in front of the real web server, with a certificate made for the test."""

import base64
import hashlib
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path

import pytest

from benchmarks.ground import free_port
from tests.deploy.place import ROOT, Place, running
from tests.support.processes import web_command

HOST = "permits.example.org"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is not installed here")


@dataclass(frozen=True, slots=True)
class Proxy:
    """Ports of the proxy, its folder, and its certificate."""

    plain: int
    tls: int
    folder: Path

    def logged(self, awaited: str) -> str:
        """Return the log once something is in it: the line is written after the answer has left."""
        pause = threading.Event()
        for _ in range(100):
            text = (self.folder / "access.log").read_text()
            if awaited in text:
                break
            pause.wait(0.05)
        return text

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> HTTPResponse:
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        connection = HTTPSConnection("127.0.0.1", self.tls, timeout=60, context=context)
        connection._tunnel_host = None  # type: ignore[attr-defined]
        raw = socket.create_connection(("127.0.0.1", self.tls), 20)
        connection.sock = context.wrap_socket(raw, server_hostname=HOST)
        connection.request(method, path, body, {"Host": HOST, **{k.replace("_", "-"): v for k, v in headers.items()}})
        answer = connection.getresponse()
        answer.read()
        return answer


@pytest.fixture(scope="module")
def proxy(lived: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The configuration as it is delivered, with other ports and paths, on 127.0.0.1 only."""
    folder = tmp_path_factory.mktemp("nginx")
    plain, tls, web = free_port(), free_port(), free_port()
    _make_certificate(folder)
    (folder / "nginx.conf").write_text(_configuration(folder, plain, tls, web))
    place = lived.with_settings(hosts=f'["{HOST}"]', trusted_proxy_header="X-Forwarded-Proto", trusted_proxies="1")
    tested = subprocess.run([str(NGINX), "-t", "-c", str(folder / "nginx.conf")], capture_output=True, check=False)
    assert tested.returncode == 0, tested.stderr.decode()
    live = place.with_settings(hosts=f'["{HOST}", "127.0.0.1"]')
    with running(live, web_command(web), log=folder / "web.log", address=f"http://127.0.0.1:{web}/health"):
        process = subprocess.Popen([str(NGINX), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"])
        try:
            _wait_for(tls)
            yield Proxy(plain, tls, folder)
        finally:
            process.terminate()
            process.wait(20)


def test_a_request_goes_through_with_tls_and_strict_headers(proxy: Proxy) -> None:
    answer = proxy.ask("/health")
    assert answer.status == 200
    assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=63072000; includeSubDomains"]
    assert answer.headers["Server"] == "nginx"


def test_the_platform_gets_the_request_id_that_the_proxy_logs(proxy: Proxy) -> None:
    identity = proxy.ask("/", X_Request_Id="forged-by-a-client").headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", identity)
    assert identity in proxy.logged(identity)


def test_no_query_and_no_header_is_in_the_log(proxy: Proxy) -> None:
    proxy.ask("/api/staff/queue?search=%E7%8E%8B%E5%B0%8F%E6%98%8E", X_Session_Token="a-token-of-somebody")
    logged = proxy.logged('"path":"/api/staff/queue"')
    assert '"path":"/api/staff/queue"' in logged
    assert "search" not in logged
    assert "a-token-of-somebody" not in logged


@pytest.mark.parametrize(
    "opening",
    ["/check/code/", "/wallet/offers/", "/wallet/presentations/requests/", "/wallet/presentations/answers/"],
)
def test_nothing_that_opens_something_is_in_the_log(proxy: Proxy, opening: str) -> None:
    secret = "0123-4567-89ab"
    for path in (f"{opening}{secret}", f"{opening}/{secret}", f"{opening}%0A{secret}"):
        proxy.ask(path)
    logged = proxy.logged(f'"path":"{opening}-"')
    assert f'"path":"{opening}-"' in logged
    assert secret not in logged


def test_without_tls_everybody_is_sent_to_tls(proxy: Proxy) -> None:
    connection = HTTPConnection("127.0.0.1", proxy.plain, timeout=60)
    connection.request("GET", "/health", headers={"Host": HOST})
    answer = connection.getresponse()
    assert answer.status == 308
    assert answer.headers["Location"] == f"https://{HOST}/health"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused(proxy: Proxy, version: ssl.TLSVersion) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, version
    with (
        socket.create_connection(("127.0.0.1", proxy.tls), 20) as raw,
        pytest.raises(ssl.SSLError),
        context.wrap_socket(raw),
    ):
        pass


@pytest.mark.parametrize(("mebibytes", "is_refused"), [(10, False), (12, True)])
def test_a_body_larger_than_an_upload_never_reaches_the_platform(
    proxy: Proxy, mebibytes: int, is_refused: bool
) -> None:
    body = b"x" * (mebibytes * 2**20)
    answer = proxy.ask("/api/partner/checks", "POST", body, Content_Type="application/json")
    assert (answer.status == 413 and "problem+json" not in answer.headers["Content-Type"]) is is_refused


def test_another_host_gets_nothing_of_the_platform(proxy: Proxy) -> None:
    assert proxy.ask("/", Host="evil.example.org").status == 400


def test_sign_in_is_slowed_down_per_address(proxy: Proxy) -> None:
    statuses = [proxy.ask("/_allauth/app/v1/config").status for _ in range(40)]
    assert 429 in statuses
    assert statuses[0] != 429


def test_while_the_platform_is_away_people_read_a_page_and_machines_a_problem(
    lived: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("away")
    plain, tls = free_port(), free_port()
    _make_certificate(folder)
    (folder / "nginx.conf").write_text(_configuration(folder, plain, tls, free_port()))
    process = subprocess.Popen([str(NGINX), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"])
    try:
        _wait_for(tls)
        away = Proxy(plain, tls, folder)
        page, problem = away.ask("/home"), away.ask("/api/resident/permits")
    finally:
        process.terminate()
        process.wait(20)
    style = re.search("<style>(.*)</style>", (ROOT / "deploy/nginx/maintenance.html").read_text())
    assert style is not None
    allowed = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert (page.status, page.headers["Content-Type"]) == (503, "text/html")
    assert f"style-src 'sha256-{allowed}';" in page.headers["Content-Security-Policy"]
    assert (problem.status, problem.headers["Content-Type"]) == (503, "application/problem+json")
    for answer in (page, problem):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Strict-Transport-Security"]
        assert int(answer.headers["Retry-After"]) > 0


def _configuration(folder: Path, plain: int, tls: int, web: int) -> str:
    text = (ROOT / "deploy" / "nginx" / "yizhengtong.conf").read_text()
    assert (text.count("listen 80;"), text.count("listen 443 ssl http2;")) == (1, 2)  # one for parties' certificates
    text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{tls} ssl;"),
        ("127.0.0.1:8000", f"127.0.0.1:{web}"),
        ("/etc/yizhengtong/tls/", f"{folder}/"),
        ("root /etc/yizhengtong/pages;", f"root {ROOT}/deploy/nginx;"),
        ("/var/log/nginx/yizhengtong.log", f"{folder}/access.log"),
        ("/var/log/nginx/yizhengtong.error.log", f"{folder}/error.log"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    head = f"worker_processes 1;\npid {folder}/pid;\nerror_log {folder}/start.log;\nevents {{}}\n"
    return f"{head}http {{\naccess_log off;\n{temporary}{text}\n}}\n"


def _make_certificate(folder: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
         "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")],
        check=True, capture_output=True,
    )  # fmt: skip


def _wait_for(port: int) -> None:
    pause = threading.Event()
    for _ in range(1200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            pause.wait(0.05)
        else:
            return
    raise AssertionError("nginx does not listen")
