"""The `c_nonce` of OpenID4VCI 7: made without a statement, spent with one.

The endpoint that gives nonces asks nobody who they are, so it writes nothing: a nonce holds when it ends and a keyed
hash over that. Single use is kept where one is spent, by a row that only a bearer of an access token brings about.
"""

import hashlib
import hmac
import secrets
import time

from django.db import connection

from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.strict import decode_base64url, encode_base64url
from yizhengtong.credentials.issuance.problems import Fault, IssuanceProblem
from yizhengtong.foundation.vault.indexes import keyed_digest

LASTS_SECONDS = 300
"""Ours: long enough for somebody who has to unlock twenty keys by hand."""
_TIME_BYTES, _RANDOM_BYTES, _MAC_BYTES = 5, 16, 16
_LENGTH = _TIME_BYTES + _RANDOM_BYTES + _MAC_BYTES
_PURPOSE = "issuance.nonce"


def new_nonce() -> str:
    """Return a nonce that nobody can foresee."""
    body = int(time.time() + LASTS_SECONDS).to_bytes(_TIME_BYTES, "big") + secrets.token_bytes(_RANDOM_BYTES)
    return encode_base64url(body + _mac(body))


def spend(nonce: str) -> None:
    """Take a nonce, once. Raises IssuanceProblem `invalid_nonce` for one that is not ours, has ended or was spent.

    In the transaction of what it is spent for: what fails has spent nothing and issued nothing.
    """
    expires = _expiry_of(nonce)
    if expires is None or expires < time.time():
        raise IssuanceProblem(Fault.INVALID_NONCE, "the nonce is not ours or has expired")
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, [hashlib.sha256(nonce.encode()).digest(), expires])
        if cursor.rowcount != 1:
            raise IssuanceProblem(Fault.INVALID_NONCE, "the nonce was used before")


def forget_ended() -> int:
    """Delete what was spent and could not be spent again anyway. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM issuance_spentnonce WHERE expires_at < now() - interval '1 hour'")
        return int(cursor.rowcount)


def _expiry_of(nonce: str) -> int | None:
    """Return the Unix time at which a nonce of ours ends; None for any other text."""
    try:
        content = decode_base64url(nonce, "nonce.malformed")
    except FormatProblem:
        return None
    body, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
    is_ours = len(content) == _LENGTH and hmac.compare_digest(mac, _mac(body))
    return int.from_bytes(body[:_TIME_BYTES], "big") if is_ours else None


def _mac(body: bytes) -> bytes:
    return keyed_digest(_PURPOSE, body)[:_MAC_BYTES]


_SPEND = """
    INSERT INTO issuance_spentnonce (nonce, expires_at) VALUES (%s, to_timestamp(%s)) ON CONFLICT DO NOTHING
"""
