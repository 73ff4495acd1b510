"""Asking a service outside: the one way in which the platform opens a connection to an address of the network.

Only the configured host, at the address that was checked; no redirects; a bound on time and on size whatever the other
side sends (docs/adr/0028).
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_TRANSLATED = tuple(map(ip_network, ("64:ff9b::/96", "::/96", "fec0::/10")))
"""IPv6 that leads to an IPv4 address that nobody looked at, or into a site (RFC 6052; RFC 4291 2.5.5.1, 2.5.7).

Python calls them global.
"""
Network = IPv4Network | IPv6Network


class OutboundProblem(OSError):
    """The service could not be asked, or answered too much, too slowly or not in HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    retry_after: str = ""


class Service:
    """A service at a configured address. Safe to share; every question has a connection of its own."""

    def __init__(
        self,
        base_url: str,
        *,
        private_networks: Sequence[str] = (),
        timeout_seconds: float = 5.0,
        most_bytes: int = 1024 * 1024,
    ) -> None:
        """`private_networks`: of the operator's own, such as `10.20.0.0/16`; others are never connected to.

        Raises ValueError for an address that is neither https nor http on this machine, or holds a user name.
        """
        parts = urlsplit(base_url)
        self.is_here = parts.hostname in _LOOPBACK
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise ValueError("the address of a service is https://host/path")
        if parts.scheme != "https" and not (parts.scheme == "http" and self.is_here):
            raise ValueError("the address of a service must be https, or http on this machine")
        self.is_encrypted, self.host = parts.scheme == "https", parts.hostname
        self.port = parts.port or (443 if self.is_encrypted else 80)
        self.path, self.timeout_seconds, self.most_bytes = parts.path, timeout_seconds, most_bytes
        self.private_networks: list[Network] = [ip_network(network) for network in private_networks]

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Return what the service answers to `path` below its address. Raises OutboundProblem.

        `path` empty: to the address itself, letter by letter; with a slash at its end it is another one.
        """
        asked = f"{self.path.rstrip('/')}{path}" if path else self.path
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout_seconds)
        try:
            with self._connected() as connection.sock:
                sent = {"Accept-Encoding": "identity", "Connection": "close", **headers}
                connection.request(method, asked, body, sent)
                response = connection.getresponse()
                return Answer(response.status, self._bounded(response), response.headers.get("Retry-After", ""))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise OutboundProblem("a service outside could not be asked") from error
        finally:
            connection.close()

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        """Connect, and cut the connection when the time is over: time-outs of a socket begin anew with each byte."""
        raw = socket.create_connection((self._address(), self.port), timeout=self.timeout_seconds)
        connected = self._encrypted(raw)
        is_over = threading.Event()
        cut = threading.Timer(self.timeout_seconds, _cut, [connected, is_over])
        cut.start()
        try:
            if isinstance(connected, ssl.SSLSocket):
                connected.do_handshake()
            yield connected
        finally:
            cut.cancel()
            connected.close()
        if is_over.is_set():
            raise OutboundProblem("an answer took too long")

    def _encrypted(self, raw: socket.socket) -> socket.socket:
        if not self.is_encrypted:
            return raw
        context = ssl.create_default_context()
        return context.wrap_socket(raw, server_hostname=self.host, do_handshake_on_connect=False)

    def _address(self) -> str:
        """Return the first address of the host; all must be allowed, so that no second look-up gives another."""
        addresses = _looked_up(self.host, self.port, self.timeout_seconds)
        if not addresses or not all(map(self._allows, addresses)):
            raise OutboundProblem("the host of a service lies in a network that is not allowed")
        return addresses[0]

    def _allows(self, address: str) -> bool:
        parsed = ip_address(address.partition("%")[0])
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
            parsed = parsed.ipv4_mapped
        if parsed.is_loopback:
            return self.is_here
        is_ours = any(parsed in network for network in self.private_networks if network.version == parsed.version)
        is_open = parsed.is_global and not parsed.is_multicast and not any(parsed in each for each in _TRANSLATED)
        return is_ours or is_open

    def _bounded(self, response: http.client.HTTPResponse) -> bytes:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise OutboundProblem("a compressed answer was not asked for")
        body = response.read(self.most_bytes + 1)
        if len(body) > self.most_bytes:
            raise OutboundProblem("an answer is too large")
        if response.length:  # so many bytes were announced and never came
            raise OutboundProblem("an answer is cut off")
        return body


def _looked_up(host: str, port: int, seconds: float) -> list[str]:
    """Return the addresses of a host. The system's look-up knows no time-out: one that lasts is left to end by itself.

    Raises OSError, also TimeoutError.
    """
    found: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            found.set_result([str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except Exception as error:  # noqa: BLE001 raised again by who waits
            found.set_exception(error)

    threading.Thread(target=look_up, daemon=True).start()
    return found.result(seconds)


def _cut(connected: socket.socket, is_over: threading.Event) -> None:
    is_over.set()
    with suppress(OSError):  # closed already
        connected.shutdown(socket.SHUT_RDWR)
