"""Requests of those who do not mean well, or know no better: personal data in every place where they do not belong."""

import json
import uuid
from http.client import HTTPConnection
from urllib.parse import quote

from yizhengtong.project.demonstration.client import Client


def send_all(port: int, client: Client, texts: list[str]) -> int:
    """Send each text in addresses, headers, bodies and forms; return how many requests it took."""
    requests = [request for text in texts for request in _requests(text)]
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    for method, path, headers, body in requests:
        given = {**client.headers, "Idempotency-Key": str(uuid.uuid4()), **headers}
        try:
            connection.request(method, path, body, given)
            connection.getresponse().read()
        except (OSError, ValueError):
            connection.close()
    connection.close()
    return len(requests)


def _requests(text: str) -> list[tuple[str, str, dict[str, str], bytes | None]]:
    safe, raw = quote(text), text.encode()
    as_json = {"Content-Type": "application/json"}
    header = text.encode().decode("latin-1").replace("\n", "")
    person = {"name": text, "birth_date": text, "sex": "M", "region": "HK", text: text}
    form = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + raw + b'"\r\n\r\n' + raw + b"\r\n--b--\r\n"
    )
    multipart = {"Content-Type": "multipart/form-data; boundary=b"}
    sign_in = json.dumps({"username": text, "password": text}).encode()
    return [
        ("GET", f"/{safe}", {}, None),
        ("GET", f"/?lang={safe}", {}, None),
        ("GET", f"/api/staff/cases?search={safe}&after={safe}", {}, None),
        ("GET", f"/api/staff/cases/{safe}", {}, None),
        (
            "GET",
            "/",
            {"X-Request-ID": header, "Accept-Language": header, "Host": header, "Cookie": f"a={header}"},
            None,
        ),
        ("POST", "/api/resident/person", as_json, json.dumps(person).encode()),
        ("POST", "/api/resident/person", as_json, b"{" + raw),
        ("POST", "/api/resident/person", {**as_json, "Idempotency-Key": header}, b"{}"),
        ("POST", f"/api/resident/applications/{uuid.uuid4()}/evidence", multipart, form),
        (
            "POST",
            "/api/partner/checks",
            {**as_json, "Authorization": f"Bearer {header}"},
            json.dumps({text: 1}).encode(),
        ),
        ("POST", "/_allauth/app/v1/auth/login", as_json, sign_in),
        ("POST", "/_allauth/app/v1/auth/signup", as_json, sign_in),
        ("PATCH", f"/api/resident/applications/{safe}", as_json, json.dumps({"phone": text}).encode()),
    ]
