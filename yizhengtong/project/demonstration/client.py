"""A small HTTP client for the journeys: what any integrator could write, over the standard library."""

import base64
import hmac
import http.client
import json
import struct
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
"""How long a code lasts: RFC 6238's step."""
_TIMEOUT_SECONDS = 90


class Refused(Exception):
    """The API said no: `status` and the problem document."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')} {problem.get('errors', '')}")
        self.status = status
        self.problem = problem


@dataclass(slots=True)
class Client:
    """One signed-in caller. `etag` is that of the last answer which had one."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""

    def get(self, path: str, **query: object) -> Any:
        joined = "&".join(f"{name}={quote(str(value))}" for name, value in query.items())
        return self._send("GET", f"{path}?{joined}" if joined else path, None, {})

    def post(self, path: str, payload: object = None, *, version: str = "", key: str = "") -> Any:
        return self._send("POST", path, payload, self._guards(version) | {"Idempotency-Key": key or str(uuid.uuid4())})

    def patch(self, path: str, payload: object, *, version: str) -> Any:
        return self._send("PATCH", path, payload, self._guards(version))

    def put(self, path: str, payload: object, *, version: str = "") -> Any:
        return self._send("PUT", path, payload, self._guards(version))

    def delete(self, path: str) -> Any:
        return self._send("DELETE", path, None, {})

    def upload(self, path: str, content: bytes, media_type: str = "image/jpeg", **fields: str) -> Any:
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="paper"\r\n'
        body = b"".join(parts) + f"{head}Content-Type: {media_type}\r\n\r\n".encode() + content
        body += f"\r\n--{boundary}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Idempotency-Key": str(uuid.uuid4()),
        }
        return self._exchange("POST", path, body, headers)

    def send_form(self, path: str, **fields: str) -> Any:
        """Send a form as OAuth's endpoints take it."""
        content = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._exchange("POST", path, urlencode(fields).encode(), content)

    def _guards(self, version: str) -> dict[str, str]:
        return {"If-Match": version} if version else {}

    def _send(self, method: str, path: str, payload: object, headers: Mapping[str, str]) -> Any:
        body = None if payload is None else json.dumps(payload).encode()
        content = {"Content-Type": "application/json"} if body is not None else {}
        return self._exchange(method, path, body, {**content, **headers})

    def _exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body, {**self.headers, **headers})
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        self.etag = response.headers.get("ETag", self.etag)
        is_json = "json" in response.headers.get("Content-Type", "")
        answer = json.loads(content) if content and is_json else content
        if response.status >= http.client.BAD_REQUEST:
            raise Refused(response.status, answer if isinstance(answer, dict) else {"detail": "no problem document"})
        return answer


def sign_up(port: int, username: str, password: str, language: str = "zh-Hans") -> Client:
    """Make a resident's account and return its client."""
    answer = Client(port).post("/_allauth/app/v1/auth/signup", {"username": username, "password": password})
    return Client(port, {"X-Session-Token": answer["meta"]["session_token"], "Accept-Language": language})


def sign_in(port: int, username: str, password: str) -> Client:
    """Sign in without a second factor and return the client."""
    answer = Client(port).post("/_allauth/app/v1/auth/login", {"username": username, "password": password})
    return Client(port, {"X-Session-Token": answer["meta"]["session_token"]})


def sign_in_officer(port: int, username: str, password: str, totp_secret: str) -> Client:
    """Sign an officer in with password and second factor.

    A code is used once and lasts half a minute: one that is refused is followed by the next one, once. Raises Refused.
    """
    client = Client(port)
    try:
        client.post("/_allauth/app/v1/auth/login", {"username": username, "password": password})
    except Refused as pending:  # allauth answers 401 while the second factor is due
        token = pending.problem["meta"]["session_token"]
    client.headers["X-Session-Token"] = token
    try:
        answer = _send_code(client, totp_secret)
    except Refused as refused:
        if refused.status != http.client.BAD_REQUEST:
            raise
        time.sleep(STEP_SECONDS - time.time() % STEP_SECONDS)
        answer = _send_code(client, totp_secret)
    client.headers["X-Session-Token"] = answer["meta"].get("session_token", token)
    return client


def _send_code(client: Client, totp_secret: str) -> Any:
    return client.post("/_allauth/app/v1/auth/2fa/authenticate", {"code": totp(totp_secret, time.time())})


def totp(secret: str, at: float) -> str:
    """Return the six digits of RFC 6238 for a time."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at) // STEP_SECONDS), "sha1")
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
